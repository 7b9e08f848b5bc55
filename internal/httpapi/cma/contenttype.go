package cma

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// contentTypeJSON is a content type of the management API.
type contentTypeJSON struct {
	Sys          contentTypeSys  `json:"sys"`
	DisplayField *string         `json:"displayField"`
	Name         string          `json:"name"`
	Description  *string         `json:"description"`
	Fields       []fieldJSON     `json:"fields"`
	Metadata     json.RawMessage `json:"metadata,omitempty"`
}

type contentTypeSys struct {
	sysJSON
	URN string `json:"urn"`
}

// fieldJSON is a field with its public name only: tools refuse fields with
// members they do not know.
type fieldJSON struct {
	ID               string           `json:"id"`
	Name             string           `json:"name"`
	Type             cms.FieldType    `json:"type"`
	Localized        bool             `json:"localized"`
	Required         bool             `json:"required"`
	Validations      []cms.Validation `json:"validations"`
	Disabled         bool             `json:"disabled"`
	Omitted          bool             `json:"omitted"`
	DefaultValue     json.RawMessage  `json:"defaultValue,omitempty"`
	LinkType         string           `json:"linkType,omitempty"`
	Items            *cms.Items       `json:"items,omitempty"`
	AllowedResources json.RawMessage  `json:"allowedResources,omitempty"`
}

func contentTypeOf(p access.Place, ct authoring.Resource[cms.ContentType]) contentTypeJSON {
	j := contentTypeJSON{
		Sys:          contentTypeSys{contentSys(p, ct.Sys, true), urn(p, ct.Sys)},
		DisplayField: ct.Value.DisplayField, Name: ct.Value.Name, Description: ct.Value.Description,
		Fields: make([]fieldJSON, len(ct.Value.Fields)), Metadata: ct.Value.Metadata,
	}
	for i, f := range ct.Value.Fields {
		j.Fields[i] = fieldJSON{
			ID: f.ID, Name: f.Name, Type: f.Type, Localized: f.Localized, Required: f.Required,
			Validations: f.Validations, Disabled: f.Disabled, Omitted: f.Omitted, DefaultValue: f.DefaultValue,
			LinkType: f.LinkType, Items: f.Items, AllowedResources: f.AllowedResources,
		}
	}
	return j
}

func (a *api) listContentTypes(c *httpapi.Call) (httpapi.Reply, error) {
	return a.contentTypes(c, a.s.ContentTypes)
}

func (a *api) listPublicContentTypes(c *httpapi.Call) (httpapi.Reply, error) {
	return a.contentTypes(c, a.s.PublicContentTypes)
}

func (a *api) contentTypes(c *httpapi.Call, find find[authoring.Resource[cms.ContentType]]) (httpapi.Reply, error) {
	return answer(c, find, func(ct authoring.Resource[cms.ContentType]) any { return contentTypeOf(c.Place, ct) })
}

func (a *api) createContentType(c *httpapi.Call) (httpapi.Reply, error) {
	ct, err := a.s.CreateContentType(c.Context(), c.Place, c.Actor, c.Body)
	return a.contentType(c, ct, true, err)
}

func (a *api) getContentType(c *httpapi.Call) (httpapi.Reply, error) {
	ct, err := a.s.ContentType(c.Context(), c.Place, c.PathValue("id"))
	return a.contentType(c, ct, false, err)
}

func (a *api) getPublicContentType(c *httpapi.Call) (httpapi.Reply, error) {
	ct, err := a.s.PublicContentType(c.Context(), c.Place, c.PathValue("id"))
	return a.contentType(c, ct, false, err)
}

func (a *api) putContentType(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	ct, created, err := a.s.PutContentType(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, c.Body)
	return a.contentType(c, ct, created, err)
}

func (a *api) deleteContentType(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteContentType(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}

func (a *api) publishContentType(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	ct, err := a.s.PublishContentType(c.Context(), c.Place, c.Actor, c.PathValue("id"), v)
	return a.contentType(c, ct, false, err)
}

func (a *api) unpublishContentType(c *httpapi.Call) (httpapi.Reply, error) {
	ct, err := a.s.UnpublishContentType(c.Context(), c.Place, c.Actor, c.PathValue("id"))
	return a.contentType(c, ct, false, err)
}

func (a *api) contentType(c *httpapi.Call, ct authoring.Resource[cms.ContentType], created bool, err error) (httpapi.Reply, error) {
	if err != nil {
		return httpapi.Reply{}, err
	}
	if created {
		return httpapi.Created(contentTypeOf(c.Place, ct)), nil
	}
	return httpapi.OK(contentTypeOf(c.Place, ct)), nil
}
