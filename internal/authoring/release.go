package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

const maxReleaseTitle = 256 // characters

// parseRelease reads the body of a release. Without a schema of its own it has
// this one.
func parseRelease(body []byte, schema string) (cms.Release, error) {
	var b bodyReader
	r := cms.Release{Status: cms.ReleaseActive, SchemaVersion: schema}
	members := b.object(body, nil, "sys", "title", "entities")
	if members == nil {
		return r, b.err()
	}
	if raw := members["sys"]; raw != nil && !isNull(raw) {
		sys := b.object(raw, []any{"sys"})
		if named := sys["schemaVersion"]; named != nil && !isNull(named) {
			r.SchemaVersion = b.oneOf(named, []any{"sys", "schemaVersion"}, cms.ReleaseV1, cms.ReleaseV2)
		}
	}
	title, ok := read[string](&b, members["title"], "String", []any{"title"})
	if n := utf8.RuneCountInString(title); ok && (n == 0 || n > maxReleaseTitle) {
		b.add(fault.Detail{Name: "size", Path: []any{"title"}, Value: fault.Raw(title), Min: fault.Raw(1), Max: fault.Raw(maxReleaseTitle),
			Details: fmt.Sprintf("Size must be at least 1 and at most %d", maxReleaseTitle)})
	}
	r.Title = title
	if list, ok := b.collection(members["entities"], []any{"entities"}); ok {
		read := b.releaseLink
		if r.SchemaVersion == cms.ReleaseV2 {
			read = b.releaseItem
		}
		r.Items = b.entities(list, []any{"entities", "items"}, 0, read)
	}
	return r, b.err()
}

// releaseLink reads an entity of a release that publishes all of them.
func (b *bodyReader) releaseLink(raw json.RawMessage, path []any) cms.ActionItem {
	it := itemOf(b.link(raw, path, false, entityTypes...))
	it.Version, it.Action = 0, cms.ActionPublish
	return it
}

// releaseItem reads an entity of a release that says what is done to each: an
// action, or locales.
func (b *bodyReader) releaseItem(raw json.RawMessage, path []any) cms.ActionItem {
	members, it := b.item(raw, path, "", "action")
	it.Version, it.Action = 0, cms.ActionPublish
	if raw := members["action"]; raw != nil && !isNull(raw) {
		it.Action = b.oneOf(raw, below(path, "action"), cms.ActionPublish, cms.ActionUnpublish)
		if it.Add != nil || it.Remove != nil {
			b.add(fault.Detail{Name: "unexpected", Path: below(path, "action"), Details: "Either an action is named or locales are, not both."})
		}
	}
	return it
}

// Releases answers a query over the releases of an environment.
func (s *Service) Releases(ctx context.Context, p access.Place, params url.Values) (Found[Resource[cms.Release]], error) {
	return search(ctx, s, p, cms.KindRelease, cms.Draft, params, decodeHit[cms.Release])
}

// Release returns a release.
func (s *Service) Release(ctx context.Context, p access.Place, id string) (Resource[cms.Release], error) {
	r, err := get[cms.Release](ctx, s.Store, p.Environment, cms.KindRelease, id)
	return r, missing(err, p, cms.KindRelease, id)
}

