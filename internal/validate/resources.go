package validate

import (
	"encoding/json"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// maxResources is how many sources a field can allow.
const maxResources = 20

// allowedResources reads what a field of resource links, or of an array of
// them, may link to.
func allowedResources(o object[json.RawMessage], f *cms.Field) json.RawMessage {
	links := f.Type == cms.ResourceLink || f.Type == cms.Array && f.Items != nil && f.Items.Type == cms.ResourceLink
	at := join(o.at, "allowedResources")
	if !present(o, "allowedResources", f.Type, links) {
		if links {
			o.p.add(required("allowedResources", at))
		}
		return nil
	}
	raw := o.members["allowedResources"]
	v, err := decode(raw)
	if err != nil { // unreachable behind a decoder, which has read it whole
		o.p.add(wrongType("allowedResources", "Array", nil, at))
		return nil
	}
	resourcesShape(o.p, v, at)
	return raw
}

// resourcesShape checks a list of sources: spaces of this kind of platform, or
// types of another provider.
func resourcesShape(p *problems, v any, at []any) {
	list, ok := v.([]any)
	if !ok {
		p.add(wrongType(last(at), "Array", fault.Raw(v), at))
		return
	}
	if len(list) == 0 || len(list) > maxResources {
		p.add(wrongSize(between(1, maxResources), nil, at))
		return
	}
	seen := map[string]bool{}
	for i, item := range list {
		o, ok := objectAt(p, item, join(at, i))
		if !ok {
			continue
		}
		o.only("type", "source", "contentTypes")
		name := "type"
		typ, ok := stringMember(o, "type", true)
		if ok && strings.HasPrefix(typ, "Contentful:") {
			name = "source"
		}
		if source, given := stringMember(o, "source", name == "source"); given && name == "source" {
			typ = source
		}
		if types, given := o.members["contentTypes"]; given {
			stringsShape(p, types, join(o.at, "contentTypes"), nil)
		}
		if typ != "" && seen[typ] {
			p.add(fault.Detail{Name: "unique", Value: fault.Raw(typ), Path: join(o.at, name), Details: "The " + name + " is listed twice"})
		}
		seen[typ] = true
	}
}

// stringMember reads a string; ok is false when it is absent or no string,
// which is a problem where it is needed or has another type.
func stringMember(o object[any], name string, needed bool) (s string, ok bool) {
	v, given := o.members[name]
	if !given {
		if needed {
			o.p.add(required(name, join(o.at, name)))
		}
		return "", false
	}
	if s, ok = v.(string); !ok {
		o.p.add(wrongType(name, "String", fault.Raw(v), join(o.at, name)))
	}
	return s, ok
}
