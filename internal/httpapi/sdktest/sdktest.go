// Package sdktest reads error answers as the official clients do, and says which
// of them would break: every test that meets an error can ask it.
//
// The clients for JavaScript are run as they ship, by package clients. For the
// others this is what their parsers insist on, one function per parser, kept to
// what makes a client throw an exception of the wrong kind or lose the message.
// It is for tests, and knows nothing of this server. Start reading at clients.
package sdktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Check fails a test for each client that could not read an error answer. None of
// them asks for application/problem+json.
func Check(t testing.TB, status int, header http.Header, body []byte) {
	t.Helper()
	if header.Get("Content-Type") == "application/problem+json" {
		return
	}
	for _, trouble := range Broken(status, header, body) {
		t.Errorf("%s\nin %d %s", trouble, status, body)
	}
}

// answer is an error as it came. Numbers in the body are json.Number.
type answer struct {
	status  int
	header  http.Header
	body    map[string]any
	details any
}

// client is a parser of errors, and the APIs whose answers it reads.
type client struct {
	name   string
	reads  api
	refuse func(a answer) string // why it breaks, "" if it does not
}

type api int

const (
	delivery api = 1 << iota
	management
	both = delivery | management
)

var clients = []client{
	{"contentful-sdk-core, for JavaScript", both, javascript},
	{"contentful-cli", both, commandLine},
	{"contentful.py", delivery, func(a answer) string { return python(a, false) }},
	{"contentful-management.py", management, func(a answer) string { return python(a, true) }},
	{"contentful.rb", delivery, func(a answer) string { return ruby(a, 400, 404) }},
	{"contentful-management.rb", management, func(a answer) string { return ruby(a, 400, 404, 422, 429) }},
	{"contentful-core.php", both, php},
	{"contentful.java", both, rateLimits},
	{"contentful-management.java", management, gson},
	{"contentful.net", both, dotnet},
	{"contentful.swift", delivery, swift},
	{"contentful-labs/contentful-go", both, func(a answer) string { return golang(a, false) }},
	{"labd/contentful-go", both, func(a answer) string { return golang(a, true) }},
	{"terraform-provider-contentful", management, terraform},
}

// Broken says which clients cannot read an error answer, and why.
func Broken(status int, header http.Header, body []byte) []string {
	reads := management
	switch header.Get("Contentful-Api") {
	case "cda", "cpa":
		reads = delivery
	}
	a := answer{status: status, header: header}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&a.body); err != nil || a.body == nil {
		return []string{fmt.Sprintf("every client: the body is no JSON object (%v)", err)}
	}
	if _, err := d.Token(); err != io.EOF {
		return []string{"every client: there is something after the body"}
	}
	a.details = a.body["details"]
	var out []string
	for _, c := range clients {
		if c.reads&reads == 0 {
			continue
		}
		if why := c.refuse(a); why != "" {
			out = append(out, c.name+": "+why)
		}
	}
	return out
}

// sys is a member of sys, "" when it is no string.
func (a answer) sys(name string) string {
	sys, _ := a.body["sys"].(map[string]any)
	s, _ := sys[name].(string)
	return s
}

// problems are the elements of details.errors; ok is false when they are no list
// of objects.
func (a answer) problems() (out []map[string]any, ok bool) {
	details, _ := a.details.(map[string]any)
	list, ok := details["errors"].([]any)
	for _, e := range list {
		p, isObject := e.(map[string]any)
		ok = ok && isObject
		out = append(out, p)
	}
	return out, ok
}

// javascript names the error by sys.id, and hands on the rest.
func javascript(a answer) string {
	id, _ := a.body["requestId"].(string)
	switch sys, message := a.sys("id"), a.body["message"]; {
	case sys == "" || sys == "Unknown":
		return "without sys.id the name of the error is its status"
	case !text(message) || message == "":
		return "there is no message"
	case id == "" || id != a.header.Get("X-Contentful-Request-Id"):
		return "requestId is not the one of the header"
	case a.details != nil && !isObject(a.details):
		return "details is no object"
	}
	return resetSeconds(a)
}

// commandLine joins the path of a problem that has a text.
func commandLine(a answer) string {
	problems, _ := a.problems()
	for _, p := range problems {
		if _, isList := p["path"].([]any); !isList && p["details"] != nil {
			return "the path of a problem with a text is no list"
		}
	}
	return ""
}

