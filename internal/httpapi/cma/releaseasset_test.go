package cma_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/blob"
)

// An asset that is only in a release is processed there.
func TestReleaseAssets(t *testing.T) {
	onBoth(t, func(sc *script) {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := w.Write([]byte(pixel)); err != nil {
				sc.t.Error(err)
			}
		}))
		sc.t.Cleanup(web.Close)
		sc.names["web"] = web.URL
		const pending = `{"title":{"en-US":"A"},"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","upload":"{web}/a.gif"}}}`
		sc.play(step{name: "outside", call: "PUT " + content + "/assets/out", body: `{"fields":` + pending + `}`, status: 201, want: sc.asset("out", pending).show()})
		sc.newRelease("r", release2Body("R", publishes("Asset", "out")))
		l, out := sc.asset("one", pending).in(), sc.asset("out", pending).in()
		required := `{"name":"required","path":["fields","file","en-US","url"],"details":"The property \"url\" is required here. The file is not processed: PUT …/files/en-US/process starts that, and the file gets its url some time after. Where it gets none, processing has failed, and the log of the server says why."}`
		sc.play(
			step{name: "make", call: "PUT " + inR + "/assets/one", body: `{"fields":` + pending + `}`, status: 201, want: l.show()},
			step{name: "get", call: "GET " + inR + "/assets/one", want: l.show()},
			step{name: "not outside", call: "GET " + content + "/assets/one", status: 404, want: lacking("Asset", "one")},
			step{name: "list", call: "GET " + inR + "/assets?order=sys.id", want: list(2, 0, 100, l.show(), out.show())},
			step{name: "without a version", call: "PUT " + inR + "/assets/one", body: `{}`, status: 409, want: noVersion("Asset", "one", 1)},
			step{name: "an unknown field", call: "PUT " + inR + "/assets/one", header: version(1), body: `{"fields":{"nope":{}}}`, status: 422,
				want: assetInvalid(`{"name":"unknown","path":["fields","nope"],"value":{},"details":"The property \"nope\" is not allowed here."}`)},
			step{name: "no such locale", call: "PUT " + inR + "/assets/one/files/zz/process", header: version(1), status: 422,
				want: assetInvalid(`{"name":"required","path":["fields","file","zz"],"details":"No file specified for locale: zz"}`)},
			step{name: "not in it", call: "PUT " + inR + "/assets/two/files/en-US/process", header: version(1), status: 404, want: notIn("Asset", "two")},
		)
		failed := nested("ValidationFailed", "Validation error", `{"errors":[`+required+`]}`)
		sc.releaseActs("PUT /published", 2, "", "publish", "failed", failing(linkJSON("Asset", "out"), failed)+","+failing(linkJSON("Asset", "one"), failed))
		sc.play(
			step{name: "process", call: "PUT " + inR + "/assets/one/files/en-US/process", header: version(1), status: 204},
			step{name: "and the one that is outside too", call: "PUT " + inR + "/assets/out/files/en-US/process", header: version(1), status: 204},
		)
		sc.tick(time.Second)
		sc.worked()
		for _, l := range []*life{l, out} {
			sc.play(step{name: "its address", call: "GET " + inR + "/assets/" + l.id, find: map[string]string{"url": "fields.file.en-US.url"}})
			done := `{"title":{"en-US":"A"},"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","url":"{url}","details":{"size":36,"image":{"width":3,"height":2}}}}}`
			if !strings.HasPrefix(sc.names["url"], "//example.com/files/"+sc.names["s"]+"/"+l.id+"/") {
				t.Errorf("URL %q", sc.names["url"])
			}
			sc.play(step{name: "processed", call: "GET " + inR + "/assets/" + l.id, want: l.saved(none + `"fields":` + done).show()},
				step{name: "again changes nothing", call: "PUT " + inR + "/assets/" + l.id + "/files/en-US/process", header: version(2), status: 204})
		}
		sc.play(step{name: "which is not processed outside", call: "GET " + content + "/assets/out", want: sc.asset("out", pending).at(l.created).show()})
		sc.releaseActs("PUT /published", 2, "", "publish", "succeeded", "")
		for id, v := range map[string]int{"one": 2, "out": 3} {
			if n, published := sc.versionNow("assets", id); n != v || !published {
				t.Errorf("%s is %d, published: %v", id, n, published)
			}
		}
		sc.noVersions()
		sc.play(step{name: "processing in what is published", call: "PUT " + inR + "/assets/one/files/en-US/process", header: version(1), status: 400,
			want: with("hint", `"Take it out of the archive first: DELETE …/releases/{r}/archived."`, badRequest("Cannot edit archived"))})
	})
}