// CreateRelease makes a release with a new id.
func (s *Service) CreateRelease(ctx context.Context, p access.Place, a access.Actor, body []byte) (out Resource[cms.Release], err error) {
	next, err := parseRelease(body, cms.ReleaseV1)
	if err != nil {
		return out, err
	}
	if err := s.releasable(ctx, p, "", next.Items); err != nil {
		return out, err
	}
	id := s.IDs.New()
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		now := s.Now()
		out, err = put(ctx, tx, created(p.Environment, cms.KindRelease, id, 1, a.User, now), store.Absent, next, store.Create, a.User, now)
		return err
	})
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// releasable refuses items that do not exist, not even in the release, with the
// whole error of each, and locales that do not exist.
func (s *Service) releasable(ctx context.Context, p access.Place, release string, items []cms.ActionItem) error {
	heads, err := s.itemHeads(ctx, s.Store, p, items)
	if err != nil {
		return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	versions, err := versionsIn(ctx, s.Store, p, release, items)
	if err != nil {
		return err
	}
	maps.Copy(heads, versions)
	var problems []fault.Detail
	for i, it := range items {
		if _, ok := heads[cms.LinkTo(it.Kind, it.ID)]; !ok {
			problems = append(problems, fault.Detail{Name: "notResolvable", Path: []any{"entities", "items", i}, Link: cms.LinkTo(it.Kind, it.ID).Sys,
				Details: fmt.Sprintf("There is no %s %q.", strings.ToLower(string(it.Kind)), it.ID),
				Nested:  fault.Missing(string(it.Kind), it.ID, p.EnvironmentID, p.SpaceID)})
		}
	}
	if slices.ContainsFunc(items, func(it cms.ActionItem) bool { return localeChange(it) != nil }) {
		model, err := s.model(ctx, p)
		if err != nil {
			return err
		}
		for i, it := range items {
			if len(problems) >= enoughProblems {
				break
			}
			problems = append(problems, unknownCodes(model.Locales, it.Add, "entities", "items", i, "add")...)
			problems = append(problems, unknownCodes(model.Locales, it.Remove, "entities", "items", i, "remove")...)
		}
	}
	if problems != nil {
		return fault.Invalid(fault.ValidationFailed, problems...)
	}
	return nil
}

// enoughProblems is after how many problems nobody looks for more: they would not be
// sent. A release may name 400,000 locales.
const enoughProblems = 100

// unknownCodes are the problems of codes that no locale has.
func unknownCodes(locales cms.Locales, codes []string, at ...any) (problems []fault.Detail) {
	for i, code := range codes {
		if len(problems) == enoughProblems {
			break
		}
		if l, ok := locales.ByCode(code); !ok || !l.Management {
			problems = append(problems, unknownLocale(locales, code, below(at, "fields", "*", i)...))
		}
	}
	return problems
}

// PutRelease replaces the title and the entities of a release.
func (s *Service) PutRelease(ctx context.Context, p access.Place, a access.Actor, id string, v Version, body []byte) (Resource[cms.Release], error) {
	before, err := s.Release(ctx, p, id)
	if err != nil {
		return before, err
	}
	next, err := parseRelease(body, before.Value.SchemaVersion)
	if err != nil {
		return before, err
	}
	if err := v.check(before.Sys); err != nil {
		return before, err
	}
	if before.Archived() {
		return before, editsArchived(cms.KindRelease, id)
	}
	if err := s.releasable(ctx, p, id, next.Items); err != nil {
		return before, err
	}
	return s.changeRelease(ctx, p, a.User, id, v, func(tx store.Tx, r *Resource[cms.Release]) (store.Action, error) {
		if r.Archived() {
			return "", editsArchived(cms.KindRelease, id)
		}
		out := slices.DeleteFunc(slices.Clone(r.Value.Items), func(it cms.ActionItem) bool { return slices.ContainsFunc(next.Items, isItem(it.Kind, it.ID)) })
		if next.SchemaVersion != cms.ReleaseV2 { // which has no versions of entities
			out = r.Value.Items
		}
		if err := s.dropVersions(ctx, tx, p, id, out, a.User); err != nil {
			return "", err
		}
		next.Actions = r.Value.Actions
		r.Value = next
		return store.Save, nil
	})
}

// changeRelease makes the next version of a release.
func (s *Service) changeRelease(ctx context.Context, p access.Place, user, id string, v Version, change func(tx store.Tx, r *Resource[cms.Release]) (store.Action, error)) (out Resource[cms.Release], err error) {
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		r, err := get[cms.Release](ctx, tx, p.Environment, cms.KindRelease, id)
		if err != nil {
			return missing(err, p, cms.KindRelease, id)
		}
		if err := v.check(r.Sys); err != nil {
			return err
		}
		action, err := change(tx, &r)
		if err != nil {
			return err
		}
		out, err = s.putRelease(ctx, tx, p, user, r, action, "")
		return err
	})
	return out, err
}

