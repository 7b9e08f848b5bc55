package cma_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestCursor walks collections by cursor, forward and back.
func TestCursor(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.post()
	var lives []*life
	for i := range 5 {
		id := fmt.Sprint("e", i)
		lives = append(lives, sc.entry(id, `{"title":{"en-US":"x"}}`))
		sc.make(id, `{"title":{"en-US":"x"}}`)
	}
	// page is a page of entries; links are members of pages
	page := func(limit int, links string, of ...*life) string {
		items := make([]string, len(of))
		for i, l := range of {
			items[i] = l.show()
		}
		return fmt.Sprintf(`{"sys":{"type":"Array"},"limit":%d,"items":[%s],"pages":{%s}}`, limit, strings.Join(items, ","), links)
	}
	const entries = "/spaces/{s}/environments/master/entries"
	const next, prev = `"next":"{next}"`, `"prev":"{prev}"`
	both := map[string]string{"next": "pages.next", "prev": "pages.prev"}
	sc.play(
		step{name: "first", call: "GET " + entries + "?cursor=true&limit=2&content_type=post&order=sys.id", find: map[string]string{"next": "pages.next"},
			want: page(2, next, lives[0], lives[1])},
		step{name: "a change and a deletion meanwhile", call: "PUT " + entries + "/e0", header: version(1), body: `{}`, find: map[string]string{"x": "sys.id"}},
		step{call: "DELETE " + entries + "/e1", status: 204},
		step{name: "second, by the token alone", call: "GET {next}", find: both, want: page(2, next+","+prev, lives[2], lives[3])},
		step{name: "third, as the SDK asks", call: "GET {next}&cursor=true&limit=2", find: map[string]string{"prev": "pages.prev"}, want: page(2, prev, lives[4])},
		step{name: "back", call: "GET {prev}", find: both, want: page(2, next+","+prev, lives[2], lives[3])},
		step{name: "in another order, filtered", call: "GET " + entries + "?cursor=true&order=-sys.id&limit=1&sys.id[in]=e4,e3", find: map[string]string{"next": "pages.next"},
			want: page(1, next, lives[4])},
		step{name: "its token keeps the filter", call: "GET {next}", find: map[string]string{"prev": "pages.prev"}, want: page(1, prev, lives[3])},
		step{name: "none at all", call: "GET " + content + "/public/assets?cursor=true", want: page(100, "")},
		step{name: "content types", call: "GET " + content + "/content_types?cursor=true&limit=0", want: page(0, "")},
		step{name: "no cursor", call: "GET " + entries + "?cursor=false&limit=0", want: list(4, 0, 0)},
		step{name: "no token", call: "GET " + entries + "?pageNext=x!", status: 400, find: map[string]string{"id": "sys.id"}},
		step{name: "with skip", call: "GET " + entries + "?cursor=true&skip=1", status: 400, find: map[string]string{"id": "sys.id"}},
	)
}
