package cma

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// pastJSON is a version in the history of an entry, asset or content type.
type pastJSON struct {
	Sys    pastSys `json:"sys"`
	Entity any     `json:"entity,omitempty"` // the whole of it, when one is asked for
}

type pastSys struct {
	Type        string    `json:"type"`
	Version     int       `json:"version"`
	Action      string    `json:"action"`
	CreatedAt   string    `json:"createdAt"`
	CreatedBy   *cms.Link `json:"createdBy,omitempty"`
	Entity      *cms.Link `json:"entity"`
	Space       *cms.Link `json:"space"`
	Environment *cms.Link `json:"environment"`
}

func pastOf(c *httpapi.Call, kind cms.Kind, s authoring.Step) pastSys {
	return pastSys{
		Type: "Version", Version: s.Version, Action: string(s.Action), CreatedAt: millis(s.At), CreatedBy: link(cms.KindUser, s.By),
		Entity: link(kind, c.PathValue("id")), Space: link(cms.KindSpace, c.Place.SpaceID), Environment: link(cms.KindEnvironment, c.Place.EnvironmentID),
	}
}

// contentOf encodes a resource of one of the kinds that have a history.
func (a *api) contentOf(c *httpapi.Call, content authoring.Content) any {
	switch {
	case content.Entity != nil:
		return a.entityOf(c, *content.Entity)
	case content.ContentType != nil:
		return contentTypeOf(c.Place, *content.ContentType)
	}
	return tagOf(c.Place, *content.Tag)
}

// listHistory answers all versions of an entry, asset or content type.
func (a *api) listHistory(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		steps, err := a.s.History(c.Context(), c.Place, kind, c.PathValue("id"), c.URL.Query())
		if err != nil {
			return httpapi.Reply{}, err
		}
		page := tokenPage(c, steps.Limit, steps.Next)
		for _, s := range steps.Items {
			page.Items = append(page.Items, pastJSON{Sys: pastOf(c, kind, s)})
		}
		return httpapi.OK(page), nil
	}
}

// tokenPage is a page whose next one is found by a token. It has no items yet.
func tokenPage(c *httpapi.Call, limit int, next string) cursored {
	page := cursored{Sys: arraySys{"Array"}, Limit: limit, Items: []any{}}
	if next != "" {
		params := c.URL.Query()
		params.Set("pageNext", next)
		page.Pages.Next = c.URL.EscapedPath() + "?" + params.Encode()
	}
	return page
}

func (a *api) getHistory(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		past, err := a.s.PastVersion(c.Context(), c.Place, kind, c.PathValue("id"), c.PathValue("version"))
		if err != nil {
			return httpapi.Reply{}, err
		}
		return httpapi.OK(pastJSON{pastOf(c, kind, past.Step), a.contentOf(c, past.Content)}), nil
	}
}

// comparisonJSON is what differs between two versions.
type comparisonJSON struct {
	Sys         arraySys               `json:"sys"`
	From        pastSys                `json:"from"`
	To          pastSys                `json:"to"`
	Differences []authoring.Difference `json:"differences"`
}

func (a *api) compareHistory(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		found, err := a.s.Compare(c.Context(), c.Place, kind, c.PathValue("id"), c.URL.Query())
		if err != nil {
			return httpapi.Reply{}, err
		}
		if kind == cms.KindAsset {
			a.publicDifferences(c, found.Differences)
		}
		return httpapi.OK(comparisonJSON{arraySys{"Comparison"}, pastOf(c, kind, found.From), pastOf(c, kind, found.To), found.Differences}), nil
	}
}

// publicDifferences makes the addresses of files public.
func (a *api) publicDifferences(c *httpapi.Call, differences []authoring.Difference) {
	bases := newBases(c.Place, httpapi.FileBase(c.Request, a.publicURL), nil)
	for i := range differences {
		d := &differences[i]
		if len(d.Path) != 3 || d.Path[1] != cms.AssetFile {
			continue
		}
		for _, file := range []*json.RawMessage{&d.From, &d.To} {
			if *file != nil {
				*file = publicFile(bases, *file)
			}
		}
	}
}

