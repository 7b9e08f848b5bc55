package cma

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// keyJSON is an API key or a preview key of the management API.
type keyJSON struct {
	Name         string       `json:"name"`
	Description  *string      `json:"description"`
	AccessToken  string       `json:"accessToken"`
	Policies     []policyJSON `json:"policies"`
	Environments []cms.Link   `json:"environments"`
	PreviewKey   *cms.Link    `json:"preview_api_key,omitempty"`
	Sys          sysJSON      `json:"sys"`
}

type policyJSON struct {
	Effect  string `json:"effect"`
	Actions string `json:"actions"`
}

func keyOf(p access.Place, k authoring.APIKey) keyJSON {
	j := keyJSON{
		Name: k.Value.Name, Description: k.Value.Description, AccessToken: k.Token,
		Policies:     []policyJSON{{Effect: "allow", Actions: "all"}},
		Environments: make([]cms.Link, len(k.Value.Environments)),
		Sys:          organizationSys(access.Place{SpaceID: p.SpaceID}, k.Sys),
	}
	for i, id := range k.Value.Environments {
		j.Environments[i] = cms.LinkTo(cms.KindEnvironment, id)
	}
	if k.Kind == cms.KindAPIKey {
		j.PreviewKey = link(cms.KindPreviewAPIKey, k.Value.Partner)
	}
	return j
}

func (a *api) listKeys(c *httpapi.Call) (httpapi.Reply, error) {
	return a.keys(c, cms.KindAPIKey)
}

func (a *api) listPreviewKeys(c *httpapi.Call) (httpapi.Reply, error) {
	return a.keys(c, cms.KindPreviewAPIKey)
}

func (a *api) keys(c *httpapi.Call, kind cms.Kind) (httpapi.Reply, error) {
	l, err := a.s.APIKeys(c.Context(), c.Place, kind, c.URL.Query())
	return listed(l, func(k authoring.APIKey) keyJSON { return keyOf(c.Place, k) }, err)
}

func (a *api) createKey(c *httpapi.Call) (httpapi.Reply, error) {
	in, err := keyBody(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	k, err := a.s.CreateAPIKey(c.Context(), c.Place, c.Actor, in)
	return located(c, k.ID, keyOf(c.Place, k), err)
}

func (a *api) getKey(c *httpapi.Call) (httpapi.Reply, error) {
	k, err := a.s.APIKey(c.Context(), c.Place, cms.KindAPIKey, c.PathValue("id"))
	return ok(keyOf(c.Place, k), err)
}

func (a *api) getPreviewKey(c *httpapi.Call) (httpapi.Reply, error) {
	k, err := a.s.APIKey(c.Context(), c.Place, cms.KindPreviewAPIKey, c.PathValue("id"))
	return ok(keyOf(c.Place, k), err)
}

func (a *api) putKey(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	in, err := keyBody(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	k, created, err := a.s.PutAPIKey(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, in)
	return saved(keyOf(c.Place, k), created, err)
}

func (a *api) deleteKey(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteAPIKey(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}

func keyBody(c *httpapi.Call) (authoring.APIKeyInput, error) {
	var body struct {
		Name         string          `json:"name"`
		Description  *string         `json:"description"`
		Environments json.RawMessage `json:"environments"`
	}
	err := decodeOnly(c, &body, "sys", "accessToken", "policies", "preview_api_key")
	return authoring.APIKeyInput{Name: body.Name, Description: body.Description, Environments: body.Environments}, err
}
