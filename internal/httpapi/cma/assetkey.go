package cma

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// createAssetKey makes a key that URLs of protected files are signed with.
func (a *api) createAssetKey(c *httpapi.Call) (httpapi.Reply, error) {
	key, err := a.embargo.CreateKey(c.Place, c.Actor, c.Body)
	return ok(key, err)
}

// protectionJSON says which files of a space are protected. Its version is that of
// the space.
type protectionJSON struct {
	Sys       sysJSON `json:"sys"`
	Protected string  `json:"protected"`
}

func protectionOf(p access.Place, r authoring.Resource[cms.Protection]) protectionJSON {
	j := protectionJSON{organizationSys(access.Place{SpaceID: p.SpaceID}, r.Sys), string(r.Value)}
	j.Sys.Type, j.Sys.ID = "AssetProtection", ""
	if r.Value == cms.ProtectNone {
		j.Protected = authoring.NoProtection
	}
	return j
}

func (a *api) getProtection(c *httpapi.Call) (httpapi.Reply, error) {
	r, err := a.s.Protection(c.Context(), c.Place)
	return ok(protectionOf(c.Place, r), err)
}

func (a *api) putProtection(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	r, err := a.s.PutProtection(c.Context(), c.Place, c.Actor, v, c.Body)
	return ok(protectionOf(c.Place, r), err)
}
