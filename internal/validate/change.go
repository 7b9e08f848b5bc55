package validate

import (
	"slices"
	"strconv"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// ContentTypeChange is the next draft of a content type: the request, with the
// keys its fields have had so far. draft is the latest version, nil for a new
// content type; activated is what entries are validated against, nil when the
// content type is not active.
//
// A field keeps its key through renames. A field that is new gets a key that no
// field of this content type ever had. In between stand fields that the draft
// has given up but the activated version still has: until the next activation
// they can be taken back, values and all.
//
// Error: fault.BadRequest when a field that entries still use would vanish or
// change its type.
func ContentTypeChange(r *ContentTypeRequest, draft, activated *cms.ContentType) (*cms.ContentType, error) {
	if draft == nil {
		draft = &cms.ContentType{}
	}
	if activated == nil {
		activated = &cms.ContentType{}
	}
	next := &cms.ContentType{Name: r.Name, Description: r.Description, DisplayField: r.DisplayField,
		Fields: []cms.Field{}, Metadata: r.Metadata}
	if next.Metadata == nil {
		next.Metadata = keptMetadata(draft.Metadata)
	}
	for _, f := range r.Fields {
		if !f.Deleted {
			next.Fields = append(next.Fields, f.Field)
		}
	}
	assignKeys(next, draft, activated)
	next.RetiredKeys = retiredKeys(next, draft)
	if err := keepsActivated(next, activated); err != nil {
		return nil, err
	}
	for i, at := 0, 0; i < len(r.Fields); i++ { // ids last: until here they are what the draft calls them
		if !r.Fields[i].Deleted {
			next.Fields[at].ID = r.Fields[i].finalID()
			at++
		}
	}
	return next, nil
}

// assignKeys gives each field of next its key: by its id in the draft, else by
// its id in the activated version, else a new one.
func assignKeys(next, draft, activated *cms.ContentType) {
	taken := map[string]bool{}
	for _, before := range []*cms.ContentType{draft, activated} {
		for i := range next.Fields {
			f := &next.Fields[i]
			if was := before.Field(f.ID); f.Key == "" && was != nil && !taken[was.Key] {
				f.Key = was.Key
				taken[f.Key] = true
			}
		}
	}
	for _, before := range []*cms.ContentType{draft, activated} {
		for _, f := range before.Fields {
			taken[f.Key] = true
		}
		for _, key := range before.RetiredKeys {
			taken[key] = true
		}
	}
	for i := range next.Fields {
		f := &next.Fields[i]
		if f.Key != "" {
			continue
		}
		f.Key = f.ID
		for n := 2; taken[f.Key]; n++ { // "~" occurs in no id
			f.Key = f.ID + "~" + strconv.Itoa(n)
		}
		taken[f.Key] = true
	}
}

// retiredKeys are the keys that were in use once and are not now. A key that
// the activated version has is among them as soon as the draft drops it: by the
// activation nobody would remember it. Taking the field back revives it.
func retiredKeys(next, draft *cms.ContentType) []string {
	var retired []string
	retire := func(key string) {
		if !slices.ContainsFunc(next.Fields, func(f cms.Field) bool { return f.Key == key }) && !slices.Contains(retired, key) {
			retired = append(retired, key)
		}
	}
	for _, key := range draft.RetiredKeys {
		retire(key)
	}
	for _, f := range draft.Fields {
		retire(f.Key)
	}
	return retired
}

// keepsActivated refuses what would break the entries of the activated version,
// and names the fields, as that version does.
func keepsActivated(next, activated *cms.ContentType) error {
	var dropped, altered []string
	for i := range activated.Fields {
		was := &activated.Fields[i]
		at := slices.IndexFunc(next.Fields, func(f cms.Field) bool { return f.Key == was.Key })
		if at < 0 {
			if !was.Omitted {
				dropped = append(dropped, was.ID)
			}
			continue
		}
		if !sameType(was, &next.Fields[at]) {
			altered = append(altered, was.ID)
		}
	}
	switch {
	case dropped != nil:
		return &fault.Error{Kind: fault.BadRequest, Message: "You need to omit a field before deleting it", Fields: dropped,
			Hint: "Send the field with omitted true and publish the content type. After that the field can be left out."}
	case altered != nil:
		return &fault.Error{Kind: fault.BadRequest, Message: "Previously published fields are invalid", Fields: altered,
			Hint: "A published field keeps its type, its linkType and what its items are. For another type add a field with another id."}
	}
	return nil
}

// sameType compares what a field's values are; validations may differ.
func sameType(a, b *cms.Field) bool {
	if a.Type != b.Type || a.LinkType != b.LinkType || (a.Items == nil) != (b.Items == nil) {
		return false
	}
	return a.Items == nil || a.Items.Type == b.Items.Type && a.Items.LinkType == b.Items.LinkType
}
