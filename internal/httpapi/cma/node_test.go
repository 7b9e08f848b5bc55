package cma_test

import (
	"context"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// alone has a node write until it supposes that nobody else does.
func (sc *script) alone() {
	sc.t.Helper()
	p := sc.place()
	for n := 0; sc.s.Store.Suppose(p.Environment) == nil; n++ {
		if n == 3 {
			sc.t.Fatal("the node does not suppose that it is alone")
		}
		all := make([]authoring.Arrival, 60)
		for i := range all {
			all[i] = authoring.Arrival{ID: sc.s.IDs.New(), ContentType: "post"}
		}
		if _, err := sc.s.Receive(sc.t.Context(), p, access.Actor{User: sc.names["user"]}, cms.KindEntry, all); err != nil {
			sc.t.Fatal(err)
		}
	}
}

// TestNodeTakenForAlone: a server that has long been the only one to write learns by
// its next write that another one has, and answers as if it had known.
func TestNodeTakenForAlone(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	open := func(t *testing.T) (*sqlstore.Store, error) { return sqlstore.OpenPostgres(t.Context(), url) }
	a := newScriptOn(t, open)
	other, err := open(t)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	})
	service, b := *a.s, *a
	b.s = &service
	b.serveFrom(other)

	const fields = `{"id":"title","name":"T","type":"Symbol"},{"id":"slug","name":"S","type":"Symbol","validations":[{"unique":true}]},` +
		`{"id":"ref","name":"R","type":"Link","linkType":"Entry"}`
	a.activate("post", `{"name":"Post","displayField":"title","fields":[`+fields+`]}`)
	to := func(id string) string {
		return `{"ref":{"en-US":{"sys":{"type":"Link","linkType":"Entry","id":"` + id + `"}}}}`
	}
	for _, id := range []string{"saved", "seen", "deleted", "published", "archived"} {
		a.make(id, `{}`)
	}
	a.make("linking", to("deleted"))
	a.make("linked", to("new"))
	a.make("taking", `{"slug":{"en-US":"one"}}`)
	a.make("giving", `{"slug":{"en-US":"one"}}`)
	entry := func(method, id string) string { return method + " " + content + "/entries/" + id }
	put := func(id string) string { return entry("PUT", id) }
	const published = "/published"

	tests := []struct {
		name    string
		there   string // what the other server is asked
		version int
		body    string
		here    string // and then this one
		sent    int
		with    string
		status  int
		want    string // a part of the answer
	}{
		{"saved by the other", put("saved"), 1, `{"fields":{"title":{"en-US":"theirs"}}}`, put("saved"), 1, `{"fields":{}}`, 409, `"id":"VersionMismatch"`},
		{"seen of the other", put("seen"), 1, `{"fields":{"title":{"en-US":"theirs"}}}`, put("seen"), 2, `{"fields":{}}`, 200, `"version":3`},
		{"made by the other", put("made"), 0, `{"fields":{}}`, put("made"), 0, `{"fields":{}}`, 409, `"id":"VersionMismatch"`},
		{"deleted by the other", entry("DELETE", "deleted"), 0, "", put("linking") + published, 1, "", 422, `"notResolvable"`},
		{"linked to, made by the other", put("new"), 0, `{"fields":{}}`, put("linked") + published, 1, "", 200, `"publishedVersion":1`},
		{"published by the other", put("published") + published, 1, "", entry("DELETE", "published"), 0, "", 400, `Cannot delete published`},
		{"archived by the other", put("archived") + "/archived", 1, "", put("archived"), 2, `{"fields":{}}`, 400, `Cannot edit archived`},
		{"a value taken by the other", put("taking") + published, 1, "", put("giving") + published, 1, "", 422, `"unique"`},
		{"a locale of the other", "POST " + content + "/locales", 0, `{"name":"German","code":"de"}`, put("seen"), 3, `{"fields":{"slug":{"de":"x"}}}`, 422, `"slug"`},
		{"a field of the other", "PUT " + content + "/content_types/post", 2, `{"name":"Post","displayField":"title","fields":[` + fields + `,{"id":"later","name":"L","type":"Symbol"}]}`, put("seen"), 3, `{"fields":{"slug":{"en-US":"y"}}}`, 200, `"version":4`},
		{"activated by the other", "PUT " + content + "/content_types/post/published", 3, "", put("seen"), 4, `{"fields":{"later":{"en-US":"z"}}}`, 200, `"later":{"en-US":"z"}`},
	}
	for _, tt := range tests {
		a.alone()
		_, path, _ := strings.Cut(tt.there, " ")
		a.do("GET "+strings.TrimSuffix(strings.TrimSuffix(path, "/archived"), published), nil, "") // it knows what the other changes
		if w := b.do(tt.there, append(version(tt.version), contentOf), tt.body); w.Code >= 300 {
			t.Fatalf("%s: %s: %d %s", tt.name, tt.there, w.Code, w.Body)
		}
		w := a.do(tt.here, append(version(tt.sent), contentOf), tt.with)
		if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%s: %s: %d %s, want %d with %s", tt.name, tt.here, w.Code, w.Body, tt.status, tt.want)
		}
	}
	save := func(v int) int64 {
		t.Helper()
		before := a.s.Store.Statements()
		if w := a.do(put("seen"), version(v), `{"fields":{"slug":{"en-US":"y"}}}`); w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
		return a.s.Store.Statements() - before
	}
	asking := save(5)
	a.alone()
	if supposing := save(6); supposing != asking-1 {
		t.Errorf("%d statements to save, supposing that nobody else writes; %d to ask", supposing, asking)
	}

	a.alone()
	if w := b.do(put("saved"), append(version(2), contentOf), `{"fields":{}}`); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	if w := a.do(put("saved"), append(version(3), contentOf, "X-Contentful-Validate-Only: true"), `{"fields":{}}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"version":4`) {
		t.Errorf("a trial: %d %s", w.Code, w.Body)
	}

	a.alone()
	a.s.Index = index.New(a.s.Store, index.Options{}) // bodies do not stay in memory for ever
	if _, err := a.s.Index.Open(t.Context(), a.place().Environment, true); err != nil {
		t.Fatal(err)
	}
	if w := b.do("DELETE /spaces/{s}", nil, ""); w.Code != 204 {
		t.Fatal(w.Code, w.Body)
	}
	if w := a.do(put("seen"), append(version(7), contentOf), `{"fields":{}}`); w.Code != 404 {
		t.Errorf("all of it is deleted: %d %s", w.Code, w.Body)
	}
}

