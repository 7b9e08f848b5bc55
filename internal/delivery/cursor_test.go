package delivery_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// A further page is asked for by its token alone: it remembers the query.
func TestCursor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	graph(w)
	follow := func(answer, name string) string {
		t.Helper()
		var c struct{ Pages map[string]string }
		if err := json.Unmarshal([]byte(answer), &c); err != nil {
			t.Fatal(err)
		}
		path, params, _ := strings.Cut(c.Pages[name], "?")
		if path != "/spaces/s/environments/master/entries" {
			t.Fatalf("%s leads to %q in %s", name, path, answer)
		}
		return params
	}
	item := func(id string) string { return `{"sys":{"id":"` + id + `"}}` }
	page := func(params, want string) string {
		t.Helper()
		answer := w.list(entries, delivered, params)
		items, _, _ := strings.Cut(answer, `,"pages":`)
		if diff := cmp.Diff(want, items); diff != "" {
			t.Errorf("%s (-want +got)\n%s", params, diff)
		}
		return answer
	}
	head := `{"sys":{"type":"Array"},"limit":2,"items":`
	first := page("cursor=true&content_type=node&sys.id[match]=e&order=-sys.id&limit=2&select=sys.id", head+list(item("unseen"), item("e3")))
	second := page(follow(first, "next"), head+list(item("e2"), item("e1")))
	third := page(follow(second, "next")+"&cursor=true&order=sys.id", head+list(item("e0")))
	page(follow(third, "prev"), head+list(item("e2"), item("e1")))
	page(follow(third, "prev")+"&limit=1", `{"sys":{"type":"Array"},"limit":1,"items":`+list(item("e1")))
	if strings.Contains(first, `"prev"`) || strings.Contains(third, `"next"`) {
		t.Errorf("pages beyond the ends: %s %s", first, third)
	}

	sameJSON(t, "whole", `{"sys":{"type":"Array"},"limit":100,"items":[`+w.get(entry, delivered, "rt", "")+`],"pages":{},
		"errors":[{"sys":{"id":"notResolvable","type":"error"},"details":{"type":"Link","linkType":"Asset","id":"lost"}}],
		"includes":{"Asset":[`+w.get(asset, delivered, "deep", "")+`]}}`, w.list(entries, delivered, "cursor=true&sys.id=rt"))
	sameJSON(t, "nothing", `{"sys":{"type":"Array"},"limit":100,"items":[],"pages":{}}`, w.list(assets, delivered, "cursor=true&sys.id=none"))

	for params, path := range map[string]any{
		"cursor=maybe": "cursor", "cursor=true&skip=1": "skip", "pageNext=!": "pageNext", "pagePrev=e30&cursor=true": "pagePrev",
		"pageNext=e30&pagePrev=e30": "pagePrev", "pageNext=bnVsbA": "pageNext",
	} {
		_, err := w.s.Entries(t.Context(), w.request(delivered, params))
		if f := fault.Of(err); f.Kind != fault.InvalidQuery || f.Details == nil || f.Details.Errors[0].Path[0] != path {
			t.Errorf("%s: %v", params, err)
		}
	}
	if got := outline(t, w.list(entries, delivered, url.Values{"cursor": {"false"}, "limit": {"1"}, "skip": {"1"}}.Encode())); got != "items z; entries; assets; errors" {
		t.Errorf("without a cursor: %s", got)
	}
	_, err := w.s.ContentTypes(t.Context(), w.request(delivered, "cursor=true"))
	if !fault.Is(err, fault.InvalidQuery) {
		t.Errorf("content types by cursor: %v", err)
	}
	w.Delete(cms.KindEntry, "e1")
	page(follow(second, "next"), head+list(item("e0")))
}
