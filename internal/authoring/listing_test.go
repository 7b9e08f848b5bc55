package authoring

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

func TestListing(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	item := func(id, name string, made, changed int) Resource[string] {
		return Resource[string]{Value: name, Sys: cms.Sys{ID: id, CreatedAt: at.Add(time.Duration(made)), UpdatedAt: at.Add(time.Duration(changed))}}
	}
	for _, test := range []struct {
		params string
		want   string // ids, then total, skip and limit
	}{
		{"", "b a c 4 0 3"}, // by creation, then id
		{"limit=0", "b a c 4 0 3"},
		{"limit=2", "b a 4 0 2"},
		{"limit=1000&skip=3", "d 4 3 100"},
		{"skip=4", "4 4 3"},
		{"skip=9", "4 9 3"},
		{"order=sys.id", "a b c 4 0 3"},
		{"order=-sys.id", "d c b 4 0 3"},
		{"order=name,-sys.id", "c a d 4 0 3"},
		{"order=-sys.updatedAt", "c a b 4 0 3"},
		{"order=-sys.createdAt,sys.id", "d a c 4 0 3"},
		{"order=-createdAt,sys.id", "d a c 4 0 3"},
		{"order=-updatedAt", "c a b 4 0 3"},
		{"order[0]=name&order[1]=-sys.id", "c a d 4 0 3"},
		{"query=AN", "a c 2 0 3"},
		{"sys.color=red&select=sys&include=2", "b a c 4 0 3"},
	} {
		all := []Resource[string]{item("a", "anna", 2, 3), item("b", "zoe", 1, 2), item("c", "anna", 2, 4), item("d", "ben", 3, 1)}
		params, err := url.ParseQuery(test.params)
		if err != nil {
			t.Fatal(err)
		}
		l, err := listing(all, params, 3, func(s string) string { return s })
		if err != nil {
			t.Errorf("%s: %v", test.params, err)
			continue
		}
		got := ""
		for _, r := range l.Items {
			got += r.ID + " "
		}
		got += fmt.Sprint(l.Total, l.Skip, l.Limit)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.params, diff)
		}
	}
	for _, bad := range []string{"limit=x", "limit=-1", "skip=1.5", "skip=-2", "order=sys.version", "limit=99999999999999999999"} {
		params, err := url.ParseQuery(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := listing[string](nil, params, 3, nil); !fault.Is(err, fault.InvalidQuery) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
