package authoring

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Comparison is what differs between two versions of a resource.
type Comparison struct {
	From, To    Step
	Differences []Difference
}

// Difference is one value that differs, with the place it has in the body of the
// resource.
type Difference struct {
	Op   string          `json:"op"` // add, remove or replace; move: the same fields in another order
	Path []any           `json:"path"`
	From json.RawMessage `json:"from,omitempty"`
	To   json.RawMessage `json:"to,omitempty"`
}

// Compare says what differs between the versions "from" and "to" of an entry, asset
// or content type; without "to" it is the newest.
func (s *Service) Compare(ctx context.Context, p access.Place, kind cms.Kind, id string, params url.Values) (Comparison, error) {
	problems := unknownParams(params, "from", "to")
	for _, name := range []string{"from", "to"} {
		v := last(params, name)
		if v == "" && name == "to" {
			continue
		}
		if _, err := strconv.Atoi(v); err != nil {
			problems = append(problems, badParam(name, v, "Please provide the number of a version."))
		}
	}
	if problems != nil {
		return Comparison{}, fault.Invalid(fault.InvalidQuery, problems...)
	}
	h, err := s.remembered(ctx, p, kind, id)
	if err != nil {
		return Comparison{}, err
	}
	to := last(params, "to")
	if to == "" {
		to = strconv.Itoa(h.Version)
	}
	model, err := s.model(ctx, p)
	if err != nil {
		return Comparison{}, err
	}
	var changes [2]store.Change
	var contents [2]Content
	for i, version := range []string{last(params, "from"), to} {
		c, sys, err := s.version(ctx, p, h, version)
		if err != nil {
			return Comparison{}, err
		}
		changes[i] = c
		if contents[i], err = s.contentAt(ctx, p, model, sys, c); err != nil {
			return Comparison{}, err
		}
	}
	out := Comparison{From: stepOf(changes[0]), To: stepOf(changes[1])}
	if kind == cms.KindContentType {
		out.Differences, err = compareTypes(&contents[0].ContentType.Value, &contents[1].ContentType.Value)
		return out, err
	}
	out.Differences = compareEntities(contents[0].Entity, contents[1].Entity)
	return out, nil
}

// differ adds the difference between two values, if there is one; nil is none.
func differ(all []Difference, from, to json.RawMessage, path ...any) []Difference {
	if cms.SameValue(from, to) {
		return all
	}
	d := Difference{Op: "replace", Path: path, From: from, To: to}
	switch {
	case from == nil:
		d.Op = "add"
	case to == nil:
		d.Op = "remove"
	}
	return append(all, d)
}

// compareEntities goes through the fields of both, locale by locale, and then
// through what is around them.
func compareEntities(from, to *Entity) []Difference {
	all := []Difference{}
	type place struct{ id, key string }
	var fields []place
	for _, ct := range []*cms.ContentType{to.Type, from.Type} {
		for _, f := range ct.Fields {
			if at := (place{f.ID, f.Key}); !slices.Contains(fields, at) {
				fields = append(fields, at)
			}
		}
	}
	locales := slices.Clone(to.Locales)
	for _, l := range from.Locales {
		if !slices.ContainsFunc(locales, func(other cms.Locale) bool { return other.Key == l.Key }) {
			locales = append(locales, l)
		}
	}
	for _, f := range fields {
		for _, l := range locales {
			if l.Management {
				all = differ(all, from.Document.Fields[f.key][l.Key], to.Document.Fields[f.key][l.Key], "fields", f.id, l.Code)
			}
		}
	}
	was, is := from.Document.Metadata.Links(), to.Document.Metadata.Links()
	all = differ(all, fault.Raw(was.Tags), fault.Raw(is.Tags), "metadata", "tags")
	return differ(all, fault.Raw(was.Concepts), fault.Raw(is.Concepts), "metadata", "concepts")
}

