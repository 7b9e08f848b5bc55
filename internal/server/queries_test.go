package server

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// queriesDir has a file for each query with its whole answer, and the world
// that they are asked of; README.md there describes their form.
const (
	queriesDir = "testdata/queries"
	worldName  = "world"
)

// TestQueryCases asks the queries of testdata/queries, on both databases.
func TestQueryCases(t *testing.T) {
	t.Parallel()
	path := filepath.Join(queriesDir, worldName+".txt")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	world, err := parseCase(path, string(text))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	cases := readCases(t, queriesDir)
	databases := []string{"SQLite", "PostgreSQL"}
	if *update {
		databases = databases[:1] // what it says is for the other to say
	}
	for _, database := range databases {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			l := startLive(t, func(c *config.Config) {
				if database == "PostgreSQL" {
					c.Database = config.Database(pgtest.URL(t))
				}
			})
			a := asker{newPlayer(t, l), newCalendar()}
			l.Authoring.Now = a.now
			for i, s := range world.steps {
				if !strings.Contains(s.line, " /organizations") { // what is not in the space takes no time in it
					a.minutes.Add(1)
				}
				a.p.must(t, s)
				if i == 0 {
					a.p.names["world"] = "/spaces/" + a.p.names["space"] + "/environments/master"
				}
			}
			for _, c := range cases {
				t.Run(c.topic+"/"+c.name, func(t *testing.T) { a.ask(t, c, *update) })
			}
			t.Run("operators by type", a.testOperators)
		})
	}
}

// asker asks queries of one server.
type asker struct {
	p *player
	*calendar
}

// ask makes the request of a case and compares the answer, to the order of
// names.
func (a asker) ask(t *testing.T, c *errorCase, write bool) {
	own := *a.p
	own.names, own.hide = map[string]string{}, map[string]string{}
	for name, value := range a.p.names {
		own.names[name] = value
	}
	for value, name := range a.p.hide {
		own.hide[value] = name
	}
	for _, s := range c.steps {
		own.must(t, a.sent(s))
	}
	res, body := own.send(t, a.sent(c.request))
	api := "delivery"
	if strings.Contains(strings.Join(c.request.header, "\n"), "{management}") {
		api = "management"
	}
	if got, want := res.Header.Get("Content-Type"), "application/vnd.contentful."+api+".v1+json"; got != want {
		t.Errorf("Content-Type: %s, want %s", got, want)
	}
	text := a.told(own.hidden(string(body), res.Header.Get("X-Contentful-Request-Id")))
	text = fileIn.ReplaceAllString(text, "$1{file}/")
	got := caseAnswer{status: res.StatusCode, body: []byte(text)}.String()
	if diff := cmp.Diff(strings.TrimSpace(c.answer), strings.TrimSpace(got)); diff != "" {
		if !write {
			t.Fatalf("%s (-want +got):\n%s", c.path, diff)
		}
		if err := os.WriteFile(c.path, []byte(c.text+"\n--- answer\n"+got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// fileIn is the address of a file up to the part that makes it one of a kind.
var fileIn = regexp.MustCompile(`(/files/[^/"]+/[^/"]+/)[0-9a-f]{32}/`)

// calendar lets a world be made minute by minute. Files tell its times as if
// that had begun with the year 2026; really it was a few hours ago, as uploads
// do not last for ever.
type calendar struct {
	began   time.Time
	minutes atomic.Int64
}

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newCalendar() *calendar {
	return &calendar{began: time.Now().UTC().Truncate(time.Minute).Add(-6 * time.Hour)}
}

func (c *calendar) now() time.Time { return c.began.Add(time.Duration(c.minutes.Load()) * time.Minute) }

// told is a text of the server as files have it.
func (c *calendar) told(text string) string { return shifted(text, c.began, newYear) }

// sent is a step as it is sent.
func (c *calendar) sent(s caseStep) caseStep {
	s.line = shifted(s.line, newYear, c.began)
	return s
}

var minuteIn = regexp.MustCompile(`\b\d{4}-\d\d-\d\dT\d\d:\d\d:00(\.000)?Z`)

// shifted moves the times of a text that are within a day after from to the day
// after to.
func shifted(text string, from, to time.Time) string {
	return minuteIn.ReplaceAllStringFunc(text, func(s string) string {
		at, err := time.Parse(time.RFC3339, s)
		if d := at.Sub(from); err != nil || d < 0 || d > 24*time.Hour {
			return s
		}
		return to.Add(at.Sub(from)).Format("2006-01-02T15:04:05.000Z")
	})
}
