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
	link := func(name, token string) string {
		return `"` + strings.ToLower(name[4:]) + `":"` + entries + `?content_type=post&limit=2&` + name + `=` + token + `"`
	}
	const two, four, zero = "Mg", "NA", "MA"
	sc.play(
		step{name: "first", call: "GET " + entries + "?cursor=true&limit=2&content_type=post&skip=3", want: page(2, link("pageNext", two), lives[0], lives[1])},
		step{name: "a change meanwhile", call: "PUT " + entries + "/e0", header: version(1), body: `{}`, find: map[string]string{"x": "sys.id"}},
		step{name: "second", call: "GET " + entries + "?content_type=post&limit=2&pageNext=" + two + "&cursor=true", want: page(2, link("pageNext", four)+`,`+link("pagePrev", zero), lives[2], lives[3])},
		step{name: "third, by the token alone", call: "GET " + entries + "?content_type=post&limit=2&pageNext=" + four, want: page(2, link("pagePrev", two), lives[4])},
		step{name: "back", call: "GET " + entries + "?content_type=post&limit=2&pagePrev=" + two, want: page(2, link("pageNext", four)+`,`+link("pagePrev", zero), lives[2], lives[3])},
		step{name: "in another order", call: "GET " + entries + "?cursor=true&order=-sys.id&limit=1&sys.id[in]=e4,e3", want: strings.Replace(page(1, "", lives[4]), `"pages":{}`,
			`"pages":{"next":"`+entries+`?limit=1&order=-sys.id&pageNext=MQ&sys.id%5Bin%5D=e4%2Ce3"}`, 1)},
		step{name: "none at all", call: "GET " + content + "/public/assets?cursor=true", want: page(100, "")},
		step{name: "content types", call: "GET " + content + "/content_types?cursor=true&limit=0", want: page(0, "")},
		step{name: "no cursor", call: "GET " + entries + "?cursor=false&limit=0", want: list(5, 0, 0)},
		step{name: "no token", call: "GET " + entries + "?pageNext=x!", status: 400, want: invalidQuery("", `{"name":"value","path":["pageNext"],"value":"x!","details":"This is no token of a page"}`)},
		step{name: "no flag", call: "GET " + entries + "?cursor=yes", status: 400, want: invalidQuery("", `{"name":"value","path":["cursor"],"type":"Boolean","value":"yes","details":"A cursor is true or false"}`)},
	)
}
