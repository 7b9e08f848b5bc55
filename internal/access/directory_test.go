package access_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// town is a store with the spaces "s" and "other", each with the environments
// master and staging and the alias live for staging, and one token of each kind:
// "manage", "read", "deliver" (of s: master and live), "preview" (of s: master).
type town struct {
	t      *testing.T
	st     store.Store
	now    time.Time
	spaces map[string]store.Scope
	envs   map[string]store.Scope // "s/master"
}

func newTown(t *testing.T, st store.Store) *town {
	t.Helper()
	w := &town{t: t, st: st, now: time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC), spaces: map[string]store.Scope{}, envs: map[string]store.Scope{}}
	w.update(store.Server, func(tx store.Tx) {
		w.token(tx, "manage", cms.AccessToken{Scopes: []string{cms.ScopeRead, cms.ScopeManage}})
		w.token(tx, "read", cms.AccessToken{Scopes: []string{cms.ScopeRead}, ExpiresAt: w.now.Add(time.Hour)})
		for _, id := range []string{"s", "other"} {
			space := w.scope(tx, store.Server)
			w.spaces[id] = space
			w.put(tx, store.Server, cms.KindSpace, id, space, store.Absent, cms.Space{Name: id})
			for _, env := range []string{"master", "staging"} {
				w.envs[id+"/"+env] = w.scope(tx, space)
				w.put(tx, space, cms.KindEnvironment, env, w.envs[id+"/"+env], store.Absent, cms.Environment{Name: env})
			}
			w.put(tx, space, cms.KindEnvironmentAlias, "live", 0, store.Absent, cms.EnvironmentAlias{Environment: "staging"})
		}
		w.key(tx, cms.KindAPIKey, "deliver", "master", "live")
		w.key(tx, cms.KindPreviewAPIKey, "preview", "master")
	})
	return w
}

