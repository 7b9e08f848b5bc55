package authoring

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/webhook/rule"
)

// What HTTP allows as name and value of a header.
var (
	headerName  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	headerValue = regexp.MustCompile(`^[^\x00-\x08\x0a-\x1f\x7f]*$`)
)

// checkWebhook returns everything that is wrong with the shape of a body.
func checkWebhook(in WebhookInput) []fault.Detail {
	if size, _ := encode(in); len(size) > maxDefinition { // what was read can be written
		return []fault.Detail{{Name: "size", Max: fault.Raw(maxDefinition), Details: fmt.Sprintf("Size must be at most %d bytes", maxDefinition)}}
	}
	var problems []fault.Detail
	if in.Name == "" {
		problems = append(problems, blank("name"))
	}
	if !validWebhookURL(in.URL) {
		problems = append(problems, fault.Detail{Name: "invalid", Path: []any{"url"}, Value: fault.Raw(in.URL), Details: "The URL must begin with http:// or https:// and a host."})
	}
	switch {
	case in.Topics == nil:
		problems = append(problems, fault.Detail{Name: "invalid_type", Path: []any{"topics"}, Details: "Required"})
	case len(in.Topics) == 0:
		problems = append(problems, fault.Detail{Name: "size", Path: []any{"topics"}, Value: fault.Raw(in.Topics), Details: "Topics cannot be empty"})
	}
	for i, t := range in.Topics {
		if problem, likely := rule.CheckTopic(t); problem != "" {
			problems = append(problems, fault.Detail{Name: "invalid", Path: []any{"topics", i}, Value: fault.Raw(t), Details: problem, Suggestions: likely})
		}
	}
	for i, h := range in.Headers {
		switch {
		case !headerName.MatchString(h.Key):
			problems = append(problems, fault.Detail{Name: "invalid", Path: []any{"headers", i, "key"}, Value: fault.Raw(h.Key), Details: "The key is not the name of an HTTP header."})
		case h.Value == nil && !h.Secret:
			problems = append(problems, required("headers", i, "value"))
		case h.Value != nil && !headerValue.MatchString(*h.Value):
			problems = append(problems, fault.Detail{Name: "invalid", Path: []any{"headers", i, "value"}, Details: "The value has characters that an HTTP header cannot have."})
		}
	}
	if raw := in.HTTPBasicPassword; raw != nil && !isNull(raw) && raw[0] != '"' {
		problems = append(problems, fault.Detail{Name: "type", Type: "String", Path: []any{"httpBasicPassword"}, Details: `The type of "httpBasicPassword" is incorrect, expected type: String`})
	}
	return append(append(problems, checkFilters(in.Filters)...), checkTransformation(in.Transformation)...)
}

// validWebhookURL reports whether a URL that may hold templates can be called.
func validWebhookURL(s string) bool {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		rest, ok = strings.CutPrefix(s, "http://")
	}
	if strings.Contains(s, "{") { // what it will be is known with the event
		return ok && rest != ""
	}
	u, err := url.Parse(s)
	return ok && err == nil && u.Host != ""
}

// checkFilters checks filters, which may be absent or null.
func checkFilters(raw json.RawMessage) []fault.Detail {
	_, err := rule.ParseFilters(raw)
	if err == nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return []fault.Detail{wrongType("filters", "Array", raw, "filters")}
	}
	var problems []fault.Detail
	for _, err := range rule.FilterErrors(err) {
		problems = append(problems, fault.Detail{Name: "invalid", Path: []any{"filters", err.Index}, Value: list[err.Index], Details: err.Problem})
	}
	return problems
}

func checkTransformation(raw json.RawMessage) []fault.Detail {
	if raw == nil || isNull(raw) {
		return nil
	}
	var t map[string]json.RawMessage
	if json.Unmarshal(raw, &t) != nil {
		return []fault.Detail{wrongType("transformation", "Object", raw, "transformation")}
	}
	var problems []fault.Detail
	for _, key := range slices.Sorted(maps.Keys(t)) {
		value := t[key]
		path := []any{"transformation", key}
		switch key {
		case "method", "contentType":
			known := rule.Methods
			if key == "contentType" {
				known = rule.ContentTypes
			}
			var s string
			if !isNull(value) && (json.Unmarshal(value, &s) != nil || !slices.Contains(known, s)) {
				problems = append(problems, fault.Detail{Name: "in", Path: path, Value: value, Expected: anys(known), Details: "Value must be one of expected values"})
			}
		case "includeContentLength":
			var flag bool
			if json.Unmarshal(value, &flag) != nil {
				problems = append(problems, wrongType(key, "Boolean", value, path...))
			}
		case "body": // any JSON
		default:
			problems = append(problems, unknown(value, []string{"method", "contentType", "includeContentLength", "body"}, path...))
		}
	}
	return problems
}

// required is the problem of a member that is not there.
func required(path ...any) fault.Detail {
	return fault.Detail{Name: "required", Path: path, Details: fmt.Sprintf("The property %q is required here", path[len(path)-1])}
}
