package cma

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// localeJSON is a locale of the management API.
type localeJSON struct {
	Name         string  `json:"name"`
	InternalCode string  `json:"internal_code"`
	Code         string  `json:"code"`
	FallbackCode *string `json:"fallbackCode"`
	Default      bool    `json:"default"`
	Management   bool    `json:"contentManagementApi"`
	Delivery     bool    `json:"contentDeliveryApi"`
	Optional     bool    `json:"optional"`
	Sys          sysJSON `json:"sys"`
}

func localeOf(p access.Place, r authoring.Resource[cms.Locale]) localeJSON {
	l := r.Value
	return localeJSON{
		Name: l.Name, InternalCode: l.Key, Code: l.Code, FallbackCode: l.FallbackCode, Default: l.Default,
		Management: l.Management, Delivery: l.Delivery, Optional: l.Optional, Sys: organizationSys(p, r.Sys),
	}
}

func (a *api) listLocales(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Locales(c.Context(), c.Place, c.URL.Query())
	return listed(l, func(r authoring.Resource[cms.Locale]) localeJSON { return localeOf(c.Place, r) }, err)
}

func (a *api) createLocale(c *httpapi.Call) (httpapi.Reply, error) {
	var body map[string]json.RawMessage
	if err := c.Decode(&body); err != nil {
		return httpapi.Reply{}, err
	}
	l, err := a.s.CreateLocale(c.Context(), c.Place, c.Actor, body)
	return located(c, l.ID, localeOf(c.Place, l), err)
}

func (a *api) getLocale(c *httpapi.Call) (httpapi.Reply, error) {
	l, err := a.s.Locale(c.Context(), c.Place, c.PathValue("id"))
	return ok(localeOf(c.Place, l), err)
}

func (a *api) putLocale(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	var body map[string]json.RawMessage
	if err := c.Decode(&body); err != nil {
		return httpapi.Reply{}, err
	}
	l, err := a.s.PutLocale(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, body)
	return ok(localeOf(c.Place, l), err)
}

func (a *api) deleteLocale(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteLocale(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}
