package cma

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// visibilityHeader says whether a new tag is public; it wins over the body.
const visibilityHeader = "X-Contentful-Tag-Visibility"

// tagJSON is a tag of the management API.
type tagJSON struct {
	Name string `json:"name"`
	Sys  tagSys `json:"sys"`
}

type tagSys struct {
	sysJSON
	Visibility string `json:"visibility"`
}

func tagOf(p access.Place, t authoring.Resource[cms.Tag]) tagJSON {
	return tagJSON{Name: t.Value.Name, Sys: tagSys{contentSys(p, t.Sys, false), t.Value.Visibility}}
}

func (a *api) listTags(c *httpapi.Call) (httpapi.Reply, error) {
	found, err := a.s.Tags(c.Context(), c.Place, c.URL.Query())
	if err != nil {
		return httpapi.Reply{}, err
	}
	items := make([]tagJSON, len(found.Items))
	for i, t := range found.Items {
		items[i] = tagOf(c.Place, t)
	}
	return httpapi.OK(collect(items, found.Total, found.Query.Skip, found.Query.Limit)), nil
}

func (a *api) getTag(c *httpapi.Call) (httpapi.Reply, error) {
	t, err := a.s.Tag(c.Context(), c.Place, c.PathValue("id"))
	return ok(tagOf(c.Place, t), err)
}

func (a *api) putTag(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	var body struct {
		Name string `json:"name"`
		Sys  struct {
			Visibility string `json:"visibility"`
		} `json:"sys"`
	}
	if err := c.Decode(&body); err != nil {
		return httpapi.Reply{}, err
	}
	in := authoring.TagInput{Name: body.Name, Visibility: body.Sys.Visibility, VisibilityHeader: c.Header.Get(visibilityHeader)}
	if err := c.Decode(&in.Body); err != nil {
		return httpapi.Reply{}, err
	}
	t, created, err := a.s.PutTag(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, in)
	return saved(tagOf(c.Place, t), created, err)
}

func (a *api) deleteTag(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.NoContent(), a.s.DeleteTag(c.Context(), c.Place, c.Actor, c.PathValue("id"), v)
}
