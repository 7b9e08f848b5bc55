package authoring_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/fetch"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

const fileLimit = 4096

// darkroom is a service with one environment of two locales, where files are
// processed by hand.
type darkroom struct {
	*authoring.Service
	place access.Place
	actor access.Actor
	dir   string // of the blobs
	now   time.Time
	woken int
}

func newDarkroom(t *testing.T) *darkroom {
	t.Helper()
	ctx := t.Context()
	st, err := sqlstore.OpenSQLite(ctx, filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	d := &darkroom{
		actor: access.Actor{User: "anna"},
		dir:   t.TempDir(),
		now:   time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC),
	}
	blobs, err := blob.New(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(st.Close(), blobs.Close()); err != nil {
			t.Error(err)
		}
	})
	d.Service = &authoring.Service{
		Store: st, Index: index.New(st, index.Options{}), Blobs: blobs, Fetch: fetch.New(fetch.Options{AllowPrivate: true}), FileLimit: fileLimit,
		Now: func() time.Time { return d.now }, Wake: func() { d.woken++ },
	}
	d.place = access.Place{SpaceID: "s1", EnvironmentID: "master", Target: "master"}
	err = st.Update(ctx, store.Server, func(tx store.Tx) error {
		var err error
		d.place.Space, err = tx.NewScope(ctx, store.Server)
		return err
	})
	if err == nil {
		err = st.Update(ctx, d.place.Space, func(tx store.Tx) error {
			var err error
			d.place.Environment, err = tx.NewScope(ctx, d.place.Space)
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	// The keys of locales differ from their codes, as after a rename.
	for code, key := range map[string]string{"en-US": "k-en", "de": "k-de"} {
		d.save(t, cms.KindLocale, "locale-"+code, store.Absent, cms.Locale{Name: code, Code: code, Key: key, Default: code == "en-US", Management: true, Delivery: true})
	}
	return d
}

// save stores a resource as its next version.
func (d *darkroom) save(t *testing.T, kind cms.Kind, id string, was int, value any) {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	w := store.Write{
		Head: store.Head{Scope: d.place.Environment, Sys: cms.Sys{Kind: kind, ID: id, Version: max(was, 0) + 1, CreatedAt: d.now, UpdatedAt: d.now, CreatedBy: "ben", UpdatedBy: "ben"}},
		Was:  was, Body: body, Action: store.Save, Actor: "ben", At: d.now,
	}
	if was == store.Absent {
		w.Action = store.Create
	}
	if err := d.Store.Update(t.Context(), d.place.Environment, func(tx store.Tx) error {
		_, err := tx.Put(t.Context(), w)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// saveAsset stores asset a1 with files by locale key.
func (d *darkroom) saveAsset(t *testing.T, was int, files map[string]cms.File) {
	t.Helper()
	doc := cms.Document{
		Metadata: cms.Metadata{Tags: []string{"t1"}},
		Fields:   cms.Fields{cms.AssetTitle: {"k-en": json.RawMessage(`"Cat"`)}, cms.AssetFile: {}},
	}
	for key, f := range files {
		doc.Fields[cms.AssetFile][key] = fault.Raw(f)
	}
	d.save(t, cms.KindAsset, "a1", was, doc)
}

// asset returns a1 with its files by locale key.
func (d *darkroom) asset(t *testing.T) (store.Head, cms.Document, map[string]cms.File) {
	t.Helper()
	h, err := d.Store.Get(t.Context(), d.place.Environment, cms.KindAsset, "a1")
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := d.Store.Bodies(t.Context(), []store.Revision{h.Draft})
	if err != nil {
		t.Fatal(err)
	}
	var doc cms.Document
	if err := json.Unmarshal(bodies[h.Draft], &doc); err != nil {
		t.Fatal(err)
	}
	files := map[string]cms.File{}
	for key, raw := range doc.Fields[cms.AssetFile] {
		var f cms.File
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatal(err)
		}
		files[key] = f
	}
	return h, doc, files
}

func (d *darkroom) process(t *testing.T, locales ...string) {
	t.Helper()
	for _, l := range locales {
		if err := d.ProcessAsset(t.Context(), d.place, d.actor, "a1", l); err != nil {
			t.Fatal(err)
		}
	}
}

// due takes the jobs that are due.
func (d *darkroom) due(t *testing.T) []store.Job {
	t.Helper()
	jobs, err := d.Store.Lease(t.Context(), d.now, time.Minute, 100)
	if err != nil {
		t.Fatal(err)
	}
	return jobs
}

// runJobs runs the jobs that are due once and returns what came of each.
func (d *darkroom) runJobs(t *testing.T) []error {
	t.Helper()
	var errs []error
	for _, j := range d.due(t) {
		errs = append(errs, d.Jobs()[j.Name](t.Context(), j))
		if err := d.Store.Finish(t.Context(), j.ID); err != nil {
			t.Fatal(err)
		}
	}
	return errs
}

// develop runs the jobs that are due; all must succeed.
func (d *darkroom) develop(t *testing.T) {
	t.Helper()
	if err := errors.Join(d.runJobs(t)...); err != nil {
		t.Fatal(err)
	}
}

// content is what is stored under a stored URL.
func (d *darkroom) content(t *testing.T, url string) string {
	t.Helper()
	f, ok := blob.ParsePath(url)
	if !ok {
		t.Fatalf("%q is no URL of a file", url)
	}
	b, err := d.Blobs.Open(f.Key())
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(b)
	if err := errors.Join(err, b.Close()); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// blobCount counts everything below a folder of the blobs, types aside.
func (d *darkroom) blobCount(t *testing.T, folder string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(d.dir, folder), func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.Contains(path, "~") {
			n++
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return n
}

func pngFile(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// gallery serves files by path.
func gallery(t *testing.T, files map[string]string) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, data)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
