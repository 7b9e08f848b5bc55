package cma_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// TestEveryVersionIsKept writes at random, restarts in between, and compares every
// version in the history, and every snapshot, with what was answered when it was
// written: in the environment, and in copies that outlive it.
func TestEveryVersionIsKept(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) func() (*sqlstore.Store, error){
		"SQLite": func(t *testing.T) func() (*sqlstore.Store, error) {
			path := filepath.Join(t.TempDir(), "test.db")
			return func() (*sqlstore.Store, error) { return sqlstore.OpenSQLite(t.Context(), path) }
		},
		"PostgreSQL": func(t *testing.T) func() (*sqlstore.Store, error) {
			url := pgtest.URL(t)
			return func() (*sqlstore.Store, error) { return sqlstore.OpenPostgres(t.Context(), url) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			again := open(t)
			w := &written{script: newScriptOn(t, func(*testing.T) (*sqlstore.Store, error) { return again() }), env: "master",
				random: rand.New(rand.NewPCG(3, 9)), lives: map[string]*writtenLife{}}
			w.post()
			for i := range 6 {
				for range 100 {
					w.step()
				}
				w.check()
				if i%2 == 0 {
					if err := w.s.Store.Close(); err != nil {
						t.Fatal(err)
					}
					st, err := again()
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() {
						if err := st.Close(); err != nil {
							t.Error(err)
						}
					})
					w.serveFrom(st)
					w.check()
				} else {
					w.moveOn(fmt.Sprint("copy", i))
				}
			}
		})
	}
}

// written is a script that remembers what it was answered.
type written struct {
	*script
	random *rand.Rand
	env    string
	lives  map[string]*writtenLife // by path in the environment
}

// writtenLife is what was answered to the writes to one resource.
type writtenLife struct {
	before    *writtenLife // in the trash, under the same id
	versions  map[int]string
	snapshots []int // versions that publishing made
	version   int
	published bool
	archived  bool
	trash     string // item that it is in; "" if it is there
}

// step writes something to a resource, whatever may be done to it next.
func (w *written) step() {
	t := w.t
	t.Helper()
	w.tick(time.Second)
	collection := []string{"entries", "assets", "content_types"}[w.random.IntN(3)]
	path := fmt.Sprintf("%s/r%d", collection, w.random.IntN(2))
	l := w.lives[path]
	url := "/spaces/{s}/environments/" + w.env + "/" + path
	body := fmt.Sprintf(`{"fields":{"title":{"en-US":"t%d"}}}`, w.random.IntN(1000))
	if collection == "content_types" {
		body = fmt.Sprintf(`{"name":"n%d","fields":[{"id":"a","name":"A%d","type":"Symbol"}]}`, w.random.IntN(1000), w.random.IntN(1000))
	}
	write := func(call string, header []string, body string) string {
		t.Helper()
		a := w.do(call, header, body)
		if a.Code >= 300 {
			t.Fatalf("%s: %d %s", call, a.Code, a.Body)
		}
		return a.Body.String()
	}
	note := func(answer string) {
		l.version++
		l.versions[l.version] = answer
	}
	discard := func() {
		write("DELETE "+url, nil, "")
		var page struct {
			Items []struct{ Sys struct{ ID string } }
		}
		if err := json.Unmarshal([]byte(write("GET /spaces/{s}/environments/"+w.env+"/_typecase/trash?limit=1", nil, "")), &page); err != nil || len(page.Items) != 1 {
			t.Fatalf("%v %v", page, err)
		}
		l.trash = page.Items[0].Sys.ID
	}
	switch n := w.random.IntN(12); {
	case l == nil || l.trash != "" && n < 2: // new, or new under the id of what was deleted
		l = &writtenLife{versions: map[int]string{}, before: l}
		w.lives[path] = l
		note(write("PUT "+url, []string{contentOf}, body))
	case l.trash != "" && n < 4: // for good, so that what had the id before may come back
		write("DELETE /spaces/{s}/environments/"+w.env+"/_typecase/trash/"+l.trash, nil, "")
		if l = l.before; l == nil {
			delete(w.lives, path)
			return
		}
		w.lives[path] = l
		note(write("POST /spaces/{s}/environments/"+w.env+"/_typecase/trash/"+l.trash+"/restore", nil, ""))
		l.trash = ""
	case l.trash != "":
		note(write("POST /spaces/{s}/environments/"+w.env+"/_typecase/trash/"+l.trash+"/restore", nil, ""))
		l.trash = ""
	case l.before != nil && !l.published && n > 7: // so that the one before may come back
		discard()
	case l.archived:
		note(write("DELETE "+url+"/archived", nil, ""))
		l.archived = false
	case n < 5:
		note(write("PUT "+url, version(l.version), body))
	case n < 6 && collection != "assets":
		note(write("PUT "+url+"/published", version(l.version), ""))
		l.published = true
		l.snapshots = append(l.snapshots, l.version)
	case l.published && n < 9:
		note(write("DELETE "+url+"/published", nil, ""))
		l.published = false
	case !l.published && n < 9 && collection != "content_types":
		note(write("PUT "+url+"/archived", nil, ""))
		l.archived = true
	case !l.published && n < 10:
		discard()
	case n < 12 && l.version > 1: // an earlier version once more
		from := 1 + w.random.IntN(l.version)
		note(write(fmt.Sprintf("POST /spaces/{s}/environments/%s/_typecase/history/%s/%d/restore", w.env, path, from), version(l.version), ""))
		if now, then := l.versions[l.version], l.versions[from]; bare(t, now) != bare(t, then) {
			t.Errorf("%s: version %d was restored as %s, was %s", path, from, now, then)
		}
	}
}

