package authoring

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// blockerParams are the parameters of PublishBlockers.
var blockerParams = []string{"entry", "asset", "content_type", "published", "limit", "pageNext"}

// blockerQuery says whose blockers are asked for.
type blockerQuery struct {
	kind        cms.Kind // with id: the one that is meant
	id          string
	contentType string
	published   bool // what is published and unchanged too
	limit       int
	after       string     // as store.Reader.List takes it
	params      url.Values // what a token repeats
}

// wants reports whether an entity is looked at on a walk. Something is left to
// publish unless the draft is what is published, in all locales.
func (q blockerQuery) wants(h store.Head) bool {
	switch {
	case h.Kind != cms.KindEntry && (h.Kind != cms.KindAsset || q.contentType != ""):
		return false
	case q.contentType != "" && h.ContentType != q.contentType, h.Archived():
		return false
	}
	return q.published || h.Changed() || h.Published != h.Draft
}

// blockerToken is what a page's token holds: the whole query, as clients may send
// the token alone, and where the page before ended.
type blockerToken struct {
	Params string `json:"q"`
	After  string `json:"a"`
}

func (q blockerQuery) token(after string) string {
	return base64.RawURLEncoding.EncodeToString(fault.Raw(blockerToken{q.params.Encode(), after}))
}

// readBlockerQuery reads the parameters. Of those sent twice the last counts.
//
// Error: fault.InvalidQuery with every problem.
func readBlockerQuery(sent url.Values, model *cms.Model) (blockerQuery, error) {
	q := blockerQuery{limit: 100, params: url.Values{}}
	problems := unknownParams(sent, blockerParams...)
	bad := func(param, value, format string, args ...any) {
		problems = append(problems, badParam(param, value, format, args...))
	}
	params := sent
	if token := last(sent, "pageNext"); token != "" {
		var t blockerToken
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err == nil {
			err = json.Unmarshal(raw, &t)
		}
		kept, err2 := url.ParseQuery(t.Params)
		if err != nil || err2 != nil || t.After == "" {
			bad("pageNext", token, "This is no token of a page.")
		}
		params, q.after = kept, t.After
		if limit, ok := sent["limit"]; ok {
			params["limit"] = limit
		}
	}
	var named []string
	for _, name := range []string{"entry", "asset", "content_type"} {
		if !params.Has(name) {
			continue
		}
		named = append(named, name)
		id := last(params, name)
		if id == "" { // which must not mean everything
			bad(name, id, "Please provide an id.")
		}
		switch name {
		case "entry":
			q.kind, q.id = cms.KindEntry, id
		case "asset":
			q.kind, q.id = cms.KindAsset, id
		default:
			q.contentType = id
		}
		q.params.Set(name, id)
	}
	if len(named) > 1 {
		bad(named[1], last(params, named[1]), "There can be only one of %s.", strings.Join(named, " and "))
	}
	if v := last(params, "published"); v == "true" {
		q.published = true
		q.params.Set("published", v)
	} else if v != "false" && params.Has("published") {
		bad("published", v, "Please provide true or false.")
	}
	if params.Has("limit") {
		q.limit = between(params, "limit", q.limit, 1, 1000, &problems)
		q.params.Set("limit", last(params, "limit"))
	}
	if problems != nil {
		return q, fault.Invalid(fault.InvalidQuery, problems...)
	}
	if q.contentType == "" {
		return q, nil
	}
	if q.after == "" {
		q.after = string(cms.KindEntry) + "/"
	}
	_, err := query.Parse(url.Values{"content_type": {q.contentType}}, query.Options{API: query.Management, Kind: cms.KindEntry, Model: model})
	return q, err
}

// last is the value of a parameter that counts, "" if there is none.
func last(params url.Values, name string) string {
	v := params[name]
	if len(v) == 0 {
		return ""
	}
	return v[len(v)-1]
}
