package cma

import (
	"net/url"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// blockedJSON is an entry or asset that cannot be published, in the form that
// bulk actions have for one.
type blockedJSON struct {
	Entity      versionedLink       `json:"entity"`
	ContentType *cms.Link           `json:"contentType,omitempty"`
	Error       httpapi.NestedError `json:"error"`
}

// versionedLink is a link to a version of an entity.
type versionedLink struct {
	Sys struct {
		Type     string `json:"type"`
		LinkType string `json:"linkType"`
		ID       string `json:"id"`
		Version  int    `json:"version"`
	} `json:"sys"`
}

func versionOf(s cms.Sys) versionedLink {
	var l versionedLink
	l.Sys.Type, l.Sys.LinkType, l.Sys.ID, l.Sys.Version = "Link", string(s.Kind), s.ID, s.Version
	return l
}

// listPublishBlockers answers what keeps entries and assets from being
// published.
func (a *api) listPublishBlockers(c *httpapi.Call) (httpapi.Reply, error) {
	found, err := a.s.PublishBlockers(c.Context(), c.Place, c.URL.Query())
	if err != nil {
		return httpapi.Reply{}, err
	}
	page := tokenPage(c, found.Limit, "")
	for _, b := range found.Items {
		page.Items = append(page.Items, blockedJSON{versionOf(b.Sys), link(cms.KindContentType, b.ContentType), c.Nested(b.Refusal)})
	}
	if found.Next != "" {
		page.Pages.Next = c.URL.EscapedPath() + "?" + url.Values{"pageNext": {found.Next}}.Encode()
	}
	return httpapi.OK(page), nil
}
