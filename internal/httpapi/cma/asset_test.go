package cma_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// work runs the jobs that are due and returns what came of them.
func (sc *script) work() error {
	sc.t.Helper()
	jobs, err := sc.s.Store.Lease(sc.t.Context(), sc.now, time.Minute, 100)
	if err != nil {
		sc.t.Fatal(err)
	}
	var errs []error
	for _, j := range jobs {
		errs = append(errs, sc.s.Jobs()[j.Name](sc.t.Context(), j), sc.s.Store.Finish(sc.t.Context(), j.ID))
	}
	return errors.Join(errs...)
}

// pixel is a GIF of 3 by 2 pixels.
const pixel = "GIF89a\x03\x00\x02\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x03\x00\x02\x00\x00\x02\x03D\x02\x05\x00;"

// asset expects a new asset.
func (sc *script) asset(id, fields string) *life {
	return sc.born("Asset", id, none+`"fields":`+fields)
}

func assetInvalid(elements ...string) string { return problems("ValidationFailed", elements...) }

func TestAssetByURL(t *testing.T) {
	onBoth(t, func(sc *script) {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/none" {
				w.WriteHeader(http.StatusNotFound)
			}
			body := pixel
			if r.URL.Path == "/page" {
				body = "<!DOCTYPE html><html><script>alert(1)</script></html>"
			}
			if _, err := w.Write([]byte(body)); err != nil {
				sc.t.Error(err)
			}
		}))
		sc.t.Cleanup(web.Close)
		sc.names["web"] = web.URL
		const one = content + "/assets/one"
		sc.play(step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"de": "sys.id"}})
		upload := func(name, path string) string {
			return `{"contentType":"image/gif","fileName":"` + name + `","upload":"{web}` + path + `"}`
		}
		fields := `{"title":{"en-US":"A","de":null},"file":{"en-US":` + upload("a b.gif", "/a.gif") + `,"de":` + upload("ä.gif", "/b.gif") + `}}`
		l := sc.asset("one", fields).withGerman()
		required := func(locale string) string {
			return `{"name":"required","path":["fields","file","` + locale + `","url"],"details":"The property \"url\" is required here"}`
		}
		sc.play(
			step{name: "create", call: "PUT " + one, body: `{"fields":` + fields + `}`, status: 201, want: l.show()},
			step{name: "not processed", call: "PUT " + one + "/published", header: version(1), status: 422, want: assetInvalid(required("en-US"), required("de"))},
			step{name: "no such locale", call: "PUT " + one + "/files/zz/process", header: version(1), status: 422,
				want: assetInvalid(`{"name":"required","path":["fields","file","zz"],"details":"No file specified for locale: zz"}`)},
			step{name: "no such asset", call: "PUT " + content + "/assets/two/files/de/process", header: version(1), status: 404, want: lacking("Asset", "two")},
			step{name: "process", call: "PUT " + one + "/files/en-US/process", header: version(1), status: 204},
			step{name: "the other, with the same version", call: "PUT " + one + "/files/de/process", header: version(1), body: `null`, status: 204},
			step{name: "as before", call: "GET " + one, want: l.show()},
		)
		sc.tick(time.Second)
		if err := sc.work(); err != nil {
			sc.t.Fatal(err)
		}
		sc.play(step{name: "processed", call: "GET " + one, find: map[string]string{"en": "fields.file.en-US.url", "german": "fields.file.de.url"}})
		processed := func(host string) string {
			file := func(name, url string) string {
				return `{"contentType":"image/gif","fileName":"` + name + `","url":"` + strings.Replace(url, "//example.com", host, 1) + `","details":{"size":36,"image":{"width":3,"height":2}}}`
			}
			return `{"title":{"en-US":"A","de":null},"file":{"en-US":` + file("a b.gif", sc.names["en"]) + `,"de":` + file("ä.gif", sc.names["german"]) + `}}`
		}
		done := processed("//example.com")
		l.version, l.updated, l.rest = 3, sc.names["ms"], none+`"fields":`+done
		if en := sc.names["en"]; !strings.HasPrefix(en, "//example.com/files/"+sc.names["s"]+"/one/") || !strings.HasSuffix(en, "/a_b.gif") {
			sc.t.Errorf("URL %q", en)
		}
		sc.play(
			step{name: "as it is", call: "GET " + one, want: l.show()},
			step{name: "processing again changes nothing", call: "PUT " + one + "/files/de/process", header: version(3), status: 204},
			step{name: "publish", call: "PUT " + one + "/published", header: version(3), want: l.publish().show()},
			step{name: "put it back", call: "PUT " + one, header: version(4), body: `{"fields":` + done + `}`, want: l.touch().show()},
			step{name: "with a scheme", call: "PUT " + one, header: version(5), body: `{"fields":` + processed("https://example.com") + `}`, want: l.touch().show()},
			step{name: "as another host shows it", call: "PUT " + one, header: version(6), body: `{"fields":` + processed("http://cms.example.org:8080") + `}`, want: l.touch().show()},
			step{name: "with details of its own", call: "PUT " + one, header: version(7), body: `{"fields":` + strings.Replace(strings.Replace(done, `"size":36`, `"size":1`, 1), `,"details":{"size":36,"image":{"width":3,"height":2}}`, "", 1) + `}`, want: l.touch().show()},
			step{name: "publish again", call: "PUT " + one + "/published", header: version(8), want: l.publish().show()},
			step{name: "listed", call: "GET " + content + "/assets?mimetype_group=image", want: list(1, 0, 100, l.show())},
			step{name: "public", call: "GET " + content + "/public/assets", want: list(1, 0, 100, l.show())},
		)
		if err := sc.work(); err != nil {
			sc.t.Fatal(err)
		}

		// files that cannot be had stay as they are
		for _, path := range []string{"/none", "/page"} {
			id := "bad" + path[1:]
			fields := `{"file":{"en-US":` + upload("x.gif", path) + `}}`
			if path == "/page" {
				fields = strings.Replace(fields, "image/gif", "text/html", 1)
			}
			bad := sc.asset(id, fields).withGerman()
			sc.play(
				step{name: "create " + id, call: "PUT " + content + "/assets/" + id, body: `{"fields":` + fields + `}`, status: 201, want: bad.show()},
				step{name: "process " + id, call: "PUT " + content + "/assets/" + id + "/files/en-US/process", status: 204},
			)
			if sc.work() == nil {
				sc.t.Errorf("%s was processed", path)
			}
			sc.play(step{name: "as before", call: "GET " + content + "/assets/" + id, want: bad.show()})
		}
	})
}

