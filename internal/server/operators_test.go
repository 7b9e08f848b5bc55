package server

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// operatorTable is the reference's table of operators by field type: fields of
// the cats of testdata/queries, and what can be asked of them. Equality has no
// name.
var operatorTable = []struct {
	field, typ string // as errors name the type
	operators  string
	order      bool
}{
	{"name", "Symbol", " ne in nin all exists match", true},
	{"about", "Text", " ne in nin all exists match", false},
	{"lives", "Integer", " ne in nin exists lt lte gt gte", true},
	{"weight", "Number", " ne in nin exists lt lte gt gte", true},
	{"birthday", "Date", " ne in nin exists lt lte gt gte", true},
	{"indoor", "Boolean", " ne in nin exists", true},
	{"likes", "Array", " ne in nin all exists match", false},
	{"home", "Location", "exists near within", false},
	{"profile", "RichText", "exists match", false},
	{"chip", "Object", "exists", false},
	{"bestFriend", "Link", "exists", false},
	{"friends", "Array", "exists", false},
	{"bestFriend.sys.id", "Symbol", " ne in nin all exists match", true},
	{"friends.sys.id", "Symbol", " ne in nin all exists match", false},
}

var allOperators = []string{"", "ne", "in", "nin", "all", "exists", "match", "lt", "lte", "gt", "gte", "near", "within"}

// testOperators asks every operator of every type of field, by each API, of an
// entry itself and of what it links to: what the table has is answered, and
// everything else is the documented error.
func (a asker) testOperators(t *testing.T) {
	values := map[string]string{
		"Symbol": "Garfield", "Text": "x y", "Integer": "9", "Number": "4.5", "Date": "1979-06-18", "Boolean": "true", "Array": "lasagna",
		"Location": "1,2", "RichText": "x", "Object": "x", "Link": "x",
	}
	for _, token := range []string{"delivery", "preview", "management"} {
		for _, row := range operatorTable {
			takes := strings.Split(row.operators, " ")
			for _, op := range allOperators {
				value := values[row.typ]
				switch op {
				case "exists":
					value = "true"
				case "within":
					value = "1,2,3"
				case "near":
					value = "1,2"
				}
				path := "fields." + row.field
				a.askOperator(t, token, url.Values{"content_type": {"cat"}}, path, op, value, row.typ, slices.Contains(takes, op))
				a.askOperator(t, token, url.Values{"content_type": {"city"}, "fields.mayor.sys.contentType.sys.id": {"cat"}},
					"fields.mayor."+path, op, value, row.typ, slices.Contains(takes, op))
			}
			a.askOrder(t, token, "fields."+row.field, row.typ, row.order)
		}
	}
}

func (a asker) askOperator(t *testing.T, token string, params url.Values, path, op, value, typ string, takes bool) {
	t.Helper()
	key, name := path, "equals"
	if op != "" {
		key, name = path+"["+op+"]", op
	}
	params.Set(key, value)
	got := a.problem(t, token, params)
	if takes {
		if got != nil {
			t.Errorf("%s, %s: %v", token, key, got)
		}
		return
	}
	got["expected"] = nil // those that the table has
	want := map[string]any{
		"name": "invalid", "path": anyList(strings.Split(path, ".")), "type": typ, "filter": name, "parameter": key, "expected": nil,
		"details": fmt.Sprintf("The operator %q is not applicable to %s, which is of type %s.", name, path, typ),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, %s (-want +got):\n%s", token, key, diff)
	}
}

func (a asker) askOrder(t *testing.T, token, path, typ string, ordered bool) {
	t.Helper()
	for _, sign := range []string{"", "-"} {
		got := a.problem(t, token, url.Values{"content_type": {"cat"}, "order": {sign + path}})
		if ordered {
			if got != nil {
				t.Errorf("%s, order=%s: %v", token, path, got)
			}
			continue
		}
		want := map[string]any{
			"name": "invalid", "path": anyList(strings.Split(path, ".")), "type": typ, "filter": "order", "parameter": "order",
			"details": fmt.Sprintf("Ordering by %s is not possible, it is of type %s.", path, typ),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s, order=%s (-want +got):\n%s", token, path, diff)
		}
	}
}

// problem is the only one of a query's details.errors, nil if it is answered.
func (a asker) problem(t *testing.T, token string, params url.Values) map[string]any {
	t.Helper()
	res, body := a.p.l.send(t, "GET", a.p.names["world"]+"/entries?"+params.Encode(), a.p.names[token], "")
	if res.StatusCode == 200 {
		return nil
	}
	list := problems(t, body)
	if res.StatusCode != 400 || len(list) != 1 {
		t.Fatalf("%s: %s: %v", params.Encode(), res.Status, body)
	}
	return list[0]
}

func anyList(of []string) []any {
	out := make([]any, len(of))
	for i, s := range of {
		out[i] = s
	}
	return out
}
