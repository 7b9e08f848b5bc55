package cma

import (
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/query"
)

// acceptPatch says that entries can be patched.
var acceptPatch = http.Header{"Accept-Patch": {"application/json-patch+json"}}

// version reads X-Contentful-Version.
func version(c *httpapi.Call) (authoring.Version, error) {
	n, sent, err := c.Version()
	return authoring.Version{Number: n, Sent: sent}, err
}

// decode is c.Decode for resources of the organization service, which has a
// message of its own for what is wrong with a body.
func decode(c *httpapi.Call, dst any) error {
	err := c.Decode(dst)
	if fault.Is(err, fault.ValidationFailed) {
		fault.Of(err).Message = authoring.InvalidResource
	}
	return err
}

// decodeOnly is decode into a struct for a body that may have no other keys than
// the struct and those that clients may send back as they got them.
func decodeOnly(c *httpapi.Call, dst any, sentBack ...string) error {
	var members map[string]json.RawMessage
	if json.Unmarshal(c.Body, &members) == nil { // else decode says what is wrong
		var known []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(dst).Elem()) {
			known = append(known, f.Tag.Get("json"))
		}
		if err := authoring.OnlyKeys(members, known, sentBack...); err != nil {
			return err
		}
	}
	return decode(c, dst)
}

// selected is what select leaves of an item: nil selects everything.
func selected(sel *query.Select, item any) (any, error) {
	if sel == nil {
		return item, nil
	}
	body, err := json.Marshal(item)
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "encoding an item")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "reading an item back")
	}
	out := map[string]any{}
	for _, name := range sel.Members {
		if raw, ok := members[name]; ok {
			out[name] = raw
		}
	}
	for _, part := range []struct {
		name  string
		whole bool
		names []string
	}{
		{"sys", sel.Sys, sel.SysNames},
		{"fields", sel.Fields, sel.FieldIDs},
		{"metadata", sel.Metadata, sel.MetadataNames},
	} {
		raw, ok := members[part.name]
		switch {
		case !ok:
		case part.whole:
			out[part.name] = raw
		case len(part.names) > 0:
			some, err := pick(raw, part.names)
			if err != nil {
				return nil, err
			}
			out[part.name] = some
		}
	}
	return out, nil
}

// pick keeps the named members of an object.
func pick(raw json.RawMessage, names []string) (map[string]json.RawMessage, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "reading a part of an item back")
	}
	some := map[string]json.RawMessage{}
	for _, n := range names {
		if v, ok := all[n]; ok {
			some[n] = v
		}
	}
	return some, nil
}
