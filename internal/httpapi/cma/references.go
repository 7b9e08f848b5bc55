package cma

import (
	"strconv"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// referencesJSON is an entry with what it links to.
type referencesJSON struct {
	Sys       arraySys                  `json:"sys"`
	Items     []entityJSON              `json:"items"` // the entry, or nothing
	Includes  map[cms.Kind][]entityJSON `json:"includes"`
	Errors    []unresolvedJSON          `json:"errors,omitempty"`
	Truncated bool                      `json:"truncated,omitempty"`
}

// unresolvedJSON is a link to nothing, as delivery reports one.
type unresolvedJSON struct {
	Sys struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"sys"`
	Details cms.LinkSys `json:"details"`
}

// maxReferenceLevels is how deep the tree of references goes.
const maxReferenceLevels = 10

func (a *api) getReferences(c *httpapi.Call) (httpapi.Reply, error) {
	levels, err := referenceLevels(c)
	if err != nil {
		return httpapi.Reply{}, err
	}
	refs, err := a.s.References(c.Context(), c.Place, c.PathValue("id"), levels)
	if err != nil {
		return httpapi.Reply{}, err
	}
	show := func(list []authoring.Entity) []entityJSON {
		out := make([]entityJSON, len(list))
		for i, e := range list {
			out[i] = a.entityOf(c, e)
		}
		return out
	}
	answer := referencesJSON{
		Sys: arraySys{"Array"}, Items: show(refs.Root), Truncated: refs.Truncated,
		Includes: map[cms.Kind][]entityJSON{cms.KindEntry: show(refs.Entries), cms.KindAsset: show(refs.Assets)},
	}
	for _, l := range refs.Unresolved {
		e := unresolvedJSON{Details: l.Sys}
		e.Sys.Type, e.Sys.ID = "error", "notResolvable" // small letters tell it from a whole error
		answer.Errors = append(answer.Errors, e)
	}
	rep, err := httpapi.Encoded(answer)
	if err == nil && len(rep.Raw) > delivery.MaxAnswer {
		return httpapi.Reply{}, delivery.TooLarge("The answer would have %d bytes. Ask for fewer levels with include.", len(rep.Raw))
	}
	return rep, err
}

// referenceLevels reads include; without it there is one level.
func referenceLevels(c *httpapi.Call) (int, error) {
	params := c.URL.Query()
	if !params.Has("include") {
		return 1, nil
	}
	sent := params.Get("include")
	n, err := strconv.Atoi(sent)
	if err != nil || n < 1 || n > maxReferenceLevels {
		message := `The value provided for "include" is invalid. Please provide a value between 1 and 10`
		f := fault.Invalid(fault.InvalidQuery, fault.Detail{Name: "value", Path: []any{"include"}, Value: fault.Raw(sent), Details: message})
		f.Message = message
		return 0, f
	}
	return n, nil
}
