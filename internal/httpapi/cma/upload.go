package cma

import (
	"io"
	"mime"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// uploadJSON is an upload of the upload API.
type uploadJSON struct {
	Sys uploadSys `json:"sys"`
}

type uploadSys struct {
	ID          string    `json:"id"`
	Type        string    `json:"type"`
	CreatedAt   string    `json:"createdAt"`
	ExpiresAt   string    `json:"expiresAt"`
	Space       *cms.Link `json:"space"`
	Environment *cms.Link `json:"environment,omitempty"`
	CreatedBy   *cms.Link `json:"createdBy"`
}

func uploadOf(p access.Place, u authoring.Resource[authoring.Upload]) uploadJSON {
	return uploadJSON{uploadSys{
		ID: u.ID, Type: string(u.Kind),
		CreatedAt: millis(u.CreatedAt.Truncate(time.Second)), ExpiresAt: millis(u.Value.ExpiresAt),
		Space: link(cms.KindSpace, p.SpaceID), Environment: link(cms.KindEnvironment, u.Value.Environment),
		CreatedBy: link(cms.KindUser, u.CreatedBy),
	}}
}

func (a *api) createUpload(c *httpapi.Call) (httpapi.Reply, error) {
	var body io.Reader = c.Request.Body
	if isJSON(c.Header.Get("Content-Type")) {
		var err error
		if body, err = authoring.UnquoteUpload(body); err != nil {
			return httpapi.Reply{}, err
		}
	}
	u, err := a.s.CreateUpload(c.Context(), c.Place, c.Actor, body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.Created(uploadOf(c.Place, u)), nil
}

func (a *api) getUpload(c *httpapi.Call) (httpapi.Reply, error) {
	u, err := a.s.Upload(c.Context(), c.Place, c.PathValue("id"))
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.OK(uploadOf(c.Place, u)), nil
}

func (a *api) deleteUpload(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteUpload(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}

// isJSON reports whether a media type is JSON.
func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "application/json" || strings.HasSuffix(t, "+json"))
}
