// Package deliverytest fills a real store with content for tests of what
// readers get: a space "s" with an environment "master", written head by head,
// without the rules of authoring.
//
// Start reading at World.
package deliverytest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// World is a store with one space. Every write takes place a second after the
// one before; the first at 2026-01-01T00:00:00.000Z.
type World struct {
	t     testing.TB
	Store store.Store
	Index *index.Index
	Place access.Place

	*clock
	url string // of the database that Node opens too; "" for others
}

// clock is shared by all copies of a world.
type clock struct {
	now    time.Time
	frozen bool
}

// New makes a world in a temporary folder with the locales en-US (default),
// de (falls back to en-US) and fr (no fallback).
func New(t testing.TB) *World {
	t.Helper()
	return On(t, opened(t, sqlstore.OpenSQLite, filepath.Join(t.TempDir(), "world.db")))
}

// NewShared is New on PostgreSQL: only there may other servers write, see Node.
func NewShared(t testing.TB) *World {
	t.Helper()
	url := pgtest.URL(t)
	w := On(t, opened(t, sqlstore.OpenPostgres, url))
	w.url = url
	return w
}

func opened(t testing.TB, open func(context.Context, string) (*sqlstore.Store, error), where string) store.Store {
	t.Helper()
	st, err := open(t.Context(), where)
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

// Node is the world as another server sees it that shares the database.
func (w *World) Node() *World {
	w.t.Helper()
	n := *w
	n.Store = opened(w.t, sqlstore.OpenPostgres, w.url)
	n.Index = index.New(n.Store, index.Options{})
	return &n
}

// On makes a world in an empty store, which stays the caller's to close.
func On(t testing.TB, st store.Store) *World {
	t.Helper()
	w := &World{
		t: t, Store: st, Index: index.New(st, index.Options{}),
		clock: &clock{now: time.Date(2025, 12, 31, 23, 59, 59, 0, time.UTC)},
	}
	w.Place = access.Place{Organization: "o", SpaceID: "s", EnvironmentID: "master", Target: "master"}
	w.update(store.Server, func(tx store.Tx) error {
		space, err := tx.NewScope(t.Context(), store.Server)
		if err != nil {
			return err
		}
		w.Place.Space = space
		return w.put(tx, store.Head{Scope: store.Server, Sys: cms.Sys{Kind: cms.KindSpace, ID: "s"}, Child: space}, cms.Space{Name: `The "space"`})
	})
	w.update(w.Place.Space, func(tx store.Tx) error {
		env, err := tx.NewScope(t.Context(), w.Place.Space)
		if err != nil {
			return err
		}
		w.Place.Environment = env
		return w.put(tx, store.Head{Scope: w.Place.Space, Sys: cms.Sys{Kind: cms.KindEnvironment, ID: "master"}, Child: env}, cms.Environment{Name: "master"})
	})
	english := "en-US"
	w.Locale("l1", cms.Locale{Name: "English", Code: english, Default: true, Management: true, Delivery: true})
	w.Locale("l2", cms.Locale{Name: "German", Code: "de", FallbackCode: &english, Management: true, Delivery: true})
	w.Locale("l3", cms.Locale{Name: "French", Code: "fr", Management: true, Delivery: true})
	return w
}

// Copy makes an environment that is a copy of the one the world writes to.
func (w *World) Copy(id string) access.Place {
	w.t.Helper()
	p := w.Place
	p.EnvironmentID, p.Target = id, id
	w.update(w.Place.Space, func(tx store.Tx) (err error) {
		if p.Environment, err = tx.NewScope(w.t.Context(), w.Place.Space); err != nil {
			return err
		}
		if err := tx.CopyScope(w.t.Context(), w.Place.Environment, p.Environment); err != nil {
			return err
		}
		return w.put(tx, store.Head{Scope: w.Place.Space, Sys: cms.Sys{Kind: cms.KindEnvironment, ID: id}, Child: p.Environment}, cms.Environment{Name: id})
	})
	return p
}

// Drop deletes an environment.
func (w *World) Drop(p access.Place) {
	w.t.Helper()
	w.update(w.Place.Space, func(tx store.Tx) error { return tx.DropScope(w.t.Context(), p.Environment) })
}

// Alias points an alias to an environment and is the place that it stands for.
func (w *World) Alias(id string, target access.Place) access.Place {
	w.t.Helper()
	w.save(w.Place.Space, cms.Sys{Kind: cms.KindEnvironmentAlias, ID: id}, cms.EnvironmentAlias{Environment: target.EnvironmentID})
	target.EnvironmentID = id
	return target
}

// Locale saves a locale. Its values are stored under "key:" and the code it was
// first given.
func (w *World) Locale(id string, l cms.Locale) {
	w.t.Helper()
	if l.Key == "" {
		l.Key = "key:" + l.Code
	}
	w.save(w.Place.Environment, cms.Sys{Kind: cms.KindLocale, ID: id}, l)
}

// Tag saves a tag.
func (w *World) Tag(id, visibility string) {
	w.t.Helper()
	w.save(w.Place.Environment, cms.Sys{Kind: cms.KindTag, ID: id}, cms.Tag{Name: "Tag " + id, Visibility: visibility})
}

// Token saves an access token, which is no content.
func (w *World) Token(id string) {
	w.t.Helper()
	w.save(store.Server, cms.Sys{Kind: cms.KindAccessToken, ID: id}, cms.AccessToken{Name: id})
}

// Concept saves a concept of the organization, labelled with its id.
func (w *World) Concept(id string, broader ...string) {
	w.t.Helper()
	w.save(store.Server, cms.Sys{Kind: cms.KindConcept, ID: cms.TaxonomyID(w.Place.Organization, id)}, cms.Concept{
		Notations: []string{}, Broader: broader, Related: []string{}, AltLabels: map[string][]string{}, HiddenLabels: map[string][]string{}, PrefLabel: map[string]string{cms.TaxonomyLocale: id},
	})
}

// Deprecated saves a deprecated concept, replaced by another one unless that is "".
func (w *World) Deprecated(id, replacedBy string) {
	w.t.Helper()
	w.save(store.Server, cms.Sys{Kind: cms.KindConcept, ID: cms.TaxonomyID(w.Place.Organization, id)}, cms.Concept{
		Notations: []string{}, Related: []string{}, AltLabels: map[string][]string{}, HiddenLabels: map[string][]string{}, PrefLabel: map[string]string{cms.TaxonomyLocale: id},
		Deprecation: &cms.Deprecation{At: time.Date(2026, 1, 2, 0, 0, 0, int(time.Millisecond), time.UTC), By: "somebody", ReplacedBy: replacedBy},
	})
}

// Scheme saves a concept scheme of the organization.
func (w *World) Scheme(id string, concepts ...string) {
	w.t.Helper()
	w.save(store.Server, cms.Sys{Kind: cms.KindConceptScheme, ID: cms.TaxonomyID(w.Place.Organization, id)}, cms.ConceptScheme{
		Concepts: concepts, PrefLabel: map[string]string{cms.TaxonomyLocale: id},
	})
}

// Type saves and publishes a content type. Values of a field are stored under
// "key:" and the id it was first given.
func (w *World) Type(id string, ct cms.ContentType) {
	w.t.Helper()
	ct.Fields = slices.Clone(ct.Fields)
	for i := range ct.Fields {
		f := &ct.Fields[i]
		if f.Key == "" {
			f.Key = "key:" + f.ID
		}
		if f.Name == "" {
			f.Name = "Field " + f.ID
		}
	}
	w.save(w.Place.Environment, cms.Sys{Kind: cms.KindContentType, ID: id}, ct)
	w.Publish(cms.KindContentType, id)
}

// Entry saves an entry. fields is JSON by the ids of fields and the codes of
// locales: {"title":{"en-US":"…"}}. A tag that begins with "concept:" is a concept.
func (w *World) Entry(id, contentType, fields string, tags ...string) {
	w.t.Helper()
	w.save(w.Place.Environment, cms.Sys{Kind: cms.KindEntry, ID: id, ContentType: contentType}, w.document(fields, "key:", tags))
}

// Asset saves an asset; fields as for Entry.
func (w *World) Asset(id, fields string, tags ...string) {
	w.t.Helper()
	w.save(w.Place.Environment, cms.Sys{Kind: cms.KindAsset, ID: id}, w.document(fields, "", tags))
}

// Release saves a release of the second schema.
func (w *World) Release(id string, items ...cms.ActionItem) {
	w.t.Helper()
	w.save(w.Place.Environment, cms.Sys{Kind: cms.KindRelease, ID: id}, cms.Release{Title: id, SchemaVersion: cms.ReleaseV2, Status: cms.ReleaseActive, Items: items})
}

// Version saves what a release has of an entry, or of an asset without a content
// type; fields as for Entry.
func (w *World) Version(release string, k cms.Kind, id, contentType, fields string) {
	w.t.Helper()
	prefix := "key:"
	if k == cms.KindAsset {
		prefix = ""
	}
	kind, ownID := cms.VersionID(release, k, id)
	w.save(w.Place.Environment, cms.Sys{Kind: kind, ID: ownID, ContentType: contentType}, w.document(fields, prefix, nil))
}

// Plan schedules the publication of a release.
func (w *World) Plan(id, release string, at time.Time) {
	w.t.Helper()
	w.save(w.Place.Environment, cms.Sys{Kind: cms.KindScheduledAction, ID: id}, cms.ScheduledAction{
		Action: cms.ActionPublish, Status: cms.ActionScheduled, Entity: cms.LinkTo(cms.KindRelease, release).Sys, At: at,
	})
}

func (w *World) document(fields, prefix string, tags []string) any {
	w.t.Helper()
	var public map[string]map[string]json.RawMessage
	if err := json.Unmarshal([]byte(fields), &public); err != nil {
		w.t.Fatalf("fields %s: %v", fields, err)
	}
	doc := cms.Document{Fields: cms.Fields{}}
	for _, tag := range tags {
		if concept, ok := strings.CutPrefix(tag, "concept:"); ok {
			doc.Metadata.Concepts = append(doc.Metadata.Concepts, concept)
		} else {
			doc.Metadata.Tags = append(doc.Metadata.Tags, tag)
		}
	}
	for id, values := range public {
		stored := map[string]json.RawMessage{}
		for code, v := range values {
			stored["key:"+code] = v
		}
		doc.Fields[prefix+id] = stored
	}
	return doc
}

// Publish publishes the draft of a resource.
func (w *World) Publish(k cms.Kind, ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		w.change(k, id, store.Publish, func(h *store.Head) {
			h.Published = h.Draft
			w.publish(h)
		})
	}
}