func open(t *testing.T, kind func(context.Context, string) (*sqlstore.Store, error), where string) store.Store {
	t.Helper()
	st, err := kind(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

func (w *town) update(s store.Scope, fn func(tx store.Tx)) {
	w.t.Helper()
	if err := w.st.Update(w.t.Context(), s, func(tx store.Tx) error { fn(tx); return nil }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Error(err)
	}
}

func (w *town) scope(tx store.Tx, parent store.Scope) store.Scope {
	s, err := tx.NewScope(w.t.Context(), parent)
	w.must(err)
	return s
}

func (w *town) put(tx store.Tx, s store.Scope, k cms.Kind, id string, child store.Scope, was int, body any) {
	b, err := json.Marshal(body)
	w.must(err)
	_, err = tx.Put(w.t.Context(), store.Write{
		Head: store.Head{Scope: s, Sys: cms.Sys{Kind: k, ID: id, Version: was + 2, CreatedAt: w.now, UpdatedAt: w.now, CreatedBy: "ann", UpdatedBy: "ann"}, Child: child},
		Was:  was, Body: b, Action: store.Save, Actor: "ann", At: w.now,
	})
	w.must(err)
}

func (w *town) token(tx store.Tx, value string, body cms.AccessToken) {
	w.put(tx, store.Server, cms.KindAccessToken, value+"-id", 0, store.Absent, body)
	w.claim(tx, access.TokenOwner(value+"-id"), value)
}

func (w *town) key(tx store.Tx, kind cms.Kind, value string, environments ...string) {
	w.put(tx, w.spaces["s"], kind, value+"-id", 0, store.Absent, cms.APIKey{Name: value, Environments: environments})
	w.claim(tx, access.KeyOwner(kind, "s", value+"-id"), value)
}

func (w *town) claim(tx store.Tx, owner, value string) {
	conflicts, err := tx.SetKeys(w.t.Context(), store.Server, owner, []store.Key{access.TokenKey(value)})
	if err != nil || len(conflicts) > 0 {
		w.t.Errorf("claiming %s: %v, %v", value, conflicts, err)
	}
}

func (w *town) directory() *access.Directory {
	return access.New(w.st, func() time.Time { return w.now })
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	w := newTown(t, open(t, sqlstore.OpenSQLite, filepath.Join(t.TempDir(), "test.db")))
	d := w.directory()
	for token, want := range map[string]access.Actor{
		"manage":  {Kind: access.Management, TokenID: "manage-id", User: "ann"},
		"read":    {Kind: access.Management, TokenID: "read-id", User: "ann", ReadOnly: true},
		"deliver": {Kind: access.Delivery, TokenID: "deliver-id", User: "ann", Space: w.spaces["s"], SpaceID: "s", Environments: []string{"master", "live"}},
		"preview": {Kind: access.Preview, TokenID: "preview-id", User: "ann", Space: w.spaces["s"], SpaceID: "s", Environments: []string{"master"}},
	} {
		got, err := d.Authenticate(t.Context(), token)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", token, err, diff)
		}
		if a, known, current := d.Recall(token); !known || !current || !cmp.Equal(a, want) {
			t.Errorf("%s again: %+v, known %t, current %t", token, a, known, current)
		}
	}
	for _, token := range []string{"", "nobody's"} {
		if a, err := d.Authenticate(t.Context(), token); !fault.Is(err, fault.AccessTokenInvalid) {
			t.Errorf("%q: %+v, %v", token, a, err)
		}
	}
	w.now = w.now.Add(time.Hour)
	if a, err := d.Authenticate(t.Context(), "read"); !fault.Is(err, fault.AccessTokenInvalid) {
		t.Errorf("after its time: %+v, %v", a, err)
	}
	if a, known, current := d.Recall("read"); !known || current || a.TokenID != "" {
		t.Errorf("after its time: %+v, known %t, current %t", a, known, current)
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	w := newTown(t, open(t, sqlstore.OpenSQLite, filepath.Join(t.TempDir(), "test.db")))
	d := w.directory()
	space := func(id string) *fault.Details { return &fault.Details{Type: "Space", ID: id} }
	env := func(id string) *fault.Details { return &fault.Details{Type: "Environment", ID: id, Space: "s"} }
	place := func(id, target string) access.Place {
		return access.Place{SpaceID: "s", Space: w.spaces["s"], EnvironmentID: id, Environment: w.envs["s/"+target], Target: target}
	}
	for _, test := range []struct {
		token, space, env string
		want              access.Place
		missing           bool
		details           *fault.Details
	}{
		{token: "manage"},
		{token: "manage", space: "s", want: access.Place{SpaceID: "s", Space: w.spaces["s"]}},
		{token: "manage", space: "s", env: "master", want: place("master", "master")},
		{token: "manage", space: "s", env: "live", want: place("live", "staging")},
		{token: "manage", space: "nope", missing: true},
		{token: "manage", space: "nope", env: "master", missing: true, details: space("nope")},
		{token: "manage", space: "s", env: "nope", missing: true, details: env("nope")},

		{token: "deliver", space: "s", want: access.Place{SpaceID: "s", Space: w.spaces["s"]}},
		{token: "deliver", space: "s", env: "master", want: place("master", "master")},
		{token: "deliver", space: "s", env: "live", want: place("live", "staging")},
		{token: "deliver", space: "s", env: "staging", missing: true, details: env("staging")}, // not by this name
		{token: "deliver", space: "s", env: "nope", missing: true, details: env("nope")},
		{token: "deliver", space: "other", missing: true, details: space("other")},
		{token: "deliver", space: "other", env: "master", missing: true, details: space("other")},
		{token: "deliver", space: "nope", env: "master", missing: true, details: space("nope")},
		{token: "preview", space: "s", env: "live", missing: true, details: env("live")},
	} {
		a, err := d.Authenticate(t.Context(), test.token)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.Locate(t.Context(), a, test.space, test.env)
		var f *fault.Error
		if errors.As(err, &f) != test.missing || test.missing && f.Kind != fault.NotFound {
			t.Errorf("%s: %s/%s: %v", test.token, test.space, test.env, err)
			continue
		}
		if f != nil {
			if diff := cmp.Diff(test.details, f.Details); diff != "" {
				t.Errorf("%s: %s/%s: details %s", test.token, test.space, test.env, diff)
			}
		}
		if diff := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s/%s: %s", test.token, test.space, test.env, diff)
		}
	}
}

func TestWarmCostsNoStatement(t *testing.T) {
	t.Parallel()
	w := newTown(t, open(t, sqlstore.OpenSQLite, filepath.Join(t.TempDir(), "test.db")))
	d := w.directory()
	ask := func() {
		for _, token := range []string{"manage", "deliver"} {
			a, err := d.Authenticate(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := d.Locate(t.Context(), a, "s", "live"); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask()
	before := w.st.Statements()
	for range 100 {
		ask()
	}
	if n := w.st.Statements() - before; n != 0 {
		t.Errorf("%d statements", n)
	}
}

// Whoever makes up ids of spaces makes no statements.
func TestUnknownSpacesCostNoStatement(t *testing.T) {
	t.Parallel()
	w := newTown(t, open(t, sqlstore.OpenSQLite, filepath.Join(t.TempDir(), "test.db")))
	d := w.directory()
	want := func(id string, known bool) {
		t.Helper()
		p, err := d.Space(t.Context(), id)
		if known && (err != nil || p.SpaceID != id || p.Space != w.spaces[id]) || !known && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %+v, %v", id, p, err)
		}
	}
	want("s", true)
	want("none", false)
	before := w.st.Statements()
	for i := range 100 {
		want(fmt.Sprint("none", i), false)
		want("s", true)
	}
	if n := w.st.Statements() - before; n != 0 {
		t.Errorf("%d statements", n)
	}

	w.update(store.Server, func(tx store.Tx) {
		w.must(tx.Delete(t.Context(), store.Server, cms.KindSpace, "s", 1, "ann", w.now))
		w.spaces["none"] = w.scope(tx, store.Server)
		w.put(tx, store.Server, cms.KindSpace, "none", w.spaces["none"], store.Absent, cms.Space{Name: "none"})
	})
	want("none", true)
	want("s", false) // it has been met before
	want("s", false)
}

func TestChangesAreSeenAtOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t, open(t, sqlstore.OpenSQLite, filepath.Join(t.TempDir(), "test.db")))
	d := w.directory()
	manager, err := d.Authenticate(t.Context(), "manage")
	if err != nil {
		t.Fatal(err)
	}
	reader, err := d.Authenticate(t.Context(), "deliver")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Locate(t.Context(), reader, "s", "live"); err != nil {
		t.Fatal(err)
	}
	w.update(w.spaces["s"], func(tx store.Tx) {
		w.put(tx, w.spaces["s"], cms.KindEnvironmentAlias, "live", 0, 1, cms.EnvironmentAlias{Environment: "master"})
		w.put(tx, w.spaces["s"], cms.KindAPIKey, "deliver-id", 0, 1, cms.APIKey{Environments: []string{"live"}})
	})
	if p, err := d.Locate(t.Context(), manager, "s", "live"); err != nil || p.Target != "master" {
		t.Errorf("the alias moved: %+v, %v", p, err)
	}
	if reader, err = d.Authenticate(t.Context(), "deliver"); err != nil || !cmp.Equal(reader.Environments, []string{"live"}) {
		t.Errorf("the key changed: %+v, %v", reader, err)
	}
	w.update(store.Server, func(tx store.Tx) {
		w.put(tx, store.Server, cms.KindAccessToken, "manage-id", 0, 1, cms.AccessToken{Scopes: []string{cms.ScopeManage}, RevokedAt: w.now})
		w.put(tx, store.Server, cms.KindSpace, "s", w.spaces["s"], 1, cms.Space{Name: "s", Hibernated: true})
	})
	if a, known, current := d.Recall("manage"); !known || current || a.TokenID != "" {
		t.Errorf("a token that was good: %+v, known %t, current %t before anyone has asked for it again", a, known, current)
	}
	if a, err := d.Authenticate(t.Context(), "manage"); !fault.Is(err, fault.AccessTokenInvalid) {
		t.Errorf("revoked: %+v, %v", a, err)
	}
	if a, known, current := d.Recall("manage"); known || current || a.TokenID != "" {
		t.Errorf("revoked and asked for: %+v, known %t, current %t", a, known, current)
	}
	if p, err := d.Locate(t.Context(), reader, "s", "live"); err != nil || !p.Hibernated {
		t.Errorf("asleep: %+v, %v", p, err)
	}
	w.update(w.spaces["s"], func(tx store.Tx) {
		w.must(tx.Delete(t.Context(), w.spaces["s"], cms.KindAPIKey, "deliver-id", 3, "ann", w.now))
	})
	if a, err := d.Authenticate(t.Context(), "deliver"); !fault.Is(err, fault.AccessTokenInvalid) {
		t.Errorf("the key is gone: %+v, %v", a, err)
	}
	w.update(store.Server, func(tx store.Tx) {
		w.must(tx.DropScope(t.Context(), w.spaces["s"]))
		w.must(tx.Delete(t.Context(), store.Server, cms.KindSpace, "s", 3, "ann", w.now))
	})
	if p, err := d.Locate(t.Context(), manager, "s", "live"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the space is gone: %+v, %v", p, err)
	}
	if a, err := d.Authenticate(t.Context(), "preview"); !fault.Is(err, fault.AccessTokenInvalid) {
		t.Errorf("its keys are gone: %+v, %v", a, err)
	}
}

// Two stores over one database are two nodes.
func TestPollSeesOtherNodes(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t) // with SQLite nobody else writes
	w := newTown(t, open(t, sqlstore.OpenPostgres, url))
	d := access.New(open(t, sqlstore.OpenPostgres, url), func() time.Time { return w.now })
	for _, token := range []string{"manage", "deliver"} {
		if _, err := d.Authenticate(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	w.update(store.Server, func(tx store.Tx) {
		w.put(tx, store.Server, cms.KindAccessToken, "manage-id", 0, 1, cms.AccessToken{Scopes: []string{cms.ScopeManage}, RevokedAt: w.now})
	})
	w.update(w.spaces["s"], func(tx store.Tx) {
		w.must(tx.Delete(t.Context(), w.spaces["s"], cms.KindAPIKey, "deliver-id", 1, "ann", w.now))
	})
	if err := d.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"manage", "deliver"} {
		if a, err := d.Authenticate(t.Context(), token); !fault.Is(err, fault.AccessTokenInvalid) {
			t.Errorf("%s: %+v, %v", token, a, err)
		}
	}
}
