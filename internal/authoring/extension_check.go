package authoring

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

const (
	maxExtensionName = 256       // characters
	maxSrc           = 2048      // characters
	maxSrcdoc        = 200 << 10 // bytes
	maxParameters    = 50        // of one sort, and types of fields
)

// What the parts of an extension may be.
var (
	fieldTypes     = []string{"Symbol", "Text", "RichText", "Integer", "Number", "Date", "Boolean", "Location", "Object", "Link", "ResourceLink", "Array"}
	itemTypes      = []string{"Symbol", "Link", "ResourceLink"}
	linkTypes      = []string{"Entry", "Asset"}
	instanceTypes  = []string{"Symbol", "Enum", "Number", "Boolean"}
	parameterTypes = append(slices.Clone(instanceTypes), "Secret")

	parameterID = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]*$`)

	extensionKeys = []string{"name", "fieldTypes", "src", "srcdoc", "sidebar", "parameters"}
	parameterKeys = []string{"id", "name", "type", "description", "required", "default", "options", "labels"}
)

// extension is what a checked body makes of an extension.
func (in ExtensionInput) extension() (cms.Extension, error) {
	problems := in.unknownKeys()
	e := in.Extension
	if e == nil {
		problems = append(problems, required("extension"))
		return cms.Extension{}, fault.Invalid(fault.ValidationFailed, problems...)
	}
	out := cms.Extension{FieldTypes: e.FieldTypes, Sidebar: e.Sidebar}
	if out.FieldTypes == nil {
		out.FieldTypes = []cms.ExtensionFieldType{}
	}
	switch {
	case e.Name == nil || *e.Name == "":
		problems = append(problems, required("extension", "name"))
	case utf8.RuneCountInString(*e.Name) > maxExtensionName:
		problems = append(problems, tooLong(maxExtensionName, "extension", "name"))
	default:
		out.Name = *e.Name
	}
	if len(e.FieldTypes) > maxParameters {
		problems = append(problems, tooLong(maxParameters, "extension", "fieldTypes"))
	}
	for i, t := range e.FieldTypes[:min(len(e.FieldTypes), maxParameters)] {
		problems = append(problems, checkFieldType(t, fieldTypes, "extension", "fieldTypes", i)...)
	}
	problems = append(problems, e.checkSource()...)
	if e.Src != nil {
		out.Src = *e.Src
	}
	if e.Srcdoc != nil {
		out.Srcdoc = *e.Srcdoc
	}
	if p := e.Parameters; p != nil {
		problems = append(problems, checkParameters(p.Installation, parameterTypes, "extension", "parameters", "installation")...)
		problems = append(problems, checkParameters(p.Instance, instanceTypes, "extension", "parameters", "instance")...)
		out.Parameters = &cms.ParameterTypes{Installation: p.Installation, Instance: p.Instance}
	}
	if in.Parameters != nil && !isNull(in.Parameters) {
		if in.Parameters[0] != '{' {
			problems = append(problems, wrongType("parameters", "Object", in.Parameters, "parameters"))
		}
		out.Values = in.Parameters
	}
	if problems != nil {
		return cms.Extension{}, fault.Invalid(fault.ValidationFailed, problems...)
	}
	return out, nil
}

// checkSource: a page has an address or is here, one of both.
func (e *ExtensionBody) checkSource() []fault.Detail {
	switch {
	case e.Src == nil && e.Srcdoc == nil:
		return []fault.Detail{{Name: "required", Path: []any{"extension", "src"}, Details: `The property "src" or the property "srcdoc" is required here`}}
	case e.Src != nil && e.Srcdoc != nil:
		return []fault.Detail{{Name: "invalid", Path: []any{"extension", "srcdoc"}, Details: `An extension has "src" or "srcdoc", not both.`}}
	case e.Srcdoc != nil && len(*e.Srcdoc) > maxSrcdoc:
		return []fault.Detail{{Name: "size", Path: []any{"extension", "srcdoc"}, Max: fault.Raw(maxSrcdoc), Details: fmt.Sprintf("Size must be at most %d bytes", maxSrcdoc)}}
	case e.Srcdoc != nil:
		return nil
	case *e.Src == "":
		return []fault.Detail{required("extension", "src")}
	case utf8.RuneCountInString(*e.Src) > maxSrc:
		return []fault.Detail{tooLong(maxSrc, "extension", "src")}
	}
	if u, err := url.Parse(*e.Src); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return []fault.Detail{{Name: "invalid", Path: []any{"extension", "src"}, Value: fault.Raw(*e.Src), Details: "The URL must begin with http:// or https:// and a host."}}
	}
	return nil
}

func tooLong(most int, path ...any) fault.Detail {
	return fault.Detail{Name: "size", Path: path, Max: fault.Raw(most), Details: fmt.Sprintf("Size must be at most %d", most)}
}

// oneOf is the problem of a text that is none of those that are known, if it is
// none.
func oneOf(value string, known []string, path ...any) []fault.Detail {
	switch {
	case slices.Contains(known, value):
		return nil
	case value == "":
		return []fault.Detail{required(path...)}
	}
	return []fault.Detail{{Name: "in", Path: path, Value: fault.Raw(value), Expected: anys(known), Details: "Value must be one of expected values"}}
}

func under(path []any, more ...any) []any { return slices.Concat(path, more) }

func checkFieldType(t cms.ExtensionFieldType, known []string, path ...any) []fault.Detail {
	problems := oneOf(t.Type, known, under(path, "type")...)
	switch {
	case problems != nil:
		return problems
	case t.Type == "Link":
		return oneOf(t.LinkType, linkTypes, under(path, "linkType")...)
	case t.Type != "Array":
		return nil
	case t.Items == nil:
		return []fault.Detail{required(under(path, "items")...)}
	}
	return checkFieldType(*t.Items, itemTypes, under(path, "items")...)
}

// checkParameters checks definitions of parameters of the types known.
func checkParameters(list []cms.Parameter, known []string, path ...any) []fault.Detail {
	if len(list) > maxParameters {
		return []fault.Detail{tooLong(maxParameters, path...)}
	}
	var problems []fault.Detail
	ids := map[string]bool{}
	for i, p := range list {
		at := under(path, i)
		switch {
		case p.ID == "":
			problems = append(problems, required(under(at, "id")...))
		case !parameterID.MatchString(p.ID):
			problems = append(problems, fault.Detail{Name: "regexp", Path: under(at, "id"), Value: fault.Raw(p.ID), Pattern: parameterID.String(),
				Details: "Does not match /" + parameterID.String() + "/"})
		case ids[p.ID]:
			problems = append(problems, fault.Detail{Name: "taken", Path: under(at, "id"), Value: fault.Raw(p.ID), Details: fmt.Sprintf("There is a parameter %q already.", p.ID)})
		}
		ids[p.ID] = true
		if p.Name == "" {
			problems = append(problems, required(under(at, "name")...))
		}
		problems = append(problems, oneOf(p.Type, known, under(at, "type")...)...)
		problems = append(problems, checkOptions(p, at)...)
		problems = append(problems, checkDefault(p, at)...)
		if p.Labels != nil && !isNull(p.Labels) && p.Labels[0] != '{' {
			problems = append(problems, wrongType("labels", "Object", p.Labels, under(at, "labels")...))
		}
	}
	return problems
}

// checkOptions: an Enum chooses among texts, or among texts with labels.
func checkOptions(p cms.Parameter, at []any) []fault.Detail {
	path := under(at, "options")
	if p.Options == nil || isNull(p.Options) {
		if p.Type == "Enum" {
			return []fault.Detail{required(path...)}
		}
		return nil
	}
	var options []json.RawMessage
	if json.Unmarshal(p.Options, &options) != nil {
		return []fault.Detail{wrongType("options", "Array", p.Options, path...)}
	}
	var problems []fault.Detail
	for i, o := range options {
		var text string
		var labelled map[string]string
		if isNull(o) || json.Unmarshal(o, &text) != nil && (json.Unmarshal(o, &labelled) != nil || len(labelled) != 1) {
			problems = append(problems, fault.Detail{Name: "invalid", Path: under(path, i), Value: o, Details: `An option is a text, or an object such as {"value": "Label"}.`})
		}
	}
	return problems
}

// defaultTypes are what default values of types of parameters are in JSON.
var defaultTypes = map[string]func(json.RawMessage) bool{
	"Symbol":  func(v json.RawMessage) bool { return v[0] == '"' },
	"Enum":    func(v json.RawMessage) bool { return v[0] == '"' },
	"Number":  func(v json.RawMessage) bool { return v[0] == '-' || '0' <= v[0] && v[0] <= '9' },
	"Boolean": func(v json.RawMessage) bool { return v[0] == 't' || v[0] == 'f' },
}

func checkDefault(p cms.Parameter, at []any) []fault.Detail {
	fits := defaultTypes[p.Type] // nil where the type itself is a problem, and for secrets
	if p.Default == nil || isNull(p.Default) || fits == nil || fits(p.Default) {
		return nil
	}
	return []fault.Detail{wrongType("default", p.Type, p.Default, under(at, "default")...)}
}

// unknownKeys are the problems of members that do not exist.
func (in ExtensionInput) unknownKeys() []fault.Detail {
	type members = map[string]json.RawMessage
	var problems []fault.Detail
	check := func(raw json.RawMessage, known []string, path ...any) members {
		var body members
		if json.Unmarshal(raw, &body) != nil {
			return nil // decoding has found that it is no object
		}
		for _, key := range slices.Sorted(maps.Keys(body)) {
			if !slices.Contains(known, key) {
				problems = append(problems, unknown(body[key], slices.DeleteFunc(slices.Clone(known), func(k string) bool { return k == "sys" }), under(path, key)...))
			}
		}
		return body
	}
	body := check(in.Raw, []string{"extension", "parameters", "sys"})
	extension := check(body["extension"], extensionKeys, "extension")
	sorts := check(extension["parameters"], []string{"installation", "instance"}, "extension", "parameters")
	for _, sort := range []string{"installation", "instance"} {
		var definitions []json.RawMessage
		if json.Unmarshal(bytes.TrimSpace(sorts[sort]), &definitions) != nil {
			continue // absent, or no list
		}
		for i, d := range definitions[:min(len(definitions), maxParameters)] {
			check(d, parameterKeys, "extension", "parameters", sort, i)
		}
	}
	return problems
}
