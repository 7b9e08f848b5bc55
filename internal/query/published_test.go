package query

import (
	"net/url"
	"testing"

	"github.com/typecase/typecase/internal/cms"
)

// A published body is found in the locales it is for, or in all when it does not
// say; with PublishedIn by the locale that is asked for.
func TestLocaleBased(t *testing.T) {
	t.Parallel()
	m := &cms.Model{Locales: cms.Locales{
		{Code: "en", Key: "k-en", Default: true, Delivery: true}, {Code: "de", Key: "k-de", Delivery: true}, {Code: "fr", Key: "k-fr"},
	}}
	for _, c := range []struct {
		locale string
		keys   []string
		want   bool
	}{
		{"", []string{"k-en"}, true}, {"", []string{"k-de"}, false}, {"", nil, true},
		{"de", []string{"k-en"}, false}, {"de", []string{"k-gone", "k-de"}, true}, {"de", nil, true},
		{"*", []string{"k-de"}, true}, {"*", []string{"k-fr"}, false}, {"*", []string{"k-gone"}, false}, {"*", nil, true},
	} {
		for _, kind := range []cms.Kind{cms.KindEntry, cms.KindAsset} {
			q, err := Parse(url.Values{"locale": {c.locale}}, Options{API: Delivery, Kind: kind, Model: m, LocaleBased: true})
			if err != nil {
				t.Fatal(err)
			}
			e := &Entity{Sys: cms.Sys{Kind: kind, ID: "x"}, Doc: &cms.Document{Locales: c.keys}}
			if got := q.Match(e, m, nil); got != c.want {
				t.Errorf("%s published in %v, asked for in %q: %v", kind, c.keys, c.locale, got)
			}
		}
	}
	q, err := Parse(url.Values{}, Options{API: Delivery, Kind: cms.KindTag, Model: m, LocaleBased: true})
	if err != nil || len(q.Conds) != 1 {
		t.Errorf("tags: %v, %v", q, err)
	}
	var english cms.Locales = m.Locales[:1]
	for _, keys := range [][]string{{"k-en"}, {"k-de"}, nil} {
		none := NotPublishedIn(english)
		if got, want := none.match(&Entity{Doc: &cms.Document{Locales: keys}}, m, nil), len(keys) == 1 && keys[0] == "k-de"; got != want {
			t.Errorf("%v not published in English: %v", keys, got)
		}
	}
}