// beforeWrite is a store that does something once before the next write, and may not
// know what became of a write.
type beforeWrite struct {
	store.Store
	first   func()
	unknown bool
	writes  int
}

func (s *beforeWrite) Update(ctx context.Context, scope store.Scope, fn func(store.Tx) error, ahead ...store.Ahead) error {
	if first := s.first; first != nil {
		s.first = nil
		first()
	}
	s.writes++
	err := s.Store.Update(ctx, scope, fn, ahead...)
	if err == nil && s.unknown {
		err = fault.New(fault.ServerError, "The database did not say whether the change was kept.")
	}
	return err
}

func (s *beforeWrite) Confirm(ctx context.Context, p *store.Supposition) bool {
	return !s.unknown && s.Store.Confirm(ctx, p) // after a failure nothing is known
}

// TestNodeChangesItself: what a server itself changes while it prepares a write that
// it supposes to be alone with is found out as ever.
func TestNodeChangesItself(t *testing.T) {
	t.Parallel()
	a := newScriptOn(t, openPostgres)
	fields := func(more string) string {
		return `{"name":"Post","displayField":"title","fields":[{"id":"title","name":"T","type":"Symbol"}` + more + `]}`
	}
	a.activate("post", fields(""))
	a.make("x", `{}`)
	a.alone()
	st := &beforeWrite{Store: a.s.Store}
	a.s.Store = st
	const x = "PUT " + content + "/entries/x"
	for _, test := range []struct {
		name   string
		first  func()
		call   string
		sent   int
		status int
		want   string
	}{
		{"another content type", func() { a.activate("post", fields(`,{"id":"more","name":"M","type":"Symbol"}`)) }, x, 1, 200, `"version":2`},
		{"a field of it", nil, x, 2, 200, `"version":3`},
		{"the same entry", func() { a.do(x, version(3), `{"fields":{}}`) }, x, 3, 409, `"current":{"version":4`},
		{"published at once", func() { a.do(x+"/published", version(4), "") }, x + "/published", 4, 409, `"current":{"version":5`},
	} {
		if a.s.Store.Suppose(a.place().Environment) == nil {
			t.Errorf("%s: the node does not suppose that it is alone", test.name)
		}
		st.first = test.first
		w := a.do(test.call, version(test.sent), `{"fields":{"title":{"en-US":"t"}}}`)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%s: %d %s, want %d with %s", test.name, w.Code, w.Body, test.status, test.want)
		}
	}
	st.unknown, st.writes = true, 0
	if w := a.do("POST "+content+"/entries", []string{contentOf}, `{"fields":{}}`); w.Code != 500 || st.writes != 1 {
		t.Errorf("what may have been kept was written %d times: %d %s", st.writes, w.Code, w.Body)
	}
}
