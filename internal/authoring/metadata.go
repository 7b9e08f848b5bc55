package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
)

// parseMetadata reads the metadata of an entry's or asset's body: null is
// empty, an object must have tags. Problems are of the kind the entity's other
// problems have.
func parseMetadata(raw json.RawMessage) (cms.Metadata, []fault.Detail) {
	var m cms.Metadata
	if isNull(raw) {
		return m, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return m, []fault.Detail{wrongType("metadata", "Object", raw, "metadata")}
	}
	var problems []fault.Detail
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := members[name]
		switch name {
		case "tags":
			m.Tags = parseLinks(value, cms.KindTag, &problems, "metadata", name)
		case "concepts":
			m.Concepts = parseLinks(value, cms.KindConcept, &problems, "metadata", name)
		default:
			problems = append(problems, unknown(value, []string{"tags", "concepts"}, "metadata", name))
		}
	}
	if _, ok := members["tags"]; !ok {
		// the original names this path from metadata on, and only this one
		problems = append(problems, fault.Detail{Name: "required", Path: []any{"tags"}, Details: `The property "tags" is required here`, At: []any{"metadata", "tags"}})
	}
	return m, problems
}

// parseLinks reads the list of links of one type at a path; repeats are dropped.
func parseLinks(raw json.RawMessage, linkType cms.Kind, problems *[]fault.Detail, path ...any) []string {
	var items []json.RawMessage
	if isNull(raw) || json.Unmarshal(raw, &items) != nil {
		*problems = append(*problems, wrongType(fmt.Sprint(path[len(path)-1]), "Array", raw, path...))
		return nil
	}
	var ids []string
	for i, item := range items {
		var l cms.Link
		if json.Unmarshal(item, &l) != nil || l.Sys.Type != "Link" || l.Sys.LinkType != string(linkType) || l.Sys.ID == "" {
			*problems = append(*problems, wrongType("value", "Link", item, slices.Concat(path, []any{i})...))
			continue
		}
		if !slices.Contains(ids, l.Sys.ID) {
			ids = append(ids, l.Sys.ID)
		}
	}
	return ids
}

// checkTags reports tags that do not exist, as UnresolvedLinks. It asks inside
// the transaction that gives them, so none of them can be deleted meanwhile.
func checkTags(ctx context.Context, tx store.Tx, p access.Place, m cms.Metadata) error {
	if len(m.Tags) == 0 {
		return nil
	}
	known, err := tx.GetMany(ctx, p.Environment, cms.KindTag, m.Tags)
	if err != nil {
		return err
	}
	var problems []fault.Detail
	var absent []string
	for i, id := range m.Tags {
		if slices.ContainsFunc(known, func(h store.Head) bool { return h.ID == id }) {
			continue
		}
		absent = append(absent, id)
		problems = append(problems, fault.Detail{Name: "notResolvable", Path: []any{"metadata", "tags", i},
			Details: fmt.Sprintf("There is no tag %q.", id), Link: cms.LinkTo(cms.KindTag, id).Sys})
	}
	if err := suggestTargets(ctx, tx, p.Environment, problems, absent, cms.KindTag); err != nil {
		return err
	}
	if problems != nil {
		return fault.Invalid(fault.UnresolvedLinks, problems...)
	}
	return nil
}

// wrongType is the problem of a value with the wrong JSON type.
func wrongType(property, want string, value json.RawMessage, path ...any) fault.Detail {
	return fault.Detail{Name: "type", Type: want, Value: value, Path: path,
		Details: fmt.Sprintf("The type of %q is incorrect, expected type: %s", property, want)}
}

// unknown is the problem of a member that does not exist here, the last of path,
// among those that do.
func unknown(value json.RawMessage, known []string, path ...any) fault.Detail {
	name := fmt.Sprint(path[len(path)-1])
	d := fault.Detail{Name: "unknown", Value: value, Path: path, Details: fmt.Sprintf("The property %q is not allowed here.", name),
		Suggestions: nearest.Likely(name, slices.Values(known))}
	if d.Suggestions == nil {
		d.Details += " Use " + nearest.Quoted(known) + "."
	}
	return d
}

func isNull(raw json.RawMessage) bool { return string(raw) == "null" }
