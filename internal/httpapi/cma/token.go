package cma

import (
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// tokenJSON is a personal access token of the management API.
type tokenJSON struct {
	Name      string   `json:"name"`
	RevokedAt *string  `json:"revokedAt"`
	Scopes    []string `json:"scopes"`
	Token     string   `json:"token,omitempty"` // only in the answer that made it
	Sys       tokenSys `json:"sys"`
}

type tokenSys struct {
	Type          string `json:"type"`
	ID            string `json:"id"`
	CreatedAt     string `json:"createdAt"`
	UpdatedAt     string `json:"updatedAt"`
	ExpiresAt     string `json:"expiresAt,omitempty"`
	RedactedValue string `json:"redactedValue"`
}

func tokenOf(t authoring.Resource[cms.AccessToken]) tokenJSON {
	j := tokenJSON{Name: t.Value.Name, Scopes: t.Value.Scopes, Sys: tokenSys{
		Type: string(t.Kind), ID: t.ID, CreatedAt: seconds(t.CreatedAt), UpdatedAt: seconds(t.UpdatedAt),
		ExpiresAt: seconds(t.Value.ExpiresAt), RedactedValue: t.Value.Redacted,
	}}
	if !t.Value.RevokedAt.IsZero() {
		at := seconds(t.Value.RevokedAt)
		j.RevokedAt = &at
	}
	return j
}

func (a *api) listTokens(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.AccessTokens(c.Context(), c.Actor, c.URL.Query())
	return listed(l, tokenOf, err)
}

func (a *api) createToken(c *httpapi.Call) (httpapi.Reply, error) {
	var body struct {
		Name      string   `json:"name"`
		Scopes    []string `json:"scopes"`
		ExpiresIn *int64   `json:"expiresIn"`
	}
	if err := decodeOnly(c, &body, "sys", "token", "revokedAt"); err != nil {
		return httpapi.Reply{}, err
	}
	t, err := a.s.CreateAccessToken(c.Context(), c.Actor, authoring.AccessTokenInput{Name: body.Name, Scopes: body.Scopes, ExpiresIn: body.ExpiresIn})
	j := tokenOf(t.Resource)
	j.Token = t.Token
	return located(c, t.ID, j, err)
}

func (a *api) getToken(c *httpapi.Call) (httpapi.Reply, error) {
	t, err := a.s.AccessToken(c.Context(), c.Actor, c.PathValue("id"))
	return ok(tokenOf(t), err)
}

func (a *api) revokeToken(c *httpapi.Call) (httpapi.Reply, error) {
	t, err := a.s.RevokeAccessToken(c.Context(), c.Actor, c.PathValue("id"))
	return ok(tokenOf(t), err)
}