// python has a class per status, whose details it takes apart without looking.
func python(a answer, management bool) string {
	_, inWords := a.details.(string)
	details, _ := a.details.(map[string]any)
	if a.status == http.StatusTooManyRequests {
		return resetSeconds(a)
	}
	if a.details == nil {
		return ""
	}
	switch a.status {
	case http.StatusBadRequest:
		list, ok := details["errors"].([]any)
		if !inWords && !ok {
			return "KeyError: details of a 400 have no list errors"
		}
		for _, e := range list {
			p, isObject := e.(map[string]any)
			if !isObject && !isString(e) {
				return "AttributeError: an element of errors is no object"
			}
			if inside := p["details"]; inside != nil && !isString(inside) {
				return "TypeError: the text of a problem is no string"
			}
		}
	case http.StatusForbidden:
		reasons, isList := details["reasons"].([]any)
		if !isString(details["reasons"]) && (!isList || !all(reasons, isString)) {
			return "KeyError or TypeError: details of a 403 have no reasons in words"
		}
	case http.StatusNotFound:
		if _, ok := details["type"]; !ok && (!inWords || !management) {
			return "KeyError: details of a 404 have no type"
		}
	case http.StatusUnprocessableEntity:
		if !management {
			break
		}
		problems, ok := a.problems()
		if !ok {
			return "KeyError: details of a 422 have no list errors of objects"
		}
		for _, p := range problems {
			if p["name"] == nil || p["path"] == nil {
				return "KeyError: a problem without name or path"
			}
		}
	}
	return ""
}

// ruby makes its error of a resource, which it knows by sys.type. A wrong shape
// of details is caught.
func ruby(a answer, resources ...int) string {
	if slices.Contains(resources, a.status) && a.sys("type") != "Error" {
		return "an answer without sys.type is not taken for an error"
	}
	return ""
}

// php looks for a class called like sys.id; statuses from 500 on it leaves to its
// HTTP library.
func php(a answer) string {
	if a.status >= 500 {
		return ""
	}
	details, _ := a.details.(map[string]any)
	id := a.sys("id")
	notLetter := func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }
	switch keys, isList := details["keys"].([]any); {
	case id == "" || strings.ContainsFunc(id, notLetter):
		return "sys.id is no name of a class"
	case a.header.Get("X-Contentful-Request-Id") == "":
		return "there is no request id in the header"
	case id == "UnknownKey" && (!isList || !all(keys, isString)):
		return "an UnknownKey without keys"
	case id == "MissingKey" && !isString(details["key"]):
		return "a MissingKey without key"
	}
	return resetSeconds(a)
}

// rateLimits is all that the delivery client for Java reads: it keeps the body as
// it came, and -1 for a header that is no number.
func rateLimits(a answer) string {
	for _, name := range []string{"Hour-Limit", "Hour-Remaining", "Second-Limit", "Second-Remaining", "Reset"} {
		if v := a.header.Get("X-Contentful-RateLimit-" + name); v != "" {
			if _, err := strconv.Atoi(v); err != nil {
				return name + " is no number"
			}
		}
	}
	return ""
}

// gson reads the body into classes: a string where there is an object, or the
// other way round, is an exception of its own. Where it wants a string, it takes
// every scalar.
func gson(a answer) string {
	for _, name := range []string{"message", "requestId"} {
		if !scalar(a.body[name]) {
			return name + " is no string"
		}
	}
	if a.details == nil {
		return rateLimits(a)
	}
	details, ok := a.details.(map[string]any)
	if !ok {
		return "details is no object"
	}
	for _, name := range []string{"type", "space"} {
		if !scalar(details[name]) {
			return "details." + name + " is no string"
		}
	}
	if !scalars(details["keys"]) {
		return "details.keys is no list of strings"
	}
	problems, ok := a.problems()
	if !ok && details["errors"] != nil {
		return "details.errors is no list of objects"
	}
	for _, p := range problems {
		for _, name := range []string{"name", "details", "type", "filter"} {
			if !scalar(p[name]) {
				return name + " of a problem is no string"
			}
		}
		if !scalars(p["expected"]) {
			return "expected of a problem is no list of scalars"
		}
	}
	return rateLimits(a)
}

