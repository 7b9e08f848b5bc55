package authoring

import (
	"encoding/json"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// office is a service on an empty store of its own.
func office(t *testing.T) *Service {
	t.Helper()
	st, err := sqlstore.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, close := range []func() error{st.Close, blobs.Close} {
			if err := close(); err != nil {
				t.Error(err)
			}
		}
	})
	at := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	return &Service{
		Store: st, Index: index.New(st, index.Options{}), Blobs: blobs, Now: func() time.Time { return at }, Wake: func() {},
		IDs: IDs{Source: rand.NewChaCha8([32]byte{2})}, Secret: []byte(strings.Repeat("k", 32)),
	}
}

// openOffice is an office with an owner and a space "s".
func openOffice(t *testing.T) (*Service, access.Actor, access.Place) {
	t.Helper()
	s := office(t)
	if _, err := s.Bootstrap(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	a, err := s.Owner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateSpace(t.Context(), a, SpaceInput{ID: "s", Name: "Space"}); err != nil {
		t.Fatal(err)
	}
	p, err := access.New(s.Store, s.Now).Locate(t.Context(), a, "s", cms.MainEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	return s, a, p
}

func TestCreateSpaceWithID(t *testing.T) {
	t.Parallel()
	s, a, _ := openOffice(t)
	if _, err := s.CreateSpace(t.Context(), a, SpaceInput{ID: "s", Name: "Again"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("an id in use: %v", err)
	}
	for _, id := range []string{"a/b", "..", strings.Repeat("x", 65)} {
		if _, err := s.CreateSpace(t.Context(), a, SpaceInput{ID: id, Name: "Bad"}); !fault.Is(err, fault.ValidationFailed) {
			t.Errorf("id %q: %v", id, err)
		}
	}
}

func TestSeveralOrganizations(t *testing.T) {
	t.Parallel()
	s, a, _ := openOffice(t)
	err := s.Store.Update(t.Context(), store.Server, func(tx store.Tx) error {
		_, err := put(t.Context(), tx, created(store.Server, cms.KindOrganization, "second", 1, a.User, s.Now()), store.Absent, cms.Organization{Name: "Second"}, store.Create, a.User, s.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateSpace(t.Context(), a, SpaceInput{Name: "Whose?"}); !fault.Is(err, fault.MissingOrganizationParameter) {
		t.Errorf("no organization named: %v", err)
	}
	second := "second"
	sp, err := s.CreateSpace(t.Context(), a, SpaceInput{Name: "Its own", Organization: &second})
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Spaces(t.Context(), "second", nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Resource[cms.Space]{sp}, l.Items, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestDeleteSpaceDropsFiles(t *testing.T) {
	t.Parallel()
	s, a, _ := openOffice(t)
	key := blob.UploadKey("s", "u")
	if _, err := s.Blobs.Put(t.Context(), key, "", strings.NewReader("bytes"), 5); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteSpace(t.Context(), a, "s"); err != nil {
		t.Fatal(err)
	}
	jobs, err := s.Store.Lease(t.Context(), s.Now(), time.Minute, 10)
	if err != nil || len(jobs) != 1 || jobs[0].Name != jobDropFiles {
		t.Fatalf("jobs %+v, %v", jobs, err)
	}
	handle := s.Jobs()[jobs[0].Name]
	for range 2 { // jobs may run twice
		if err := handle(t.Context(), jobs[0]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Blobs.Open(key); !fault.Is(err, fault.NotFound) {
		t.Errorf("the upload is still there: %v", err)
	}

	if _, err := s.CreateSpace(t.Context(), a, SpaceInput{ID: "s", Name: "Anew"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Blobs.Put(t.Context(), key, "", strings.NewReader("other"), 5); err != nil {
		t.Fatal(err)
	}
	if err := handle(t.Context(), jobs[0]); err != nil {
		t.Fatal(err)
	}
	b, err := s.Blobs.Open(key)
	if err != nil {
		t.Fatalf("a late job took the files of the new space: %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestLocaleNames(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"en-US": "English (United States)", "de": "German", "de-CH": "German (Switzerland)", "zh-Hant-TW": "Chinese (Traditional Han, Taiwan)",
		"es-419": "Spanish (Latin America)", "xx-yy-zz": "xx-yy-zz", "12345": "12345",
	} {
		if got := localeName(code); got != want {
			t.Errorf("%s is %q, want %q", code, got, want)
		}
	}
}

// A new code of a locale is the new name of its default values, in the draft and
// in the active version of a content type, which keep their versions.
func TestRenamedLocaleKeepsDefaults(t *testing.T) {
	t.Parallel()
	s, a, p := openOffice(t)
	de, err := s.CreateLocale(t.Context(), p, a, map[string]json.RawMessage{"name": []byte(`"German"`), "code": []byte(`"de"`)})
	if err != nil {
		t.Fatal(err)
	}
	body := func(defaults string) json.RawMessage {
		return json.RawMessage(`{"name":"Post","fields":[{"id":"title","name":"Title","type":"Symbol","localized":true,"defaultValue":` + defaults + `}]}`)
	}
	for _, id := range []string{"same", "ahead", "draft", "none"} {
		defaults := `{"de":"Hallo","en-US":"Hello"}`
		if id == "none" {
			defaults = `{"en-US":"Hello"}`
		}
		if _, _, err := s.PutContentType(t.Context(), p, a, id, Version{}, body(defaults)); err != nil {
			t.Fatal(err)
		}
		if id != "draft" {
			if _, err := s.PublishContentType(t.Context(), p, a, id, Version{1, true}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, _, err := s.PutContentType(t.Context(), p, a, "ahead", Version{2, true}, body(`{"de":"Tag"}`)); err != nil {
		t.Fatal(err)
	}

	type face struct {
		Version   int
		Draft     string
		Published string
	}
	faces := func() map[string]face {
		out := map[string]face{}
		for _, id := range []string{"same", "ahead", "draft", "none"} {
			ct, err := s.ContentType(t.Context(), p, id)
			if err != nil {
				t.Fatal(err)
			}
			f := face{Version: ct.Version, Draft: string(ct.Value.Fields[0].DefaultValue)}
			if pub, err := s.PublicContentType(t.Context(), p, id); err == nil {
				f.Published = string(pub.Value.Fields[0].DefaultValue)
			} else if !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			out[id] = f
		}
		return out
	}
	if _, err := s.PutLocale(t.Context(), p, a, de.ID, Version{1, true}, map[string]json.RawMessage{"code": []byte(`"de-DE"`)}); err != nil {
		t.Fatal(err)
	}
	want := map[string]face{
		"same":  {2, `{"de-DE":"Hallo","en-US":"Hello"}`, `{"de-DE":"Hallo","en-US":"Hello"}`},
		"ahead": {3, `{"de-DE":"Tag"}`, `{"de-DE":"Hallo","en-US":"Hello"}`},
		"draft": {1, `{"de-DE":"Hallo","en-US":"Hello"}`, ""},
		"none":  {2, `{"en-US":"Hello"}`, `{"en-US":"Hello"}`},
	}
	if diff := cmp.Diff(want, faces()); diff != "" {
		t.Errorf("after the rename (-want +got):\n%s", diff)
	}
	if err := s.DeleteLocale(t.Context(), p, a, de.ID); err != nil {
		t.Fatal(err)
	}
	want = map[string]face{
		"same":  {2, `{"en-US":"Hello"}`, `{"en-US":"Hello"}`},
		"ahead": {3, "", `{"en-US":"Hello"}`},
		"draft": {1, `{"en-US":"Hello"}`, ""},
		"none":  {2, `{"en-US":"Hello"}`, `{"en-US":"Hello"}`},
	}
	if diff := cmp.Diff(want, faces()); diff != "" {
		t.Errorf("after the deletion (-want +got):\n%s", diff)
	}
}
