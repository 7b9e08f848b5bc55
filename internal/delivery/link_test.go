package delivery

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/richtext"
)

func TestLinksOf(t *testing.T) {
	t.Parallel()
	const (
		e1 = `{"sys":{"type":"Link","linkType":"Entry","id":"e1"}}`
		a1 = `{"sys":{"id":"a1","linkType":"Asset","type":"Link"}}`
		r1 = `{"sys":{"type":"ResourceLink","linkType":"Contentful:Entry","urn":"crn:contentful:::content:spaces/x/entries/y"}}`
	)
	single := &cms.Field{Type: cms.TypeLink}
	many := &cms.Field{Type: cms.Array, Items: &cms.Items{Type: cms.TypeLink}}
	rich := &cms.Field{Type: cms.RichText}
	for _, c := range []struct {
		name  string
		field *cms.Field
		value string
		want  []string
	}{
		{"link", single, e1, []string{"Link Entry e1"}},
		{"null", single, `null`, []string{"  "}},
		{"not a link", single, `"e1"`, nil},
		{"list", many, `[` + e1 + `,` + a1 + `,null,7]`, []string{"Link Entry e1", "Link Asset a1", "  "}},
		{"not a list", many, e1, nil},
		{"list of texts", &cms.Field{Type: cms.Array, Items: &cms.Items{Type: cms.Symbol}}, `["e1"]`, nil},
		{"object", &cms.Field{Type: cms.Object}, e1, nil},
		{"resource link", &cms.Field{Type: cms.ResourceLink}, r1, []string{"ResourceLink Contentful:Entry crn:contentful:::content:spaces/x/entries/y"}},
		{"resource links", &cms.Field{Type: cms.Array, Items: &cms.Items{Type: cms.ResourceLink}}, `[` + r1 + `]`, []string{"ResourceLink Contentful:Entry crn:contentful:::content:spaces/x/entries/y"}},
		{"rich text", rich, `{"nodeType":"document","data":{},"content":[
			{"nodeType":"embedded-asset-block","data":{"target":` + a1 + `},"content":[]},
			{"nodeType":"embedded-resource-block","data":{"target":` + r1 + `},"content":[]},
			{"nodeType":"paragraph","data":{},"content":[{"nodeType":"entry-hyperlink","data":{"target":` + e1 + `},"content":[]}]}]}`,
			[]string{"Link Asset a1", "ResourceLink Contentful:Entry crn:contentful:::content:spaces/x/entries/y", "Link Entry e1"}},
	} {
		var got []string
		linksOf(c.field, []byte(c.value), func(l richtext.Target) { got = append(got, l.Type+" "+l.LinkType+" "+l.ID+l.URN) })
		if diff := gocmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}
