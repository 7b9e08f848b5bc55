package delivery

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFile(t *testing.T) {
	t.Parallel()
	const path = "/files/s/a/0123456789abcdef0123456789abcdef/p.png"
	for in, want := range map[string]string{
		`{"contentType":"image/png","fileName":"p.png","url":"` + path + `","details":{"size":7,"image":{"width":3,"height":2}}}`: `{"url":"//h` + path + `","details":{"size":7,"image":{"width":3,"height":2}},"fileName":"p.png","contentType":"image/png"}`,
		`{"contentType":"text/plain","fileName":"p","url":"//elsewhere.example/p","details":{"size":0}}`:                          `{"url":"//elsewhere.example/p","details":{"size":0},"fileName":"p","contentType":"text/plain"}`,
		`{"contentType":"image/png","fileName":"p.png","upload":"https://x.example/p.png"}`:                                       `{"upload":"https://x.example/p.png","fileName":"p.png","contentType":"image/png"}`,
		`{"uploadFrom":{"sys":{"type":"Link","linkType":"Upload","id":"u"}}}`:                                                     `{"uploadFrom":{"sys":{"type":"Link","linkType":"Upload","id":"u"}}}`,
		`{}`:     `{}`,
		`null`:   `null`,
		`"text"`: `"text"`,
	} {
		w := &writer{}
		w.file([]byte(in), "//h")
		if diff := cmp.Diff(want, string(w.buf)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", in, diff)
		}
	}
}
