package query

import (
	"errors"
	"net/url"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// FuzzParse: whatever is sent, there is either a query, that can be evaluated,
// or a fault with a reason.
func FuzzParse(f *testing.F) {
	for _, q := range []string{
		"content_type=post&fields.title[match]=x&order=-fields.rank,sys.id&select=sys.id,fields.title&limit=3&locale=*",
		"content_type=post&fields.author.sys.contentType.sys.id=person&fields.author.fields.name[in]=a,b",
		"content_type=post&fields.place[near]=1,2&fields.place[within]=1,2,3&fields.day[lte]=2020-01-01&metadata.tags[exists]=true",
		"fields.file.details.size[gt]=1&mimetype_group=image&query=a b", "order=fields", "a[b][c]=1&[]=2&=&fields.=1&sys.=2&order=-,.&fields.title.=x&select=.",
	} {
		for api := range 3 {
			f.Add(q, api, api == 0)
		}
	}
	m := testModel()
	e := post(`{"k1":{"len":"x"},"k9":{"len":{"lat":1,"lon":2}},"k11":{"len":["a"]}}`)
	f.Fuzz(func(t *testing.T, raw string, api int, asset bool) {
		v, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		opt := Options{API: API(uint(api) % 3), Kind: cms.KindEntry, Model: m}
		if asset {
			opt.Kind = cms.KindAsset
		}
		q, err := Parse(v, opt)
		var problem *fault.Error
		switch {
		case err == nil:
			q.Match(e, m, func(string) (*Entity, bool) { return e, true })
			if q.Compare(e, e, m) != 0 || len(q.Order) == 0 || q.Limit < 0 || q.Skip < 0 {
				t.Errorf("%+v", q)
			}
		case !errors.As(err, &problem):
			t.Errorf("%v is no fault", err)
		case problem.Kind == fault.BadRequest && problem.Message == "", problem.Kind != fault.BadRequest && len(problem.Details.Errors) == 0:
			t.Errorf("%v has no reason", err)
		}
	})
}