// restoreHistory is the handler that makes a version of the past the newest one.
func restoreHistory(kind cms.Kind) func(*api, *httpapi.Call) (httpapi.Reply, error) {
	return func(a *api, c *httpapi.Call) (httpapi.Reply, error) {
		v, err := version(c)
		if err != nil {
			return httpapi.Reply{}, err
		}
		some, err := portion(c, kind)
		if err != nil {
			return httpapi.Reply{}, err
		}
		content, err := a.s.RestoreVersion(c.Context(), c.Place, c.Actor, kind, c.PathValue("id"), c.PathValue("version"), v, some)
		if err != nil {
			return httpapi.Reply{}, err
		}
		return httpapi.OK(a.contentOf(c, content)), nil
	}
}

// portion reads which part of a version is restored; nil is everything. A content
// type is restored whole.
func portion(c *httpapi.Call, kind cms.Kind) (*authoring.Portion, error) {
	var members map[string]json.RawMessage
	if err := c.Decode(&members); err != nil || len(members) == 0 {
		return nil, err
	}
	known := []string{"fields", "metadata"}
	if kind == cms.KindContentType {
		return nil, fault.New(fault.BadRequest, "A content type is restored whole. Leave out the body.")
	}
	if err := authoring.OnlyKeys(members, known); err != nil {
		return nil, err
	}
	var body struct {
		Fields   map[string][]string `json:"fields"`
		Metadata bool                `json:"metadata"`
	}
	if err := c.Decode(&body); err != nil {
		return nil, err
	}
	return &authoring.Portion{Fields: body.Fields, Metadata: body.Metadata}, nil
}

// trashJSON is an item of the trash.
type trashJSON struct {
	Sys    trashSys `json:"sys"`
	Entity any      `json:"entity,omitempty"` // the whole of it, when one is asked for
}

type trashSys struct {
	Type        string    `json:"type"`
	ID          string    `json:"id"`
	DeletedAt   string    `json:"deletedAt"`
	DeletedBy   *cms.Link `json:"deletedBy,omitempty"`
	ExpiresAt   string    `json:"expiresAt"`
	Version     int       `json:"version"`
	Entity      *cms.Link `json:"entity"`
	ContentType *cms.Link `json:"contentType,omitempty"`
	Space       *cms.Link `json:"space"`
	Environment *cms.Link `json:"environment"`
}

func trashOf(c *httpapi.Call, t authoring.TrashItem) trashSys {
	return trashSys{
		Type: "TrashItem", ID: t.ID, DeletedAt: millis(t.DeletedAt), DeletedBy: link(cms.KindUser, t.DeletedBy), ExpiresAt: millis(t.ExpiresAt),
		Version: t.Sys.Version, Entity: link(t.Sys.Kind, t.Sys.ID), ContentType: link(cms.KindContentType, t.Sys.ContentType),
		Space: link(cms.KindSpace, c.Place.SpaceID), Environment: link(cms.KindEnvironment, c.Place.EnvironmentID),
	}
}

func (a *api) listTrash(c *httpapi.Call) (httpapi.Reply, error) {
	found, err := a.s.Trash(c.Context(), c.Place, c.URL.Query())
	if err != nil {
		return httpapi.Reply{}, err
	}
	page := tokenPage(c, found.Limit, found.Next)
	for _, t := range found.Items {
		page.Items = append(page.Items, trashJSON{Sys: trashOf(c, t)})
	}
	return httpapi.OK(page), nil
}

func (a *api) getTrash(c *httpapi.Call) (httpapi.Reply, error) {
	t, content, err := a.s.TrashItem(c.Context(), c.Place, c.PathValue("id"))
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.OK(trashJSON{trashOf(c, t), a.contentOf(c, content)}), nil
}

func (a *api) restoreTrash(c *httpapi.Call) (httpapi.Reply, error) {
	content, err := a.s.RestoreFromTrash(c.Context(), c.Place, c.Actor, c.PathValue("id"))
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.OK(a.contentOf(c, content)), nil
}

func (a *api) deleteTrash(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.RemoveFromTrash(c.Context(), c.Place, c.PathValue("id"))
}