func (w *World) publish(h *store.Head) {
	h.PublishedVersion = h.Version
	h.PublishedCounter++
	h.PublishedAt, h.PublishedBy = w.now, "u"
	if h.FirstPublishedAt.IsZero() {
		h.FirstPublishedAt = w.now
	}
}

// PublishIn publishes the draft of an entry or asset in some locales, beside those
// it is published in, and not in others any more. Locales go by the code they were
// first given; one has to be left.
func (w *World) PublishIn(k cms.Kind, id string, add, remove []string) {
	w.t.Helper()
	w.update(w.Place.Environment, func(tx store.Tx) error {
		h, err := tx.Get(w.t.Context(), w.Place.Environment, k, id)
		if err != nil {
			return err
		}
		bodies, err := tx.Bodies(w.t.Context(), []store.Revision{h.Draft, h.Published})
		if err != nil {
			return err
		}
		var draft, before cms.Document
		if err := json.Unmarshal(bodies[h.Draft], &draft); err != nil {
			return err
		}
		before.Locales = []string{}
		if h.Published != 0 {
			before.Locales = nil
			if err := json.Unmarshal(bodies[h.Published], &before); err != nil {
				return err
			}
		}
		out := cms.Document{Metadata: draft.Metadata, Fields: cms.Fields{}}
		for _, code := range []string{"en-US", "de", "fr"} {
			from := &before
			switch {
			case slices.Contains(add, code):
				from = &draft
			case slices.Contains(remove, code) || !before.For("key:"+code):
				continue
			}
			out.Locales = append(out.Locales, "key:"+code)
			for field, values := range from.Fields {
				if raw, ok := values["key:"+code]; ok {
					if out.Fields[field] == nil {
						out.Fields[field] = map[string]json.RawMessage{}
					}
					out.Fields[field]["key:"+code] = raw
				}
			}
		}
		body, err := encode(out)
		if err != nil || out.Locales == nil {
			return errors.Join(err, errors.New("nothing is left to publish"))
		}
		was := h.Version
		w.publish(&h)
		h.Version++
		h.UpdatedAt, h.UpdatedBy = w.now, "u"
		_, err = tx.Put(w.t.Context(), store.Write{Head: h, Was: was, PublishedBody: body, Action: store.Publish, Actor: "u", At: w.now})
		return err
	})
}