// compareTypes goes through the members of both, and through those of their fields.
// A field is the same as long as it has the same values, whatever it is called.
func compareTypes(from, to *cms.ContentType) ([]Difference, error) {
	all := []Difference{}
	all = differ(all, fault.Raw(from.Name), fault.Raw(to.Name), "name")
	all = differ(all, fault.Raw(from.Description), fault.Raw(to.Description), "description")
	all = differ(all, fault.Raw(from.DisplayField), fault.Raw(to.DisplayField), "displayField")
	all = differ(all, from.Metadata, to.Metadata, "metadata")
	before := map[string]cms.Field{}
	for _, f := range from.Fields {
		before[f.Key] = f
	}
	var common []string
	for _, f := range to.Fields {
		was, ok := before[f.Key]
		now, err := members(f)
		if err != nil {
			return nil, err
		}
		if !ok {
			all = differ(all, nil, fault.Raw(now), "fields", f.ID)
			continue
		}
		common = append(common, f.Key)
		then, err := members(was)
		if err != nil {
			return nil, err
		}
		delete(before, f.Key)
		names := maps.Clone(now)
		maps.Copy(names, then)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			all = differ(all, then[name], now[name], "fields", f.ID, name)
		}
	}
	for _, f := range from.Fields {
		if _, lost := before[f.Key]; lost {
			then, err := members(f)
			if err != nil {
				return nil, err
			}
			all = differ(all, fault.Raw(then), nil, "fields", f.ID)
		}
	}
	if then := order(from, common); !slices.Equal(then, order(to, common)) {
		all = append(all, Difference{Op: "move", Path: []any{"fields"}, From: fault.Raw(fieldIDs(from)), To: fault.Raw(fieldIDs(to))})
	}
	return all, nil
}

// members are the members of a field that clients know.
func members(f cms.Field) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(fault.Raw(f), &all); err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "reading a field")
	}
	delete(all, "key")
	return all, nil
}

// order are those of keys that fields have, in their order.
func order(ct *cms.ContentType, keys []string) []string {
	var out []string
	for _, f := range ct.Fields {
		if slices.Contains(keys, f.Key) {
			out = append(out, f.Key)
		}
	}
	return out
}

func fieldIDs(ct *cms.ContentType) []string {
	ids := make([]string, len(ct.Fields))
	for i := range ct.Fields {
		ids[i] = ct.Fields[i].ID
	}
	return ids
}

// restoreContentType saves an earlier version of a content type. A field that is
// called otherwise now gets the name it had, and keeps its values.
func (s *Service) restoreContentType(ctx context.Context, p access.Place, a access.Actor, id, version string, v Version) (Content, error) {
	h, err := s.Store.Get(ctx, p.Environment, cms.KindContentType, id)
	if err != nil {
		return Content{}, missing(err, p, cms.KindContentType, id)
	}
	if err := v.check(h.Sys); err != nil {
		return Content{}, err
	}
	c, sys, err := s.version(ctx, p, h, version)
	if err != nil {
		return Content{}, err
	}
	then, err := bodyAt[cms.ContentType](ctx, s, sys, c.DraftAfter)
	if err != nil {
		return Content{}, err
	}
	now, err := bodyAt[cms.ContentType](ctx, s, h.Sys, h.Draft)
	if err != nil {
		return Content{}, err
	}
	body := map[string]any{"name": then.Value.Name, "description": then.Value.Description, "displayField": then.Value.DisplayField}
	if then.Value.Metadata != nil {
		body["metadata"] = then.Value.Metadata
	}
	fields := make([]map[string]json.RawMessage, len(then.Value.Fields))
	for i, f := range then.Value.Fields {
		if fields[i], err = members(f); err != nil {
			return Content{}, err
		}
		at := slices.IndexFunc(now.Value.Fields, func(g cms.Field) bool { return g.Key == f.Key })
		if at >= 0 && now.Value.Fields[at].ID != f.ID {
			fields[i]["id"], fields[i]["newId"] = fault.Raw(now.Value.Fields[at].ID), fault.Raw(f.ID)
		}
	}
	body["fields"] = fields
	ct, _, err := s.PutContentType(ctx, p, a, id, v, fault.Raw(body))
	return Content{ContentType: &ct}, err
}
