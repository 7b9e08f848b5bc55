package cma

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// extensionJSON is a UI extension of the management API.
type extensionJSON struct {
	Extension  extensionBody   `json:"extension"`
	Parameters json.RawMessage `json:"parameters,omitempty"`
	Sys        extensionSys    `json:"sys"`
}

type extensionBody struct {
	Name       string                   `json:"name"`
	FieldTypes []cms.ExtensionFieldType `json:"fieldTypes"`
	Src        string                   `json:"src,omitempty"`
	Srcdoc     *string                  `json:"srcdoc,omitempty"`
	Sidebar    bool                     `json:"sidebar"`
	Parameters *cms.ParameterTypes      `json:"parameters,omitempty"`
}

type extensionSys struct {
	sysJSON
	SrcdocSHA256 string `json:"srcdocSha256,omitempty"`
}

func extensionOf(p access.Place, r authoring.Resource[cms.Extension]) extensionJSON {
	e := r.Value
	j := extensionJSON{
		Extension:  extensionBody{Name: e.Name, FieldTypes: e.FieldTypes, Src: e.Src, Sidebar: e.Sidebar, Parameters: e.Parameters},
		Parameters: e.Values, Sys: extensionSys{sysJSON: contentSys(p, r.Sys, false)},
	}
	if e.Src == "" { // then it is the other, which may be empty
		j.Extension.Srcdoc = &e.Srcdoc
	}
	if e.Srcdoc != "" {
		sum := sha256.Sum256([]byte(e.Srcdoc))
		j.Sys.SrcdocSHA256 = hex.EncodeToString(sum[:])
	}
	return j
}

func (a *api) listExtensions(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Extensions(c.Context(), c.Place, c.URL.Query())
	return listed(l, func(e authoring.Resource[cms.Extension]) extensionJSON { return extensionOf(c.Place, e) }, err)
}

func (a *api) getExtension(c *httpapi.Call) (httpapi.Reply, error) {
	e, err := a.s.Extension(c.Context(), c.Place, c.PathValue("id"))
	return ok(extensionOf(c.Place, e), err)
}

func (a *api) createExtension(c *httpapi.Call) (httpapi.Reply, error) {
	in, err := extensionInput(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.CreateExtension(c.Context(), c.Place, c.Actor, in)
	return located(c, e.ID, extensionOf(c.Place, e), err)
}

func (a *api) putExtension(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	in, err := extensionInput(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, created, err := a.s.PutExtension(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, in)
	return saved(extensionOf(c.Place, e), created, err)
}

func extensionInput(c *httpapi.Call) (authoring.ExtensionInput, error) {
	in := authoring.ExtensionInput{Raw: c.Body}
	err := c.Decode(&in)
	return in, err
}

func (a *api) deleteExtension(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.NoContent(), a.s.DeleteExtension(c.Context(), c.Place, c.Actor, c.PathValue("id"), v)
}
