package cma_test

import (
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// Markup is stored as it was sent, not with the escapes that make JSON safe
// inside HTML, which would make it longer.
func TestMarkupIsStoredAsSent(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	const value = `<a href="x">&amp; more</a>`
	sc.make("e1", `{"title":{"en-US":"<a href=\"x\">&amp; more</a>"}}`)
	if w := sc.do("GET /spaces/{s}/environments/master/entries/e1", nil, ""); !strings.Contains(w.Body.String(), `"<a href=\"x\">&amp; more</a>"`) {
		t.Errorf("shown as %s", w.Body.String())
	}
	owner, err := sc.s.Owner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	place, err := sc.dir.Locate(t.Context(), owner, sc.names["s"], "master")
	if err != nil {
		t.Fatal(err)
	}
	h, err := sc.s.Store.Get(t.Context(), place.Environment, cms.KindEntry, "e1")
	if err != nil {
		t.Fatal(err)
	}
	bodies, err := sc.s.Store.Bodies(t.Context(), []store.Revision{h.Draft})
	if err != nil || !strings.Contains(string(bodies[h.Draft]), strings.ReplaceAll(value, `"`, `\"`)) {
		t.Errorf("stored as %s, %v", bodies[h.Draft], err)
	}
}