// The file that a release's version of an asset names stays when the asset is gone
// for good.
func TestReleaseKeepsFiles(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := w.Write([]byte(pixel)); err != nil {
				t.Error(err)
			}
		}))
		t.Cleanup(web.Close)
		sc.names["web"] = web.URL
		p := sc.place()
		sc.newRelease("r", release2Body("R"))
		var keys []string
		for _, id := range []string{"kept", "lost"} {
			const asset = content + "/assets/"
			sc.play(
				step{name: "make", call: "PUT " + asset + id, body: `{"fields":{"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","upload":"{web}/a.gif"}}}}`, status: 201, find: map[string]string{"x": "sys.id"}},
				step{name: "process", call: "PUT " + asset + id + "/files/en-US/process", header: version(1), status: 204},
			)
			sc.worked()
			sc.play(step{name: "its address", call: "GET " + asset + id, find: map[string]string{"url": "fields.file.en-US.url"}})
			at, _ := blob.StoredURL(sc.names["url"])
			f, ok := blob.ParsePath(at)
			if !ok {
				t.Fatalf("no file at %s", sc.names["url"])
			}
			keys = append(keys, f.Key())
			if id == "kept" {
				sc.play(step{name: "in the release", call: "PUT " + inR + "/assets/" + id, header: version(2), body: `{"fields":{"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","url":"{url}"}}}}`, status: 201, find: map[string]string{"x": "sys.id"}})
			}
			sc.play(step{name: "delete", call: "DELETE " + asset + id, status: 204})
			sc.play(step{name: "for good", call: "DELETE " + trash + "/" + strconv.Itoa(sc.seq(p)), status: 204})
		}
		sc.tick(25 * time.Hour)
		sc.worked() // the bodies go
		sc.worked() // and then the files
		for i, stays := range []bool{true, false} {
			b, err := sc.s.Blobs.Open(keys[i])
			if (err == nil) != stays {
				t.Errorf("file %d: %v", i, err)
			}
			if err == nil && b.Close() != nil {
				t.Error("closing a file fails")
			}
		}
		sc.releaseActs("PUT /published", 2, "", "publish", "succeeded", "")
		if v, published := sc.versionNow("assets", "kept"); v != 2 || !published {
			t.Errorf("kept is %d, published: %v", v, published)
		}
	})
}

// The file that only a release's version of an asset names goes with the version; one
// that is published stays, but not those that the version had before.
func TestReleaseFilesGo(t *testing.T) {
	onBoth(t, func(sc *script) {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := w.Write([]byte(pixel)); err != nil {
				sc.t.Error(err)
			}
		}))
		sc.t.Cleanup(web.Close)
		sc.names["web"] = web.URL
		x := map[string]string{"x": "sys.id"}
		process := func(id string, v, status int) string {
			asset := inR + "/assets/" + id
			sc.play(
				step{name: "save", call: "PUT " + asset, header: version(v), body: `{"fields":{"file":{"en-US":{"contentType":"image/gif","fileName":"a.gif","upload":"{web}/a.gif"}}}}`, status: status, find: x},
				step{name: "process", call: "PUT " + asset + "/files/en-US/process", header: version(v + 1), status: 204},
			)
			sc.worked()
			sc.play(step{name: "its address", call: "GET " + asset, find: map[string]string{"url": "fields.file.en-US.url"}})
			at, _ := blob.StoredURL(sc.names["url"])
			f, ok := blob.ParsePath(at)
			if !ok {
				sc.t.Fatalf("no file at %s", sc.names["url"])
			}
			return f.Key()
		}
		there := func(key string) bool {
			b, err := sc.s.Blobs.Open(key)
			if err == nil && b.Close() != nil {
				sc.t.Error("closing a file fails")
			}
			return err == nil
		}
		sc.newRelease("r", release2Body("R"))
		dropped, replaced, published := process("dropped", 0, 201), process("kept", 0, 201), process("kept", 2, 200)
		sc.play(step{name: "take one out", call: "PUT " + inR, header: version(3), body: release2Body("R", publishes("Asset", "kept")), find: x})
		sc.releaseActs("PUT /published", 4, "", "publish", "succeeded", "")
		if !there(dropped) || !there(replaced) || !there(published) {
			sc.t.Error("a file is gone at once")
		}
		sc.tick(25 * time.Hour)
		sc.worked() // the bodies go
		sc.worked() // and then the files
		if there(dropped) || there(replaced) || !there(published) {
			sc.t.Errorf("dropped is there: %v, replaced: %v, published: %v", there(dropped), there(replaced), there(published))
		}
	})
}
