package authoring_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/fetch"
	"github.com/typecase/typecase/internal/job"
	"github.com/typecase/typecase/internal/store"
)

func TestProcessFromURL(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	cat := pngFile(t, 30, 20)
	url := gallery(t, map[string]string{"/cat": cat})
	d.saveAsset(t, store.Absent, map[string]cms.File{"k-en": {ContentType: "image/jpeg", FileName: "Cute Cat.png", Upload: url + "/cat"}})
	d.now = d.now.Add(time.Minute)
	d.process(t, "en-US")
	if h, _, _ := d.asset(t); h.Version != 1 {
		t.Errorf("version %d before the work is done", h.Version)
	}
	if d.woken != 1 {
		t.Errorf("the runner was woken %d times", d.woken)
	}
	d.develop(t)

	h, doc, files := d.asset(t)
	if h.Version != 2 || h.UpdatedBy != "anna" || !h.UpdatedAt.Equal(d.now) || h.CreatedBy != "ben" {
		t.Errorf("head %+v", h.Sys)
	}
	if string(doc.Fields[cms.AssetTitle]["k-en"]) != `"Cat"` || !cmp.Equal(doc.Metadata.Tags, []string{"t1"}) {
		t.Errorf("the rest did not stay: %+v", doc)
	}
	got := files["k-en"]
	at, ok := blob.ParsePath(got.URL)
	if !ok || at != blob.NewFile("s1", "a1", at.Unique, "Cute Cat.png") {
		t.Errorf("URL %s", got.URL)
	}
	want := cms.File{
		ContentType: "image/png", FileName: "Cute Cat.png", URL: got.URL,
		Details: &cms.FileDetails{Size: int64(len(cat)), Image: &cms.ImageSize{Width: 30, Height: 20}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d.content(t, got.URL) != cat {
		t.Error("other bytes were stored")
	}

	d.process(t, "en-US") // again
	if jobs := d.due(t); len(jobs) > 0 || d.woken != 1 {
		t.Errorf("a processed file made jobs %v", jobs)
	}
}

func TestProcessFromUpload(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	up, err := d.CreateUpload(t.Context(), d.place, d.actor, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	link := cms.LinkTo(cms.KindUpload, up.ID)
	d.saveAsset(t, store.Absent, map[string]cms.File{"k-de": {ContentType: "text/markdown", FileName: "a.md", UploadFrom: &link}})
	d.process(t, "de")
	d.develop(t)
	_, _, files := d.asset(t)
	got := files["k-de"]
	want := cms.File{ContentType: "text/markdown", FileName: "a.md", URL: got.URL, Details: &cms.FileDetails{Size: 5}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d.content(t, got.URL) != "hello" {
		t.Error("other bytes were stored")
	}
	// The asset keeps its bytes when the upload goes.
	if err := d.DeleteUpload(t.Context(), d.place, d.actor, up.ID); err != nil {
		t.Fatal(err)
	}
	if d.content(t, got.URL) != "hello" || d.blobCount(t, "uploads") != 0 {
		t.Error("deleting the upload took too much or too little")
	}
}

// A URL of our own needs no request: the server may be unable to reach itself.
func TestProcessOwnURL(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	d.Fetch = fetch.New(fetch.Options{}) // reaches no loopback address
	old := blob.NewFile("s0", "a0", strings.Repeat("ab", 16), "old.txt")
	if _, err := d.Blobs.Put(t.Context(), old.Key(), "text/plain", strings.NewReader("mine"), fileLimit); err != nil {
		t.Fatal(err)
	}
	other := blob.NewFile("s0", "a0", strings.Repeat("cd", 16), "other.txt")
	d.saveAsset(t, store.Absent, map[string]cms.File{
		"k-en": {ContentType: "text/plain", FileName: "new.txt", Upload: "https://localhost:8443" + old.Path()},
		"k-de": {ContentType: "text/plain", FileName: "new.txt", Upload: "https://localhost:8443" + other.Path()},
	})
	d.process(t, "en-US", "de")
	errs := d.runJobs(t)
	_, _, files := d.asset(t)
	if files["k-en"].URL == old.Path() || d.content(t, files["k-en"].URL) != "mine" {
		t.Errorf("file %+v", files["k-en"])
	}
	if files["k-de"].URL != "" || !fault.Is(errors.Join(errs...), fault.BadRequest) {
		t.Errorf("a file that is not ours: %+v, %v", files["k-de"], errs)
	}
}

// Each file is one version; the last version has all of them.
func TestProcessAllLocales(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	url := gallery(t, map[string]string{"/en": "english", "/de": "deutsch"})
	d.saveAsset(t, store.Absent, map[string]cms.File{
		"k-en": {ContentType: "text/plain", FileName: "en.txt", Upload: url + "/en"},
		"k-de": {ContentType: "text/plain", FileName: "de.txt", Upload: url + "/de"},
	})
	d.process(t, "en-US", "de", "de") // an SDK may repeat a request
	d.develop(t)
	h, _, files := d.asset(t)
	if h.Version != 3 {
		t.Errorf("version %d, want 3", h.Version)
	}
	if d.content(t, files["k-en"].URL) != "english" || d.content(t, files["k-de"].URL) != "deutsch" {
		t.Errorf("files %+v", files)
	}
	if n := d.blobCount(t, "files"); n != 2 {
		t.Errorf("%d files are stored, want 2", n)
	}
}

func TestProcessRefuses(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	err := d.ProcessAsset(t.Context(), d.place, d.actor, "a1", "en-US")
	if diff := cmp.Diff(&fault.Details{Type: "Asset", ID: "a1", Environment: "master", Space: "s1"}, fault.Of(err).Details); !fault.Is(err, fault.NotFound) || diff != "" {
		t.Errorf("no asset: %v %s", err, diff)
	}
	d.saveAsset(t, store.Absent, map[string]cms.File{"k-en": {ContentType: "image/png", FileName: "x.png"}})
	for _, locale := range []string{"en-US", "de", "zzz-AC"} {
		err := d.ProcessAsset(t.Context(), d.place, d.actor, "a1", locale)
		want := []fault.Detail{{Name: "required", Path: []any{"fields", "file", locale}, Details: "No file specified for locale: " + locale}}
		if !fault.Is(err, fault.ValidationFailed) {
			t.Errorf("%s: %v", locale, err)
			continue
		}
		if diff := cmp.Diff(want, fault.Of(err).Details.Errors); diff != "" {
			t.Errorf("%s: %s", locale, diff)
		}
	}
	d.saveAsset(t, 1, map[string]cms.File{"k-en": {ContentType: "image/png", FileName: "x.png", URL: "https://example.org/x.png"}})
	d.process(t, "en-US") // a foreign URL is not ours to process, and publishing refuses it
	if jobs := d.due(t); len(jobs) > 0 || d.woken > 0 {
		t.Errorf("jobs %v", jobs)
	}
}

// What cannot be processed leaves the asset as it was, and nothing behind.
func TestProcessFailures(t *testing.T) {
	t.Parallel()
	page := "<!DOCTYPE html><html><script>alert(1)</script>"
	url := gallery(t, map[string]string{"/page": page, "/long": strings.Repeat("x", fileLimit+1), "/text": "hello"})
	gone := cms.LinkTo(cms.KindUpload, "gone")
	for _, tt := range []struct {
		name string
		file cms.File
		kind fault.Kind
	}{
		{"not there", cms.File{FileName: "x", Upload: url + "/nothing"}, fault.BadRequest},
		{"too long", cms.File{FileName: "x", Upload: url + "/long"}, fault.BodyTooLarge},
		{"page", cms.File{FileName: "x", Upload: url + "/page"}, fault.ValidationFailed},
		{"page as an image", cms.File{FileName: "x", ContentType: "image/png", Upload: url + "/page"}, fault.ValidationFailed},
		{"declared script", cms.File{FileName: "x", ContentType: "text/javascript", Upload: url + "/text"}, fault.ValidationFailed},
		{"no URL", cms.File{FileName: "x", Upload: "nonsense"}, fault.BadRequest},
		{"no upload", cms.File{FileName: "x", UploadFrom: &gone}, fault.NotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDarkroom(t)
			d.saveAsset(t, store.Absent, map[string]cms.File{"k-en": tt.file})
			d.process(t, "en-US")
			errs := d.runJobs(t)
			if len(errs) != 1 || !fault.Is(errs[0], tt.kind) {
				t.Errorf("%v, want %v", errs, tt.kind)
			}
			h, _, files := d.asset(t)
			if diff := cmp.Diff(tt.file, files["k-en"]); h.Version != 1 || diff != "" {
				t.Errorf("version %d, %s", h.Version, diff)
			}
			if n := d.blobCount(t, "files"); n != 0 {
				t.Errorf("%d files were left", n)
			}
		})
	}
}

// What happens to the asset while its file is fetched is kept.
func TestProcessMeetsChanges(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		change  func(t *testing.T, d *darkroom, pending cms.File)
		version int
		url     bool
		blobs   int
	}{
		{"other fields", func(t *testing.T, d *darkroom, f cms.File) {
			d.saveAsset(t, 1, map[string]cms.File{"k-en": f, "k-de": {FileName: "other"}})
		}, 3, true, 1},
		{"another file", func(t *testing.T, d *darkroom, f cms.File) {
			f.FileName = "another"
			d.saveAsset(t, 1, map[string]cms.File{"k-en": f})
		}, 2, false, 0},
		{"no file", func(t *testing.T, d *darkroom, _ cms.File) { d.saveAsset(t, 1, nil) }, 2, false, 0},
		{"archived", func(t *testing.T, d *darkroom, _ cms.File) {
			if _, err := d.ArchiveAsset(t.Context(), d.place, d.actor, "a1"); err != nil {
				t.Fatal(err)
			}
			if err := d.ProcessAsset(t.Context(), d.place, d.actor, "a1", "en-US"); !fault.Is(err, fault.BadRequest) {
				t.Errorf("processing an archived asset: %v", err)
			}
		}, 2, false, 0},
		{"no asset", func(t *testing.T, d *darkroom, _ cms.File) {
			if err := d.Store.Update(t.Context(), d.place.Environment, func(tx store.Tx) error {
				return tx.Delete(t.Context(), d.place.Environment, cms.KindAsset, "a1", 1, "ben", d.now)
			}); err != nil {
				t.Fatal(err)
			}
		}, 0, false, 0},
		{"no environment", func(t *testing.T, d *darkroom, _ cms.File) {
			if err := d.Store.Update(t.Context(), d.place.Space, func(tx store.Tx) error {
				return tx.DropScope(t.Context(), d.place.Environment)
			}); err != nil {
				t.Fatal(err)
			}
		}, 0, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDarkroom(t)
			asked, goOn := make(chan struct{}), make(chan struct{})
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				close(asked)
				<-goOn
				_, _ = io.WriteString(w, "hello")
			}))
			defer s.Close()
			file := cms.File{ContentType: "text/plain", FileName: "x.txt", Upload: s.URL}
			d.saveAsset(t, store.Absent, map[string]cms.File{"k-en": file})
			d.process(t, "en-US")
			jobs := d.due(t)
			if len(jobs) != 1 {
				t.Fatalf("jobs %v", jobs)
			}
			done := make(chan error)
			go func() { done <- d.Jobs()[jobs[0].Name](t.Context(), jobs[0]) }()
			<-asked
			tt.change(t, d, file)
			close(goOn)
			if err := <-done; err != nil {
				t.Error(err)
			}
			if n := d.blobCount(t, "files"); n != tt.blobs {
				t.Errorf("%d files are stored, want %d", n, tt.blobs)
			}
			if tt.version == 0 {
				return
			}
			h, _, files := d.asset(t)
			if h.Version != tt.version || (files["k-en"].URL != "") != tt.url {
				t.Errorf("version %d, files %+v", h.Version, files)
			}
		})
	}
}

// The whole way: a request wakes the runner, which processes the file at once.
func TestProcessWithRunner(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	done := make(chan error, 1)
	handlers := map[string]job.Handler{}
	for name, handle := range d.Jobs() {
		handlers[name] = func(ctx context.Context, j store.Job) error {
			err := handle(ctx, j)
			done <- err
			return err
		}
	}
	runner := job.New(d.Store, d.Now, slog.New(slog.DiscardHandler), handlers)
	d.Wake = runner.Wake
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		runner.Run(ctx)
	}()
	url := gallery(t, map[string]string{"/x": "hello"})
	d.saveAsset(t, store.Absent, map[string]cms.File{"k-en": {ContentType: "text/plain", FileName: "x.txt", Upload: url + "/x"}})
	d.process(t, "en-US")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	cancel()
	<-stopped
	if _, _, files := d.asset(t); d.content(t, files["k-en"].URL) != "hello" {
		t.Errorf("files %+v", files)
	}
	d.now = d.now.Add(time.Hour) // past the lease
	if jobs := d.due(t); len(jobs) > 0 {
		t.Errorf("not finished: %v", jobs)
	}
}
