package cma

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// conceptJSON is a taxonomy concept of the management API.
type conceptJSON struct {
	Sys taxonSys `json:"sys"`
	cms.ConceptView
}

// schemeJSON is a concept scheme of the management API.
type schemeJSON struct {
	Sys taxonSys `json:"sys"`
	cms.ConceptSchemeView
}

type taxonSys struct {
	sysJSON
	Organization *cms.Link `json:"organization"`
	DeprecatedAt string    `json:"deprecatedAt,omitempty"` // of concepts, as all that follows
	DeprecatedBy *cms.Link `json:"deprecatedBy,omitempty"`
	ReplacedBy   *cms.Link `json:"replacedBy,omitempty"`
}

func conceptOf(c *httpapi.Call, concept authoring.Concept) conceptJSON {
	return conceptIn(organization(c), concept)
}

func conceptIn(organization string, concept authoring.Concept) conceptJSON {
	sys := taxonSysOf(organization, concept.Sys)
	if d := concept.Value.Deprecation; d != nil {
		sys.DeprecatedAt, sys.DeprecatedBy, sys.ReplacedBy = millis(d.At), link(cms.KindUser, d.By), link(cms.KindConcept, d.ReplacedBy)
	}
	return conceptJSON{sys, concept.Value.View(concept.Schemes)}
}

func schemeOf(c *httpapi.Call, scheme authoring.Resource[cms.ConceptScheme]) schemeJSON {
	return schemeIn(organization(c), scheme)
}

func schemeIn(organization string, scheme authoring.Resource[cms.ConceptScheme]) schemeJSON {
	return schemeJSON{taxonSysOf(organization, scheme.Sys), scheme.Value.View()}
}

func taxonSysOf(organization string, s cms.Sys) taxonSys {
	return taxonSys{sysJSON: contentSys(access.Place{}, s, false), Organization: link(cms.KindOrganization, organization)}
}

func organization(c *httpapi.Call) string { return c.PathValue("organization") }

// taxa answers with a page of what belongs to the path's organization.
func taxa[T, J any](c *httpapi.Call, find func(context.Context, string, url.Values) (authoring.Found[T], error), show func(*httpapi.Call, T) J) (httpapi.Reply, error) {
	return answer(c, func(ctx context.Context, _ access.Place, params url.Values) (authoring.Found[T], error) {
		return find(ctx, organization(c), params)
	}, func(item T) any { return show(c, item) })
}

func (a *api) listConcepts(c *httpapi.Call) (httpapi.Reply, error) {
	return taxa(c, a.s.Concepts, conceptOf)
}

func (a *api) listAncestors(c *httpapi.Call) (httpapi.Reply, error) {
	return taxa(c, func(ctx context.Context, organization string, params url.Values) (authoring.Found[authoring.Concept], error) {
		return a.s.Ancestors(ctx, organization, c.PathValue("id"), params)
	}, conceptOf)
}

func (a *api) listDescendants(c *httpapi.Call) (httpapi.Reply, error) {
	return taxa(c, func(ctx context.Context, organization string, params url.Values) (authoring.Found[authoring.Concept], error) {
		return a.s.Descendants(ctx, organization, c.PathValue("id"), params)
	}, conceptOf)
}

func (a *api) listConceptSchemes(c *httpapi.Call) (httpapi.Reply, error) {
	return taxa(c, a.s.ConceptSchemes, schemeOf)
}

// countTaxa answers with how many of a kind there are.
func (a *api) countTaxa(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		n, err := a.s.CountTaxa(c.Context(), organization(c), kind)
		return ok(struct {
			Total int `json:"total"`
		}{n}, err)
	}
}

func (a *api) createConcept(c *httpapi.Call) (httpapi.Reply, error) {
	concept, err := a.s.CreateConcept(c.Context(), organization(c), c.Actor, c.Body)
	return saved(conceptOf(c, concept), true, err)
}

func (a *api) getConcept(c *httpapi.Call) (httpapi.Reply, error) {
	concept, err := a.s.Concept(c.Context(), organization(c), c.PathValue("id"))
	return ok(conceptOf(c, concept), err)
}

func (a *api) putConcept(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	concept, created, err := a.s.PutConcept(c.Context(), organization(c), c.Actor, c.PathValue("id"), v, c.Body)
	return saved(conceptOf(c, concept), created, err)
}

func (a *api) patchConcept(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	concept, err := a.s.PatchConcept(c.Context(), organization(c), c.Actor, c.PathValue("id"), v, c.Body)
	return ok(conceptOf(c, concept), err)
}

func (a *api) deleteConcept(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.NoContent(), a.s.DeleteConcept(c.Context(), organization(c), c.Actor, c.PathValue("id"), v)
}

func (a *api) deprecateConcept(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	concept, err := a.s.DeprecateConcept(c.Context(), organization(c), c.Actor, c.PathValue("id"), v, c.Body)
	return ok(conceptOf(c, concept), err)
}

func (a *api) reinstateConcept(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	concept, err := a.s.ReinstateConcept(c.Context(), organization(c), c.Actor, c.PathValue("id"), v)
	return ok(conceptOf(c, concept), err)
}

func (a *api) createConceptScheme(c *httpapi.Call) (httpapi.Reply, error) {
	scheme, err := a.s.CreateConceptScheme(c.Context(), organization(c), c.Actor, c.Body)
	return saved(schemeOf(c, scheme), true, err)
}

func (a *api) getConceptScheme(c *httpapi.Call) (httpapi.Reply, error) {
	scheme, err := a.s.ConceptScheme(c.Context(), organization(c), c.PathValue("id"))
	return ok(schemeOf(c, scheme), err)
}

func (a *api) putConceptScheme(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	scheme, created, err := a.s.PutConceptScheme(c.Context(), organization(c), c.Actor, c.PathValue("id"), v, c.Body)
	return saved(schemeOf(c, scheme), created, err)
}

func (a *api) patchConceptScheme(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	scheme, err := a.s.PatchConceptScheme(c.Context(), organization(c), c.Actor, c.PathValue("id"), v, c.Body)
	return ok(schemeOf(c, scheme), err)
}

func (a *api) deleteConceptScheme(c *httpapi.Call) (httpapi.Reply, error) {
	v, err := version(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	return httpapi.NoContent(), a.s.DeleteConceptScheme(c.Context(), organization(c), c.Actor, c.PathValue("id"), v)
}