func dotnet(a answer) string {
	switch {
	case !isObject(a.body["sys"]):
		return "there is no sys"
	case a.details != nil && !isObject(a.details):
		return "details is no object"
	}
	return resetSeconds(a)
}

// swift decodes the whole or nothing. Details of what was not found it cannot
// decode, not those of the live service either: there the error has no list of
// problems to tell. Such an answer is the one that is let pass.
func swift(a answer) string {
	switch {
	case a.sys("id") == "" || a.sys("type") == "":
		return "sys has no id or no type"
	case !text(a.body["message"]) || !text(a.body["requestId"]):
		return "message and requestId have to be there"
	}
	problems, ok := a.problems()
	if a.details != nil && !ok && a.status != http.StatusNotFound {
		return "details without errors"
	}
	for _, p := range problems {
		path, isList := p["path"].([]any)
		if !isString(p["name"]) || !isList || !all(path, isString) {
			return "a problem without name, or with a path that is no list of strings"
		}
		if p["details"] != nil && !isString(p["details"]) {
			return "the text of a problem is no string"
		}
	}
	return resetSeconds(a)
}

// golang unmarshals into structs, and follows pointers to what a kind of error
// always had. The two clients for Go differ in what they know of details.
func golang(a answer, newer bool) string {
	for _, name := range []string{"message", "requestId"} {
		if v := a.body[name]; v != nil && !isString(v) {
			return name + " is no string"
		}
	}
	if !isObject(a.body["sys"]) {
		return "panic: no sys"
	}
	details, isAnObject := a.details.(map[string]any)
	needed := a.sys("id") == "ValidationFailed" || newer && a.sys("id") == "InvalidEntry"
	switch {
	case a.details == nil && needed:
		return "panic: a " + a.sys("id") + " without details"
	case a.details == nil, newer && isString(a.details):
		return ""
	case !isAnObject:
		return "details is no object"
	case newer && details["reasons"] != nil && !isString(details["reasons"]):
		return "panic: reasons is no string"
	case details["errors"] == nil:
		return ""
	}
	problems, ok := a.problems()
	if !ok {
		return "errors is no list of objects"
	}
	for _, p := range problems {
		for _, name := range []string{"id", "name", "details"} {
			if v := p[name]; v != nil && !isString(v) {
				return name + " of a problem is no string"
			}
		}
		conflicting, isList := p["conflicting"].([]any)
		if newer && p["conflicting"] != nil && !isList {
			return "conflicting is no list"
		}
		for _, c := range conflicting {
			link, _ := c.(map[string]any)
			if newer && !isObject(link["sys"]) {
				return "conflicting names something that is no link"
			}
		}
	}
	return ""
}

// terraform has no parser for other media types.
func terraform(a answer) string {
	switch kind := a.header.Get("Content-Type"); {
	case kind != "application/json" && kind != "application/vnd.contentful.management.v1+json":
		return "unexpected Content-Type: " + kind
	case a.sys("type") != "Error" || a.sys("id") == "":
		return "sys is not that of an error"
	}
	return ""
}

// resetSeconds is what every client reads of a 429: when to come back, as a whole
// number.
func resetSeconds(a answer) string {
	if a.status != http.StatusTooManyRequests {
		return ""
	}
	if n, err := strconv.Atoi(a.header.Get("X-Contentful-RateLimit-Reset")); err != nil || n < 1 {
		return "X-Contentful-RateLimit-Reset is no number of seconds"
	}
	return ""
}

func isString(v any) bool { _, ok := v.(string); return ok }
func isObject(v any) bool { _, ok := v.(map[string]any); return ok }
func text(v any) bool     { s, ok := v.(string); return ok && s != "" }

func all(list []any, is func(any) bool) bool {
	return !slices.ContainsFunc(list, func(v any) bool { return !is(v) })
}

// scalars is a list of scalars, or nothing.
func scalars(v any) bool {
	list, isList := v.([]any)
	return v == nil || isList && all(list, scalar)
}

// scalar is everything but objects and lists; what is not there is none either.
func scalar(v any) bool {
	_, isList := v.([]any)
	return !isList && !isObject(v)
}