// bare is an answer without sys.
func bare(t *testing.T, body string) string {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "sys")
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// check reads all versions and snapshots back.
func (w *written) check() {
	t := w.t
	t.Helper()
	get := func(path string) string {
		t.Helper()
		a := w.do("GET /spaces/{s}/environments/"+w.env+"/"+path, nil, "")
		if a.Code != 200 {
			t.Fatalf("%s: %d %s", path, a.Code, a.Body)
		}
		return a.Body.String()
	}
	for path, l := range w.lives {
		var listed []int
		for next := "_typecase/history/" + path + "?limit=7"; next != ""; {
			var page struct {
				Items []struct {
					Sys struct {
						Version int
						Action  string
					}
				}
				Pages struct{ Next string }
			}
			if err := json.Unmarshal([]byte(get(next)), &page); err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				if item.Sys.Action != "delete" {
					listed = append(listed, item.Sys.Version)
				}
			}
			_, next, _ = strings.Cut(page.Pages.Next, "/environments/"+w.env+"/")
		}
		slices.Reverse(listed)
		for i, v := range listed {
			if v != i+1 {
				t.Fatalf("history of %s: %v", path, listed)
			}
		}
		if len(listed) != l.version {
			t.Errorf("history of %s ends at %d, not at %d", path, len(listed), l.version)
		}
		for v, answer := range l.versions {
			var past struct{ Entity json.RawMessage }
			if err := json.Unmarshal([]byte(get(fmt.Sprintf("_typecase/history/%s/%d", path, v))), &past); err != nil {
				t.Fatal(err)
			}
			w.same(fmt.Sprintf("%s, version %d", path, v), w.here(answer), string(past.Entity))
		}
		if l.trash != "" || strings.HasPrefix(path, "assets") {
			continue
		}
		var snapshots struct {
			Total int
			Items []struct{ Snapshot json.RawMessage }
		}
		if err := json.Unmarshal([]byte(get(path+"/snapshots")), &snapshots); err != nil {
			t.Fatal(err)
		}
		if snapshots.Total != len(l.snapshots) || len(snapshots.Items) != len(l.snapshots) {
			t.Fatalf("%s: %d snapshots, want %d", path, snapshots.Total, len(l.snapshots))
		}
		for i, item := range snapshots.Items {
			want := w.here(l.versions[l.snapshots[len(l.snapshots)-1-i]])
			if strings.HasPrefix(path, "entries") {
				want = strings.Replace(want, `"metadata":{"tags":[],"concepts":[]},`, "", 1)
			}
			w.same(fmt.Sprintf("%s, snapshot %d", path, i), want, string(item.Snapshot))
		}
	}
}

// here is an answer as it reads in the present environment.
func (w *written) here(answer string) string {
	for _, env := range []string{"master", "copy1", "copy3", "copy5"} {
		answer = strings.ReplaceAll(answer, linkJSON("Environment", env), linkJSON("Environment", w.env))
		answer = strings.ReplaceAll(answer, "environments/"+env+"/", "environments/"+w.env+"/")
	}
	return answer
}

// moveOn goes on in a copy, and deletes the environment before unless it is master.
// What was in the trash is not in the copy.
func (w *written) moveOn(to string) {
	w.t.Helper()
	w.play(step{name: "copy", call: "PUT /spaces/{s}/environments/" + to, header: []string{"X-Contentful-Source-Environment: " + w.env}, body: `{}`, status: 201, find: map[string]string{"x": "name"}})
	if w.env != "master" {
		w.play(step{name: "delete", call: "DELETE /spaces/{s}/environments/" + w.env, status: 204})
		w.tick(25 * time.Hour)
		if err := w.work(); err != nil {
			w.t.Error(err)
		}
	}
	for path, l := range w.lives {
		if l.before = nil; l.trash != "" {
			delete(w.lives, path)
		}
	}
	w.env = to
	w.check()
}
