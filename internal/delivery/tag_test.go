package delivery_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
)

// What readers cannot see they cannot search for: a private tag is as good as
// no tag, until it becomes public.
func TestSearchByTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Type("post", post)
	w.Tag("pub", cms.TagPublic)
	w.Tag("priv", cms.TagPrivate)
	w.Entry("both", "post", `{}`, "priv", "pub")
	w.Entry("hidden", "post", `{}`, "priv")
	w.Entry("none", "post", `{}`)
	w.Publish(cms.KindEntry, "both", "hidden", "none")
	found := func(params string) string {
		items, _, _ := strings.Cut(outline(t, w.list(entries, delivered, "order=sys.id&"+params)), ";")
		if inPreview, _, _ := strings.Cut(outline(t, w.list(entries, preview, "order=sys.id&"+params)), ";"); inPreview != items {
			t.Errorf("%s: preview has %s", params, inPreview)
		}
		return strings.TrimPrefix(items, "items")
	}
	queries := []string{
		"metadata.tags[exists]=true", "metadata.tags[exists]=false",
		"metadata.tags.sys.id=priv", "metadata.tags.sys.id=pub", "metadata.tags.sys.id[ne]=priv", "metadata.tags.sys.id[ne]=pub",
		"metadata.tags.sys.id[in]=priv", "metadata.tags.sys.id[in]=priv,pub", "metadata.tags.sys.id[nin]=priv", "metadata.tags.sys.id[nin]=priv,pub",
		"metadata.tags.sys.id[all]=pub", "metadata.tags.sys.id[all]=pub,priv",
	}
	for _, step := range []struct {
		name string
		do   func()
		want []string
	}{
		{"private", func() {}, []string{
			" both", " hidden none", "", " both", " both hidden none", " hidden none", "", " both", " both hidden none", " hidden none", " both", "",
		}},
		{"made public", func() { w.Tag("priv", cms.TagPublic) }, []string{
			" both hidden", " none", " both hidden", " both", " none", " hidden none", " both hidden", " both hidden", " none", " none", " both", " both",
		}},
	} {
		step.do()
		var got []string
		for _, q := range queries {
			got = append(got, found(q))
		}
		for i, q := range queries {
			if diff := cmp.Diff(step.want[i], got[i]); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", step.name, q, diff)
			}
		}
	}
}