// Unpublish takes a resource back.
func (w *World) Unpublish(k cms.Kind, id string) {
	w.t.Helper()
	w.change(k, id, store.Unpublish, func(h *store.Head) {
		h.Published, h.PublishedVersion, h.PublishedAt, h.PublishedBy = 0, 0, time.Time{}, ""
	})
}

// Archive archives a resource that is not published.
func (w *World) Archive(k cms.Kind, id string) {
	w.t.Helper()
	w.change(k, id, store.Archive, func(h *store.Head) {
		h.ArchivedVersion, h.ArchivedAt, h.ArchivedBy = h.Version, w.now, "u"
	})
}

// Unarchive makes a resource a draft again.
func (w *World) Unarchive(k cms.Kind, id string) {
	w.t.Helper()
	w.change(k, id, store.Unarchive, func(h *store.Head) {
		h.ArchivedVersion, h.ArchivedAt, h.ArchivedBy = 0, time.Time{}, ""
	})
}

// AtOnce lets all that write does take place at one moment.
func (w *World) AtOnce(write func()) {
	w.now, w.frozen = w.now.Add(time.Second), true
	write()
	w.frozen = false
}

// Log adds n changes of a resource to the log, which change nothing.
func (w *World) Log(n int, k cms.Kind, id string) {
	w.t.Helper()
	w.update(w.Place.Environment, func(tx store.Tx) error {
		for range n {
			h, err := tx.Get(w.t.Context(), w.Place.Environment, k, id)
			if err != nil {
				return err
			}
			was := h.Version
			h.Version++
			if _, err = tx.Put(w.t.Context(), store.Write{Head: h, Was: was, Action: store.Save, Actor: "u", At: w.now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Fill publishes n empty entries e0, e1 … of a content type at once.
func (w *World) Fill(n int, contentType string) {
	w.t.Helper()
	w.update(w.Place.Environment, func(tx store.Tx) error {
		for i := range n {
			_, err := tx.Put(w.t.Context(), store.Write{Head: store.Head{
				Scope: w.Place.Environment, Sys: cms.Sys{
					Kind: cms.KindEntry, ID: fmt.Sprint("e", i), ContentType: contentType, Version: 2, PublishedVersion: 1, PublishedCounter: 1,
					CreatedAt: w.now, UpdatedAt: w.now, PublishedAt: w.now, FirstPublishedAt: w.now, CreatedBy: "u", UpdatedBy: "u", PublishedBy: "u",
				},
			}, Was: store.Absent, Body: []byte("{}"), PublishBody: true, Action: store.Publish, Actor: "u", At: w.now})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Delete removes a resource.
func (w *World) Delete(k cms.Kind, id string) {
	w.t.Helper()
	w.update(w.Place.Environment, func(tx store.Tx) error {
		h, err := tx.Get(w.t.Context(), w.Place.Environment, k, id)
		if err != nil {
			return err
		}
		return tx.Delete(w.t.Context(), w.Place.Environment, k, id, h.Version, "u", w.now)
	})
}

// change moves an existing resource one version on.
func (w *World) change(k cms.Kind, id string, a store.Action, edit func(*store.Head)) {
	w.t.Helper()
	w.update(w.Place.Environment, func(tx store.Tx) error {
		h, err := tx.Get(w.t.Context(), w.Place.Environment, k, id)
		if err != nil {
			return err
		}
		was := h.Version
		edit(&h)
		h.Version++
		h.UpdatedAt, h.UpdatedBy = w.now, "u"
		_, err = tx.Put(w.t.Context(), store.Write{Head: h, Was: was, Action: a, Actor: "u", At: w.now})
		return err
	})
}

// save writes a new draft of a resource in a scope.
func (w *World) save(s store.Scope, sys cms.Sys, body any) {
	w.t.Helper()
	w.update(s, func(tx store.Tx) error {
		h := store.Head{Scope: s, Sys: sys}
		found, err := tx.GetMany(w.t.Context(), s, sys.Kind, []string{sys.ID})
		if err != nil {
			return err
		}
		if len(found) > 0 {
			h = found[0]
		}
		return w.put(tx, h, body)
	})
}

// put writes the next version of h with a body.
func (w *World) put(tx store.Tx, h store.Head, body any) error {
	was, action := h.Version, store.Save
	if h.Version == 0 {
		was, action = store.Absent, store.Create
		h.CreatedAt, h.CreatedBy = w.now, "u"
	}
	h.Version++
	h.UpdatedAt, h.UpdatedBy = w.now, "u"
	encoded, err := encode(body)
	if err != nil {
		return err
	}
	_, err = tx.Put(w.t.Context(), store.Write{Head: h, Was: was, Body: encoded, Action: action, Actor: "u", At: w.now})
	return err
}

// encode is a body as it is stored: raw values stay as they are.
func encode(body any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(body)
	return b.Bytes(), err
}

func (w *World) update(s store.Scope, fn func(tx store.Tx) error) {
	w.t.Helper()
	if !w.frozen {
		w.now = w.now.Add(time.Second)
	}
	if err := w.Store.Update(w.t.Context(), s, fn); err != nil {
		w.t.Fatal(err)
	}
}
