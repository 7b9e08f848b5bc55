package validate

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// ContentTypeRequest is the body of a write to a content type, checked and in
// normal form. It has no field keys yet; see ContentTypeChange.
type ContentTypeRequest struct {
	Name         string
	Description  *string
	DisplayField *string // id that the field has after this write
	Fields       []FieldRequest
	Metadata     json.RawMessage // nil when the request has none
}

// FieldRequest is one field of the request under the id it has so far.
type FieldRequest struct {
	cms.Field
	NewID   string // id from now on, or ""
	Deleted bool   // asks for removal, like leaving the field out
}

// finalID is the id after this write.
func (f *FieldRequest) finalID() string {
	if f.NewID != "" {
		return f.NewID
	}
	return f.ID
}

// ContentType reads and checks the body of a write to a content type. sys and
// the old apiName of fields are ignored.
//
// Errors: fault.ValidationFailed with every problem; fault.BadRequest for a
// body that is no JSON.
func ContentType(body json.RawMessage) (*ContentTypeRequest, error) {
	if !json.Valid(body) {
		f := fault.New(fault.BadRequest, "Invalid JSON in request body: %s", body)
		f.Quoted = string(body)
		return nil, f
	}
	var p problems
	o, ok := rawObject(&p, body, nil)
	if !ok {
		return nil, p.err(fault.ValidationFailed)
	}
	o.only("name", "description", "displayField", "fields", "metadata", "sys")
	r := &ContentTypeRequest{Name: text(o, "name"), Description: optional(o, "description"), DisplayField: optional(o, "displayField")}
	if raw, ok := o.members["name"]; ok && string(raw) == `""` {
		p.add(wrongSize(atLeast(1), raw, []any{"name"}))
	}
	if raw, ok := o.members["fields"]; ok {
		r.Fields = fields(&p, raw)
	}
	if raw, ok := o.members["metadata"]; ok && !isNull(raw) {
		r.Metadata = metadata(&p, raw)
	}
	r.displayField(&p)
	if err := p.err(fault.ValidationFailed); err != nil {
		return nil, err
	}
	return r, nil
}

// fields reads the list of fields.
func fields(p *problems, raw json.RawMessage) []FieldRequest {
	items := rawArray(p, raw, []any{"fields"})
	if len(items) > MaxFields {
		p.add(wrongSize(atMost(MaxFields), nil, []any{"fields"}))
		return nil
	}
	var list []FieldRequest
	for i, item := range items {
		if f, ok := field(p, item, []any{"fields", i}); ok {
			list = append(list, f)
		}
	}
	distinct(p, list)
	return list
}

// distinct reports ids that more than one field has, before and after this
// write.
func distinct(p *problems, list []FieldRequest) {
	before, after := map[string]int{}, map[string]int{}
	for i := range list {
		f := &list[i]
		if before[f.ID]++; f.ID != "" && before[f.ID] == 2 {
			p.add(fault.Detail{Name: "uniqueFieldIds", Path: []any{"fields"}, Value: fault.Raw(f.ID),
				Details: fmt.Sprintf("More than one field has the id %q", f.ID)})
			continue
		}
		if f.Deleted || before[f.ID] > 1 {
			continue
		}
		id := f.finalID()
		if after[id]++; id != "" && after[id] == 2 {
			p.add(fault.Detail{Name: "uniqueFieldApiNames", Path: []any{"fields"}, Value: fault.Raw(id),
				Details: fmt.Sprintf("More than one field would have the id %q", id)})
		}
	}
}

// displayField checks that the display field is a text field of this content
// type. It may be named by the id before or after this write.
func (r *ContentTypeRequest) displayField(p *problems) {
	if r.DisplayField == nil || len(p.list) > 0 && len(r.Fields) == 0 {
		return
	}
	var possible []string
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.Deleted || f.Type != cms.Symbol && f.Type != cms.Text {
			continue
		}
		if f.ID == *r.DisplayField {
			id := f.finalID()
			r.DisplayField = &id
			return
		}
		possible = append(possible, f.finalID())
	}
	if !slices.Contains(possible, *r.DisplayField) {
		p.add(notIn(possible, fault.Raw(*r.DisplayField), []any{"displayField"}))
	}
}
