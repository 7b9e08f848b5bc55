package cma

import (
	"net/http"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// contentTypeHeader names the content type of an entry that is created.
const contentTypeHeader = "X-Contentful-Content-Type"

func (a *api) listEntries(c *httpapi.Call) (httpapi.Reply, error) {
	return a.entities(c, a.s.Entries)
}

func (a *api) listPublicEntries(c *httpapi.Call) (httpapi.Reply, error) {
	return a.entities(c, a.s.PublicEntries)
}

func (a *api) createEntry(c *httpapi.Call) (httpapi.Reply, error) {
	in, err := authoring.ParseEntity(cms.KindEntry, c.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.CreateEntry(c.Context(), c.Place, c.Actor, c.Header.Get(contentTypeHeader), in)
	return a.entity(c, e, true, err)
}

func (a *api) getEntry(c *httpapi.Call) (httpapi.Reply, error) {
	if err := whole(c, cms.KindEntry); err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.Entry(c.Context(), c.Place, c.PathValue("id"))
	return a.entity(c, e, false, err)
}

func (a *api) putEntry(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	in, err := authoring.ParseEntity(cms.KindEntry, c.Body)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, created, err := a.s.PutEntry(c.Context(), c.Place, c.Actor, c.PathValue("id"), c.Header.Get(contentTypeHeader), v, in)
	return a.entity(c, e, created, err)
}

func (a *api) patchEntry(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.PatchEntry(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, c.Body)
	return a.entity(c, e, false, err)
}

func (a *api) deleteEntry(c *httpapi.Call) (httpapi.Reply, error) {
	return httpapi.NoContent(), a.s.DeleteEntry(c.Context(), c.Place, c.Actor, c.PathValue("id"))
}

func (a *api) publishEntry(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	change, err := authoring.ParseLocaleChange(cms.KindEntry, c.Body, "add", "remove")
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.PublishEntryLocales(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, change)
	return a.entity(c, e, false, err)
}

func (a *api) unpublishEntry(c *httpapi.Call) (httpapi.Reply, error) {
	change, err := authoring.ParseLocaleChange(cms.KindEntry, c.Body, "remove")
	if err != nil {
		return httpapi.Reply{}, err
	}
	if change == nil { // which ignores a version
		e, err := a.s.UnpublishEntry(c.Context(), c.Place, c.Actor, c.PathValue("id"))
		return a.entity(c, e, false, err)
	}
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	e, err := a.s.PublishEntryLocales(c.Context(), c.Place, c.Actor, c.PathValue("id"), v, change)
	return a.entity(c, e, false, err)
}

func (a *api) archiveEntry(c *httpapi.Call) (httpapi.Reply, error) {
	e, err := a.s.ArchiveEntry(c.Context(), c.Place, c.Actor, c.PathValue("id"))
	return a.entity(c, e, false, err)
}

func (a *api) unarchiveEntry(c *httpapi.Call) (httpapi.Reply, error) {
	e, err := a.s.UnarchiveEntry(c.Context(), c.Place, c.Actor, c.PathValue("id"))
	return a.entity(c, e, false, err)
}

// entity is the answer with one entry or asset.
func (a *api) entity(c *httpapi.Call, e authoring.Entity, created bool, err error) (httpapi.Reply, error) {
	if err != nil {
		return httpapi.Reply{}, err
	}
	raw, err := encodeEntity(c.Place, httpapi.FileBase(c.Request, a.publicURL), e)
	if err != nil {
		return httpapi.Reply{}, fault.Wrap(err, fault.ServerError, "encoding %s %s", e.Kind, e.ID)
	}
	r := httpapi.Reply{Status: http.StatusOK, Raw: raw}
	if created {
		r.Status = http.StatusCreated
	}
	if e.Kind == cms.KindEntry {
		r.Header = acceptPatch
	}
	return r, nil
}
