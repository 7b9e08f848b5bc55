package cma

import (
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// userJSON is a user of the management API. Users do not log in here, so what
// the original says about passwords and confirmation is fixed.
type userJSON struct {
	FirstName         string   `json:"firstName"`
	LastName          string   `json:"lastName"`
	AvatarURL         string   `json:"avatarUrl"`
	Email             string   `json:"email"`
	CookieConsentData *string  `json:"cookieConsentData"`
	Activated         bool     `json:"activated"`
	SignInCount       int      `json:"signInCount"`
	Confirmed         bool     `json:"confirmed"`
	TwoFactor         bool     `json:"2faEnabled"`
	Sys               ownerSys `json:"sys"`
}

func userOf(u authoring.Resource[cms.User]) userJSON {
	return userJSON{
		FirstName: u.Value.FirstName, LastName: u.Value.LastName, Email: u.Value.Email,
		Activated: true, SignInCount: 1, Confirmed: true, Sys: ownerSysOf(u.Sys),
	}
}

func (a *api) getCurrentUser(c *httpapi.Call) (httpapi.Reply, error) {
	u, err := a.s.User(c.Context(), c.Actor.User)
	return ok(userOf(u), err)
}

// listUsers answers for a space and for an organization.
func (a *api) listUsers(c *httpapi.Call) (httpapi.Reply, error) {
	if err := a.organizationExists(c); err != nil {
		return httpapi.Reply{}, err
	}
	l, err := a.s.Users(c.Context(), c.URL.Query())
	return listed(l, userOf, err)
}

func (a *api) getUser(c *httpapi.Call) (httpapi.Reply, error) {
	if err := a.organizationExists(c); err != nil {
		return httpapi.Reply{}, err
	}
	u, err := a.s.User(c.Context(), c.PathValue("id"))
	return ok(userOf(u), err)
}

// organizationExists checks the organization in the path, if there is one.
func (a *api) organizationExists(c *httpapi.Call) error {
	id := c.PathValue("organization")
	if id == "" {
		return nil
	}
	_, err := a.s.Organization(c.Context(), id)
	return err
}
