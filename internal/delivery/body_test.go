package delivery_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
)

// unzip reads one gzip member with the standard library, which checks lengths
// and checksum, and nothing may follow it.
func unzip(t *testing.T, b []byte) string {
	t.Helper()
	in := bytes.NewReader(b)
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	z.Multistream(false)
	out, err := io.ReadAll(z)
	if err != nil || in.Len() > 0 {
		t.Fatalf("%v, %d bytes left", err, in.Len())
	}
	return string(out)
}

// What is sent as gzip is what is sent plain, whatever an answer is made of and
// whether its fragments have been asked for before, in either form.
func TestGzipIsTheSame(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t)
	w.Type("node", node)
	w.Asset("picture", `{"title":{"en-US":"Ä picture"}}`)
	w.Publish(cms.KindAsset, "picture")
	for i := range 60 {
		name := strings.Repeat(fmt.Sprint("word ", r.IntN(1000), " "), r.IntN(300))
		if r.IntN(10) == 0 {
			name = strings.Repeat("long ", 20_000)
		}
		id := fmt.Sprint("e", i)
		w.Entry(id, "node", fmt.Sprintf(`{"name":{"en-US":%q},"next":{"en-US":%s},"picture":{"en-US":%s}}`,
			name, linkTo("Entry", fmt.Sprint("e", r.IntN(70))), linkTo("Asset", "picture")))
		w.Publish(cms.KindEntry, id)
	}
	for range 200 {
		params := fmt.Sprintf("limit=%d&skip=%d&include=%d", r.IntN(20), r.IntN(60), r.IntN(4))
		switch r.IntN(4) {
		case 0:
			params += "&content_type=node&select=fields.name"
		case 1:
			params += "&locale=*"
		}
		req := w.request(delivered, params)
		req.Gzip = r.IntN(2) == 0
		a, err := w.s.Entries(t.Context(), req)
		if err != nil {
			t.Fatalf("%s: %v", params, err)
		}
		plain := string(a.Body.Bytes())
		if len(plain) != a.Body.Len() || string(a.Body.Append([]byte("x"))) != "x"+plain {
			t.Errorf("%s: the forms differ", params)
		}
		if got := unzip(t, a.Body.AppendGzip(nil)); got != plain {
			t.Errorf("%s: %d bytes, unpacked %d", params, len(plain), len(got))
		}
	}
	for _, gz := range []bool{true, false} {
		req := w.request(delivered, "")
		req.Gzip = gz
		a, err := w.s.Entry(t.Context(), req, "e1")
		if err != nil {
			t.Fatal(err)
		}
		if got := unzip(t, a.Body.AppendGzip(nil)); got != w.get(entry, delivered, "e1", "") {
			t.Errorf("entry: %s", got)
		}
	}
}

// BenchmarkGzip is BenchmarkList for a client that takes gzip.
func BenchmarkGzip(b *testing.B) {
	w := newWorld(b)
	w.Type("node", node)
	for i := range 100 {
		id := fmt.Sprint("post", i)
		w.Entry(id, "node", `{"name":{"en-US":"`+strings.Repeat(fmt.Sprint("words ", i, " "), 200)+`"}}`)
		w.Publish(cms.KindEntry, id)
	}
	r := w.request(delivered, "content_type=node&include=0")
	r.Gzip = true
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		a, err := w.s.Entries(b.Context(), r)
		if err != nil {
			b.Fatal(err)
		}
		buf = a.Body.AppendGzip(buf[:0])
	}
}