// touch expects a save that changes nothing.
func (l *life) touch() *life {
	l.step()
	return l
}

func TestAssetByUpload(t *testing.T) {
	onBoth(t, func(sc *script) {
		const raw = "Content-Type: application/octet-stream"
		user, space := linkJSON("User", "{user}"), linkJSON("Space", "{s}")
		uploaded := func(id, more string) string {
			return `{"sys":{"id":"` + id + `","type":"Upload","createdAt":"2026-05-01T10:00:00.000Z","expiresAt":"2026-05-03T00:00:00.000Z","space":` + space + `,"createdBy":` + user + more + `}}`
		}
		inMaster := `,"environment":` + linkJSON("Environment", "master")
		missing := failure("NotFound", notFound, `{"type":"Upload","id":"nope","environment":"master","space":"{s}"}`)
		sc.play(
			step{name: "upload", call: "POST " + content + "/uploads", header: []string{raw}, body: pixel, status: 201, find: map[string]string{"u": "sys.id"}},
			step{name: "get", call: "GET " + content + "/uploads/{u}", want: uploaded("{u}", inMaster)},
			step{name: "another", call: "POST /spaces/{s}/uploads", header: []string{raw}, body: "text", status: 201, find: map[string]string{"u2": "sys.id"}},
			step{name: "unknown", call: "GET " + content + "/uploads/nope", status: 404, want: missing},
			step{name: "delete unknown", call: "DELETE " + content + "/uploads/nope", status: 404, want: missing},
		)
		const one = content + "/assets/one"
		fields := `{"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","uploadFrom":` + linkJSON("Upload", "{u}") + `}}}`
		l := sc.asset("one", fields)
		sc.play(
			step{name: "create", call: "PUT " + one, body: `{"fields":` + fields + `}`, status: 201, want: l.show()},
			step{name: "process", call: "PUT " + one + "/files/en-US/process", header: version(1), status: 204},
		)
		if err := sc.work(); err != nil {
			sc.t.Fatal(err)
		}
		sc.play(step{name: "processed", call: "GET " + one, find: map[string]string{"url": "fields.file.en-US.url"}})
		l.saved(none + `"fields":{"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","url":"{url}","details":{"size":36,"image":{"width":3,"height":2}}}}}`)
		sc.play(
			step{name: "as it is", call: "GET " + one, want: l.show()},
			step{name: "the upload may go", call: "DELETE " + content + "/uploads/{u}", status: 204},
			step{name: "gone", call: "GET " + content + "/uploads/{u}", status: 404, want: strings.Replace(missing, "nope", "{u}", 1)},
			step{name: "the asset stays", call: "PUT " + one + "/published", header: version(2), want: l.publish().show()},
		)
	})
}

