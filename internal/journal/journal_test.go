package journal_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/journal"
)

var start = time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)

// ids are those of a page, in its order.
func ids(p journal.Page) string {
	var out []string
	for _, r := range p.Items {
		out = append(out, r.ID)
	}
	return strings.Join(out, " ")
}

func TestBounds(t *testing.T) {
	t.Parallel()
	j := journal.New(journal.Options{Requests: 3, Bytes: 1 << 20})
	for i := range 1000 {
		j.Add(&journal.Request{ID: fmt.Sprint("r", i), Time: start.Add(time.Duration(i))})
		if i == 1 {
			if p := j.Find(journal.Filter{Limit: 9}); ids(p) != "r1 r0" || p.Total != 2 {
				t.Errorf("not full yet: %+v", p)
			}
		}
	}
	if p := j.Find(journal.Filter{Limit: 9}); ids(p) != "r999 r998 r997" || p.Total != 3 {
		t.Errorf("by number: %+v", p)
	}
	if _, ok := j.Get("r996"); ok {
		t.Error("an old request is still there")
	}

	const most = 1 << 20
	j = journal.New(journal.Options{Requests: 1_000_000, Bytes: most})
	large := json.RawMessage(`"` + strings.Repeat("x", 15<<10) + `"`)
	for i := range 500 {
		j.Add(&journal.Request{ID: fmt.Sprint("r", i), Body: append(json.RawMessage(nil), large...), Answer: append(json.RawMessage(nil), large...), Message: strings.Repeat("m", 1000)})
	}
	kept := j.Find(journal.Filter{Limit: 1000}).Total
	if kept > most/(30<<10) || kept < most/(40<<10) {
		t.Errorf("%d requests of more than 30 KiB in %d KiB", kept, most>>10)
	}
	if r, ok := j.Get("r499"); !ok || len(r.Body) != len(large) {
		t.Errorf("the latest is not there: %v", ok)
	}
	j.Add(&journal.Request{ID: "huge", Body: make(json.RawMessage, 2*most)})
	if p := j.Find(journal.Filter{Limit: 9}); p.Total != 0 {
		t.Errorf("one that is larger than the bound: %+v", p)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	j := journal.New(journal.Options{Requests: 100, Bytes: 1 << 20})
	const entries = "/spaces/:space/environments/:environment/entries"
	for i, r := range []journal.Request{
		{ID: "a", Method: "GET", Status: 200, Route: entries, Space: "s1", Answer: json.RawMessage("1")},
		{ID: "b", Method: "PUT", Status: 422, Route: entries + "/:id", Space: "s1", Fault: "InvalidEntry", Body: json.RawMessage("1")},
		{ID: "c", Method: "GET", Status: 404, Fault: "UnknownRoute"},
		{ID: "d", Method: "GET", Status: 500, Route: entries, Space: "s2", Fault: "ServerError"},
		{ID: "c", Method: "other", Status: 404, Fault: "UnknownRoute", Message: "again"},
	} {
		r.Time = start.Add(time.Duration(i) * time.Minute)
		j.Add(&r)
	}
	j.Add(&journal.Request{ID: "slow", Method: "POST", Status: 201, Time: start.Add(90 * time.Second)}) // answered last, asked earlier
	now := start.Add(5 * time.Minute)
	for query, want := range map[string]string{
		"":                           "c d c slow b a",
		"status=4xx":                 "c c b",
		"status=404":                 "c c",
		"status=5XX&space=s2":        "d",
		"space=s1":                   "b a",
		"method=get":                 "d c a",
		"method=other":               "c",
		"route=/entries/":            "b",
		"route=/entries":             "d b a",
		"fault=InvalidEntry":         "b",
		"fault=invalidentryerror":    "b",
		"fault=ServerError":          "d",
		"since=2m":                   "c d",
		"since=2026-05-01T10:02:00Z": "c d c",
		"since=2026-05-01T12:02:00+02:00&until=1m30s": "d c",
		"until=2026-05-01T10:01:00Z":                  "b a",
		"limit=2":                                     "c d",
		"limit=2&skip=1":                              "d c",
		"skip=100":                                    "",
		"limit=0":                                     "",
		"status=":                                     "c d c slow b a",
		"limit=3&limit=1":                             "c",
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		f, err := journal.ParseFilter(values, now)
		if err != nil {
			t.Errorf("%s: %v", query, err)
		}
		p := j.Find(f)
		if ids(p) != want {
			t.Errorf("%s: %s, want %s", query, ids(p), want)
		}
		for _, r := range p.Items {
			if r.Body != nil || r.Answer != nil {
				t.Errorf("a list has bodies: %+v", r)
			}
		}
	}
	if r, ok := j.Get("c"); !ok || r.Message != "again" {
		t.Errorf("of two with one id, not the latest: %+v", r)
	}
	if r, ok := j.Get("b"); !ok || string(r.Body) != "1" {
		t.Errorf("by id: %+v", r)
	}
}

func TestParseFilterRefuses(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]fault.Detail{
		"stats=4xx":      {Name: "unknown", Path: []any{"stats"}, Details: `The path "stats" is not recognized`, Suggestions: []string{"status"}},
		"fault=NotFond":  {Name: "value", Path: []any{"fault"}, Value: fault.Raw("NotFond"), Details: `The value provided for "fault" is invalid. Please provide the id of an error, such as InvalidEntry`, Suggestions: []string{"NotFound"}},
		"method=PUTT":    {Name: "value", Path: []any{"method"}, Value: fault.Raw("PUTT"), Details: `The value provided for "method" is invalid. Please provide one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, other`, Suggestions: []string{"PUT"}},
		"since=tomorrow": {Name: "value", Path: []any{"since"}, Value: fault.Raw("tomorrow"), Details: `The value provided for "since" is invalid. Please provide a duration such as 10m, or a time such as 2026-05-01T10:00:00Z`},
		"until=-1m":      {Name: "value", Path: []any{"until"}, Value: fault.Raw("-1m"), Details: `The value provided for "until" is invalid. Please provide a duration such as 10m, or a time such as 2026-05-01T10:00:00Z`},
		"limit=1001":     {Name: "value", Path: []any{"limit"}, Value: fault.Raw("1001"), Details: `The value provided for "limit" is invalid. Please provide a value between 0 and 1000`},
		"skip=-1":        {Name: "value", Path: []any{"skip"}, Value: fault.Raw("-1"), Details: `The value provided for "skip" is invalid. Please provide a value larger than or equal to 0`},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = journal.ParseFilter(values, start)
		f := fault.Of(err)
		if f == nil || f.Kind != fault.InvalidQuery {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if diff := cmp.Diff([]fault.Detail{want}, f.Details.Errors); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		if want.Name == "value" && f.Message != want.Details {
			t.Errorf("%s: message %q", query, f.Message)
		}
	}
	for _, status := range []string{"6xx", "0xx", "99", "600", "4", "xx", "4x", "40x", "99999999999999999xx"} {
		if _, err := journal.ParseFilter(url.Values{"status": {status}, "colour": {"red"}}, start); err == nil || len(fault.Of(err).Details.Errors) != 2 {
			t.Errorf("status %s: %v", status, err)
		}
	}
}

// TestConcurrency is for the race detector: many writers, and readers beside
// them that see only whole requests in order.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	j := journal.New(journal.Options{Requests: 50, Bytes: 1 << 20})
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				p := j.Find(journal.Filter{Least: 200, Most: 299, Limit: 1000})
				if p.Total > 50 || p.Total != len(p.Items) {
					t.Errorf("%d of %d", len(p.Items), p.Total)
				}
				for i, r := range p.Items {
					if got, ok := j.Get(r.ID); ok && (got.ID != r.ID || got.Message != r.ID) {
						t.Errorf("half a request: %+v", got)
					}
					if i > 0 && p.Items[i-1].Time.Before(r.Time) {
						t.Errorf("out of order")
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for w := range 8 {
		writers.Go(func() {
			for i := range 500 {
				id := fmt.Sprintf("%d-%d", w, i)
				j.Add(&journal.Request{ID: id, Message: id, Status: 200 + i%300, Time: start.Add(time.Duration(i))})
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
}