// putRelease stores the next version of a release.
func (s *Service) putRelease(ctx context.Context, tx store.Tx, p access.Place, user string, r Resource[cms.Release], action store.Action, cause string) (Resource[cms.Release], error) {
	h, err := tx.Get(ctx, p.Environment, cms.KindRelease, r.ID)
	if err != nil {
		return r, err
	}
	h.Sys = r.Sys
	body, err := encode(r.Value)
	if err != nil {
		return r, fault.Wrap(err, fault.ServerError, "encoding a release")
	}
	w := stamped(store.Write{Head: h, Body: body, Action: action, Cause: cause}, user, s.Now())
	stored, err := tx.Put(ctx, w)
	return Resource[cms.Release]{Sys: stored.Sys, Value: r.Value}, err
}

// ArchiveRelease closes a release: nothing more is done with it.
func (s *Service) ArchiveRelease(ctx context.Context, p access.Place, a access.Actor, id string, v Version) (Resource[cms.Release], error) {
	return s.changeRelease(ctx, p, a.User, id, v, func(_ store.Tx, r *Resource[cms.Release]) (store.Action, error) {
		if r.Archived() {
			return "", fault.New(fault.BadRequest, "Already archived")
		}
		archiveRelease(r)
		return store.Archive, nil
	})
}

func archiveRelease(r *Resource[cms.Release]) {
	r.Value.Status, r.ArchivedVersion = cms.ReleaseArchived, r.Version
}

// UnarchiveRelease opens a release again.
func (s *Service) UnarchiveRelease(ctx context.Context, p access.Place, a access.Actor, id string, v Version) (Resource[cms.Release], error) {
	return s.changeRelease(ctx, p, a.User, id, v, func(_ store.Tx, r *Resource[cms.Release]) (store.Action, error) {
		if !r.Archived() {
			return "", fault.New(fault.BadRequest, "Not archived")
		}
		r.Value.Status, r.ArchivedVersion, r.ArchivedBy, r.ArchivedAt = cms.ReleaseActive, 0, "", time.Time{}
		return store.Unarchive, nil
	})
}

// DeleteRelease removes a release with its actions and its versions of entities.
// The entities stay as they are.
func (s *Service) DeleteRelease(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		r, err := get[cms.Release](ctx, tx, p.Environment, cms.KindRelease, id)
		if err != nil {
			return missing(err, p, cms.KindRelease, id)
		}
		for _, action := range r.Value.Actions {
			if err := s.dropAction(ctx, tx, p, action, a.User); err != nil {
				return err
			}
		}
		if err := s.dropVersions(ctx, tx, p, id, r.Value.Items, a.User); err != nil {
			return err
		}
		return tx.Delete(ctx, p.Environment, cms.KindRelease, id, r.Version, a.User, s.Now())
	})
}

func (s *Service) dropAction(ctx context.Context, tx store.Tx, p access.Place, id, user string) error {
	h, err := tx.Get(ctx, p.Environment, cms.KindReleaseAction, id)
	if err != nil {
		return err
	}
	return tx.Delete(ctx, p.Environment, cms.KindReleaseAction, id, h.Version, user, s.Now())
}

// itemsOf are the entities of a release with what an action does to each: what the
// release says, unless everything is unpublished.
func itemsOf(r cms.Release, action string) []cms.ActionItem {
	items := slices.Clone(r.Items)
	for i := range items {
		if action == cms.ActionUnpublish {
			items[i].Action, items[i].Add, items[i].Remove = action, nil, nil
		}
	}
	return items
}