func TestAssetRefused(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	const one = content + "/assets/one"
	l := sc.asset("one", `{}`)
	foreign := `{"contentType":"image/gif","fileName":"a.gif","url":"https://cdn.example.org/a.gif","details":{"size":1}}`
	sc.play(
		step{name: "create, nearly empty", call: "PUT " + one, body: `{"fields":{"file":{},"description":{},"title":null}}`, status: 201, want: l.show()},
		step{name: "no files", call: "PUT " + one + "/published", header: version(1), status: 422, want: assetInvalid(`{"name":"required","path":["fields","file"],"details":"The asset has no files"}`)},
		step{name: "no file to process", call: "PUT " + one + "/files/en-US/process", header: version(1), status: 422, want: assetInvalid(`{"name":"required","path":["fields","file","en-US"],"details":"No file specified for locale: en-US"}`)},
		step{name: "everything at once", call: "PUT " + one, header: version(1), status: 422,
			body: `{"fields":{"titel":{},"title":{"de":"x","en-US":1},"file":{"en-US":{"fileName":1,"upload":"https://x/","url":"https://y/"}}},"metadata":{"tags":1},"extra":1}`,
			want: assetInvalid(`{"name":"unknown","path":["extra"],"value":1,"details":"The property \"extra\" is not allowed here."}`)},
		step{name: "the rest of it", call: "PUT " + one, header: version(1), status: 422,
			body: `{"fields":{"titel":{},"title":{"de":"x","en-US":1},"file":{"en-US":{"fileName":1,"upload":"https://x/","url":"https://y/"}}},"metadata":{"tags":1}}`,
			want: assetInvalid(
				`{"name":"type","type":"Array","path":["metadata","tags"],"value":1,"details":"The type of \"tags\" is incorrect, expected type: Array"}`,
				`{"name":"unknown","path":["fields","titel"],"value":{},"details":"The property \"titel\" is not allowed here.","suggestions":["title"]}`,
				`{"name":"unknown","path":["fields","title","de"],"value":"x","details":"The property \"de\" is not allowed here."}`,
				`{"name":"type","type":"Symbol","path":["fields","title","en-US"],"value":1,"details":"The type of \"value\" is incorrect, expected type: Symbol"}`,
				`{"name":"required","path":["fields","file","en-US","contentType"],"details":"The property \"contentType\" is required here"}`,
				`{"name":"type","type":"String","path":["fields","file","en-US","fileName"],"value":1,"details":"The type of \"fileName\" is incorrect, expected type: String"}`,
				`{"name":"unexpected","path":["fields","file","en-US","url"],"details":"A file has only one of upload, uploadFrom and url"}`)},
		step{name: "a foreign address can be saved", call: "PUT " + one, header: version(1), body: `{"fields":{"file":{"en-US":` + foreign + `}}}`, want: l.saved(none + `"fields":{"file":{"en-US":` + foreign + `}}`).show()},
		step{name: "but not published", call: "PUT " + one + "/published", header: version(2), status: 422,
			want: assetInvalid(`{"name":"hasHostname","path":["fields","file","en-US","url"],"value":"https://cdn.example.org/a.gif","details":"The file is not on an asset host of this server"}`)},
		step{name: "nor one of another asset", call: "PUT " + one, header: version(2), body: `{"fields":{"file":{"en-US":` + processedFile("two") + `}}}`,
			want: l.saved(none + `"fields":{"file":{"en-US":` + processedFile("two") + `}}`).show()},
		step{name: "as it says", call: "PUT " + one + "/published", header: version(3), status: 422,
			want: assetInvalid(`{"name":"hasHostname","path":["fields","file","en-US","url"],"value":"//example.com/files/{s}/two/0123456789abcdef0123456789abcdef/a.png","details":"The file is not on an asset host of this server"}`)},
		step{name: "nothing to process at an address", call: "PUT " + one + "/files/en-US/process", header: version(3), status: 204},
		step{name: "POST", call: "POST " + content + "/assets", body: `{}`, status: 201, find: map[string]string{"x": "sys.id"}},
	)
}
