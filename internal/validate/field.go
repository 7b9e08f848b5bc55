package validate

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

var (
	fieldTypes = []cms.FieldType{cms.Array, cms.Boolean, cms.Date, cms.Integer, cms.TypeLink, cms.Location,
		cms.Number, cms.Object, cms.ResourceLink, cms.RichText, cms.Symbol, cms.Text}
	itemTypes = []cms.FieldType{cms.TypeLink, cms.ResourceLink, cms.Symbol}
	linkTypes = []string{string(cms.KindAsset), string(cms.KindEntry)}
)

// fieldIDPattern is cms.ValidFieldID for people.
const fieldIDPattern = `^[a-zA-Z][a-zA-Z0-9_]{0,63}$`

// field reads one field of a content type; ok is false when it is no object.
func field(p *problems, raw json.RawMessage, at []any) (f FieldRequest, ok bool) {
	o, ok := rawObject(p, raw, at)
	if !ok {
		return f, false
	}
	o.only("id", "newId", "apiName", "name", "type", "linkType", "items", "localized", "required", "disabled", "omitted",
		"deleted", "validations", "defaultValue", "allowedResources")
	f.ID = fieldID(o, "id")
	if raw, ok := o.members["newId"]; ok && !isNull(raw) {
		f.NewID = fieldID(o, "newId")
	}
	f.Name = text(o, "name")
	f.Type = oneOf(o, "type", fieldTypes)
	f.Localized, f.Required = flag(o, "localized"), flag(o, "required")
	f.Disabled, f.Omitted, f.Deleted = flag(o, "disabled"), flag(o, "omitted"), flag(o, "deleted")
	f.LinkType = linkType(o, f.Type)
	f.Items = items(o, f.Type)
	f.Validations = validations(o, typed{f.Type, f.LinkType}, false)
	f.DefaultValue = defaultValue(o, &f.Field)
	f.AllowedResources = allowedResources(o, &f.Field)
	return f, true
}

// fieldID reads a field's id.
func fieldID(o object[json.RawMessage], name string) string {
	before := len(o.p.list)
	id := text(o, name)
	if len(o.p.list) == before && !cms.ValidFieldID(id) {
		o.p.add(mismatch(fieldIDPattern, "", fault.Raw(id), join(o.at, name)))
	}
	return id
}

// oneOf reads a string out of a list; "" after a problem.
func oneOf[T ~string](o object[json.RawMessage], name string, allowed []T) T {
	raw, ok := o.members[name]
	if !ok {
		o.p.add(required(name, join(o.at, name)))
		return ""
	}
	var s T
	if json.Unmarshal(raw, &s) != nil || !slices.Contains(allowed, s) {
		o.p.add(notIn(allowed, raw, join(o.at, name)))
		return ""
	}
	return s
}

// present reports whether a member is there and not null. Where it has no
// place, it is a problem.
func present(o object[json.RawMessage], name string, t cms.FieldType, allowed bool) bool {
	raw, ok := o.members[name]
	if !ok || isNull(raw) {
		return false
	}
	if !allowed && t != "" {
		o.p.add(misplaced(name, t, join(o.at, name)))
	}
	return allowed
}

// misplaced is the problem of a property that fields of this type do not have.
func misplaced(name string, t cms.FieldType, at []any) fault.Detail {
	return unexpected("The property "+string(fault.Raw(name))+" is not expected on a field of type "+string(t), at)
}

// linkType reads what a Link links to.
func linkType(o object[json.RawMessage], t cms.FieldType) string {
	if t == cms.TypeLink || present(o, "linkType", t, t == cms.TypeLink) {
		return oneOf(o, "linkType", linkTypes)
	}
	return ""
}

// items reads what an Array is of.
func items(o object[json.RawMessage], t cms.FieldType) *cms.Items {
	if !present(o, "items", t, t == cms.Array) {
		if t == cms.Array {
			o.p.add(required("items", join(o.at, "items")))
		}
		return nil
	}
	inner, ok := rawObject(o.p, o.members["items"], join(o.at, "items"))
	if !ok {
		return nil
	}
	inner.only("type", "linkType", "validations")
	it := cms.Items{Type: oneOf(inner, "type", itemTypes)}
	it.LinkType = linkType(inner, it.Type)
	it.Validations = validations(inner, typed{it.Type, it.LinkType}, true)
	return &it
}

// validations reads the validations of a field, or of the items of one. The
// result is never nil.
func validations(o object[json.RawMessage], t typed, item bool) []cms.Validation {
	list := []cms.Validation{}
	raw, ok := o.members["validations"]
	if !ok || isNull(raw) {
		return list
	}
	at := join(o.at, "validations")
	for i, raw := range rawArray(o.p, raw, at) {
		if v, ok := validation(o.p, raw, t, item, join(at, i)); ok {
			list = append(list, v)
		}
	}
	return list
}

// validation reads one element: a keyword and maybe a message.
func validation(p *problems, raw json.RawMessage, t typed, item bool, at []any) (cms.Validation, bool) {
	o, ok := rawObject(p, raw, at)
	if !ok {
		return nil, false
	}
	args := map[string]any{}
	for name, raw := range o.members {
		arg, err := decode(raw)
		if err != nil { // unreachable behind a decoder, which has read it whole
			p.add(wrongType(name, "Object", nil, join(at, name)))
			return nil, false
		}
		args[name] = arg
	}
	messageShape(object[any]{p, args, at})
	if onlyMessage(args) {
		p.add(tooFew(at))
	}
	for _, name := range sortedKeys(args) {
		k, known := keywords[name]
		switch at := join(at, name); {
		case name == "message":
		case !known:
			p.add(unknown(o.members[name], at, nearest.Likely(name, maps.Keys(keywords))))
		case t.Type == "" || t.Type == cms.TypeLink && t.LinkType == "":
			// the type is wrong and reported; what it may carry is anyone's guess
		case !k.on(t, item):
			p.add(misplaced(name, t.Type, at))
		default:
			k.shape(p, t, args[name], at)
		}
	}
	return o.members, true
}

// messageShape checks a validation's message: a string or null.
func messageShape(o object[any]) {
	switch m := o.members["message"].(type) {
	case nil, string:
	default:
		o.p.add(wrongType("message", "String", fault.Raw(m), join(o.at, "message")))
	}
}

func onlyMessage(members map[string]any) bool {
	_, has := members["message"]
	return len(members) == 0 || len(members) == 1 && has
}

// tooFew is the problem of a validation without a keyword.
func tooFew(at []any) fault.Detail {
	return fault.Detail{Name: "size", Min: fault.Raw(1), Path: at, Details: "Too few properties provided. Must be at least 1"}
}

// defaultValue checks that default values are by locale; the values themselves
// are judged when an entry is published.
func defaultValue(o object[json.RawMessage], f *cms.Field) json.RawMessage {
	raw, ok := o.members["defaultValue"]
	if !ok {
		return nil
	}
	at := join(o.at, "defaultValue")
	if _, ok := rawObject(o.p, raw, at); !ok {
		return nil
	}
	switch f.Type {
	case "", cms.Symbol, cms.Text, cms.Integer, cms.Number, cms.Date, cms.Boolean:
		return raw
	case cms.Array:
		if f.Items == nil || f.Items.Type == cms.Symbol || f.Items.Type == "" {
			return raw
		}
	}
	o.p.add(misplaced("defaultValue", f.Type, at))
	return nil
}
