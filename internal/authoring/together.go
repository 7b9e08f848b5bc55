package authoring

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// maxTogether is how many entities one action can be about.
const maxTogether = 200

// plan is what an action on several entities comes to, as it was checked against
// one content model. Nothing is done before all of it is known to be possible.
type plan struct {
	model   *cms.Model
	release string // whose versions are published; "" if none
	deeds   []deed
	gives   []string // owners of unique values that others of the same plan get
}

// deed is what is done to one entity.
type deed struct {
	head    store.Head           // as it was checked; at no version if it is only in a release
	version *version             // what it becomes first; nil: it stays as it is, as it does when locales are only taken back
	pub     *publication         // nil: it is unpublished
	keys    []validate.UniqueKey // unique values that it has then
}

// version is a release's version of an entity.
type version struct {
	store.Head
	body []byte
}

// plan checks what is to be done to each entity. Links among them resolve as they
// do for one alone, so their order does not matter; unique values can change hands
// within the plan. Unpublishing what is not published is nothing to do. With a
// release, its versions of the entities are what is published; instead are documents
// that are published in place of the drafts of theirs.
func (s *Service) plan(ctx context.Context, p access.Place, user string, model *cms.Model, release string, items []cms.ActionItem, instead map[cms.Link]*cms.Document) (plan, []cms.EntityFailure, error) {
	out := plan{model: model, release: release}
	heads, err := s.itemHeads(ctx, s.Store, p, items)
	if err != nil {
		return out, nil, err
	}
	rules, err := itemRules(ctx, s.Store, p, user, model, items)
	if err != nil {
		return out, nil, err
	}
	versions, err := s.versions(ctx, p, release, items)
	if err != nil {
		return out, nil, err
	}
	around := s.around(p)
	around.versions = map[cms.Link]store.Head{}
	claims := &claims{owners: around.owners, inside: map[string]bool{}, taken: map[store.Key]string{}}
	around.owners = claims.now
	if around.tasks, err = s.withTasks(ctx, p, items); err != nil {
		return out, nil, err
	}
	for _, it := range items {
		claims.inside[store.OwnerOf(it.Kind, it.ID)] = true
		if v := versions[cms.LinkTo(it.Kind, it.ID)]; v != nil && it.Action == cms.ActionPublish && !localeChange(it).onlyRemoves() {
			around.versions[cms.LinkTo(it.Kind, it.ID)] = v.Head
		}
	}
	var failures []cms.EntityFailure
	for _, it := range items {
		h, ok := heads[cms.LinkTo(it.Kind, it.ID)]
		v := versions[cms.LinkTo(it.Kind, it.ID)]
		err := fault.Of(fault.Missing(string(it.Kind), it.ID, p.EnvironmentID, p.SpaceID))
		if ok || v != nil {
			d, failure := s.deed(ctx, p, model, it, h, v, instead[cms.LinkTo(it.Kind, it.ID)], around, claims)
			if failure == nil && d != nil {
				failure = d.allowed(rules)
			}
			if failure == nil && d != nil {
				out.deeds = append(out.deeds, *d)
			}
			if errors.Is(failure, errOutdated) {
				return out, nil, failure
			}
			err = fault.Of(failure)
		}
		switch {
		case err == nil:
		case err.Kind == fault.ServerError || err.Kind == fault.Timeout: // which says nothing of the entity
			return out, nil, err
		default:
			failures = append(failures, cms.EntityFailure{Kind: it.Kind, ID: it.ID, Version: it.Version, Error: err})
		}
	}
	out.gives = claims.gives
	return out, failures, nil
}

// deed checks what is to be done to one entity; nil is nothing.
func (s *Service) deed(ctx context.Context, p access.Place, model *cms.Model, it cms.ActionItem, h store.Head, v *version, instead *cms.Document, around surroundings, claims *claims) (*deed, error) {
	change := localeChange(it)
	if it.Version != 0 && it.Version != h.Version {
		return nil, s.sameVersion(ctx, p, h.Sys, Version{Number: it.Version, Sent: true})
	}
	if it.Action == cms.ActionUnpublish && change == nil {
		if !h.Sys.Published() {
			return nil, nil
		}
		return &deed{head: h}, nil
	}
	h.Kind, h.ID = it.Kind, it.ID
	d := &deed{head: h}
	next := h
	if v != nil && it.Action == cms.ActionPublish && !change.onlyRemoves() {
		if next, d.version = v.over(h), v; h.Version > 0 && h.ContentType != v.ContentType {
			return nil, hinted("The content type is another one by now", "The entry has the content type %q, and in the release it has %q.", h.ContentType, v.ContentType)
		}
	}
	pub, err := s.publicationOf(ctx, model, next, instead, change)
	switch {
	case fault.Is(err, fault.BadRequest) && fault.Of(err).Message == notPublished:
		return nil, nil
	case err != nil:
		return nil, err
	}
	d.pub = pub
	if d.keys, err = s.checkPublication(ctx, p, model, pub, around); err != nil {
		return nil, err
	}
	if err := pub.heldBack(around.tasks[tasksOf(it.ID)]); err != nil {
		return nil, err
	}
	return d, claims.take(ctx, pub, d.keys)
}

// localeChange is what an item says about locales; nil is nothing, which means all
// of them.
func localeChange(it cms.ActionItem) *LocaleChange {
	if it.Add == nil && it.Remove == nil {
		return nil
	}
	return &LocaleChange{Add: it.Add, Remove: it.Remove}
}

// claims are the unique values that a plan gives and takes.
type claims struct {
	owners keyOwners
	inside map[string]bool      // owners that the plan is about: what they have is free, unless it is taken
	taken  map[store.Key]string // by whom
	gives  []string
}

// now is who has keys after what has been planned so far.
func (c *claims) now(ctx context.Context, keys []store.Key) (map[store.Key]string, error) {
	owners, err := c.owners(ctx, keys)
	if err != nil {
		return nil, err
	}
	return c.planned(keys, owners), nil
}

// planned is who has keys after what has been planned so far, if others have them
// before.
func (c *claims) planned(keys []store.Key, before map[store.Key]string) map[store.Key]string {
	owners := maps.Clone(before)
	for _, k := range keys {
		switch {
		case c.taken[k] != "":
			owners[k] = c.taken[k]
		case c.inside[owners[k]]:
			delete(owners, k)
		}
	}
	return owners
}

// take gives an entry the unique values of the locales that are published.
func (c *claims) take(ctx context.Context, pub *publication, keys []validate.UniqueKey) error {
	keys = slices.DeleteFunc(slices.Clone(keys), func(k validate.UniqueKey) bool { return !pub.added.Has(k.LocaleKey) })
	if len(keys) == 0 {
		return nil
	}
	wanted := uniqueStoreKeys(pub.head.ContentType, keys)
	before, err := c.owners(ctx, wanted)
	if err != nil {
		return err
	}
	if taken := conflictsOf(pub.head, keys, c.planned(wanted, before)); len(taken) > 0 {
		return fault.Invalid(fault.InvalidEntry, uniqueProblems(pub.head.ContentType, keys, taken)...)
	}
	owner := store.OwnerOf(cms.KindEntry, pub.head.ID)
	for _, k := range wanted {
		c.taken[k] = owner
		if giver := before[k]; giver != "" && giver != owner && !slices.Contains(c.gives, giver) {
			c.gives = append(c.gives, giver)
		}
	}
	return nil
}

// perform does what was planned, as part of a transaction. It fails with
// errOutdated when something is not as it was.
func (s *Service) perform(ctx context.Context, tx store.Tx, p access.Place, user string, pl plan, cause string) error {
	if err := s.begin(ctx, tx, p, user, pl); err != nil {
		return err
	}
	at := s.Now()
	for _, d := range pl.deeds {
		isNew := d.head.Version == 0
		if d.version != nil {
			if err := d.settle(ctx, tx, user, at, cause); err != nil {
				return err
			}
			if err := s.dropVersion(ctx, tx, p, d.version.Head, user); err != nil {
				return err
			}
		}
		w, err := d.write(ctx, tx, p)
		if err != nil {
			return err
		}
		w = stamped(w, user, at)
		w.Cause = cause
		h, err := tx.Put(ctx, w)
		if err != nil {
			return err
		}
		if isNew && h.Kind == cms.KindEntry && pl.model.Workflows { // afterwards: what begins may hold back publishing
			if err := s.beginOnCreation(ctx, tx, p, user, h); err != nil {
				return err
			}
		}
	}
	return nil
}

// asks is what the plan asks about keys when it is performed.
func (pl plan) asks() store.Ahead {
	a := store.Ahead{Owners: slices.Clone(pl.gives)}
	for _, d := range pl.deeds {
		of := asksOf(d.head, d.keys)
		a.Keys, a.Owners = append(a.Keys, of.Keys...), append(a.Owners, of.Owners...)
	}
	return a
}

// begin checks that everything is as it was planned with, and frees the unique
// values that change hands.
func (s *Service) begin(ctx context.Context, tx store.Tx, p access.Place, user string, pl plan) error {
	if err := sameModel(ctx, tx, p, pl.model); err != nil {
		return err
	}
	items := make([]cms.ActionItem, len(pl.deeds))
	for i, d := range pl.deeds {
		items[i] = cms.ActionItem{Kind: d.head.Kind, ID: d.head.ID}
	}
	now, err := s.itemHeads(ctx, tx, p, items)
	if err != nil {
		return err
	}
	versions, err := versionsIn(ctx, tx, p, pl.release, items)
	if err != nil {
		return err
	}
	for _, d := range pl.deeds {
		link := cms.LinkTo(d.head.Kind, d.head.ID)
		if h := now[link]; h.Version != d.head.Version || h.Draft != d.head.Draft {
			return errOutdated
		}
		if v, ok := versions[link]; d.pub != nil && len(d.pub.added) > 0 && ok != (d.version != nil) || d.version != nil && (v.Version != d.version.Version || v.Draft != d.version.Draft) {
			return errOutdated
		}
	}
	rules, err := itemRules(ctx, tx, p, user, pl.model, items)
	if err != nil {
		return err
	}
	for _, d := range pl.deeds {
		if d.allowed(rules) != nil { // it was when it was planned
			return errOutdated
		}
	}
	for _, owner := range pl.gives {
		if _, err := tx.SetKeys(ctx, p.Environment, owner, nil); err != nil {
			return err
		}
	}
	return nil
}

// allowed refuses what the steps that an entry is at forbid.
func (d *deed) allowed(rules stepRules) error {
	if d.head.Kind != cms.KindEntry {
		return nil
	}
	if d.version != nil {
		if err := rules.refusal(d.head.ID, cms.StepEdit); err != nil {
			return err
		}
	}
	return rules.refusal(d.head.ID, cms.StepPublish)
}

// itemRules are what the steps that entries of an action are at forbid a user.
func itemRules(ctx context.Context, r store.Reader, p access.Place, user string, model *cms.Model, items []cms.ActionItem) (stepRules, error) {
	if !model.Workflows {
		return stepRules{}, nil
	}
	var entries []string
	for _, it := range items {
		if it.Kind == cms.KindEntry {
			entries = append(entries, it.ID)
		}
	}
	found, err := workflowsOf(ctx, r, p, entries...)
	if err != nil {
		return stepRules{}, err
	}
	return found.rules(ctx, r, user)
}

// write claims and frees unique values, and is what becomes of the entity.
func (d *deed) write(ctx context.Context, tx store.Tx, p access.Place) (store.Write, error) {
	if d.pub != nil {
		if d.head.Kind == cms.KindEntry {
			err := tasksDone(ctx, tx, p, d.pub)
			if err == nil {
				err = claim(ctx, tx, p, d.head, d.pub.added, d.keys)
			}
			if fault.Is(err, fault.InvalidEntry) || fault.Is(err, fault.BadRequest) { // they were free, and there were no tasks, when it was planned
				err = errOutdated
			}
			if err != nil {
				return store.Write{}, err
			}
		}
		return d.pub.step(d.head)
	}
	if d.head.Kind == cms.KindEntry {
		if _, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindEntry, d.head.ID), nil); err != nil {
			return store.Write{}, err
		}
	}
	return unpublish(d.head)
}

// itemHeads are those entities of an action that exist.
func (s *Service) itemHeads(ctx context.Context, r store.Reader, p access.Place, items []cms.ActionItem) (map[cms.Link]store.Head, error) {
	ids := map[cms.Kind][]string{}
	for _, it := range items {
		ids[it.Kind] = append(ids[it.Kind], it.ID)
	}
	out := make(map[cms.Link]store.Head, len(items))
	for _, kind := range []cms.Kind{cms.KindEntry, cms.KindAsset} {
		if len(ids[kind]) == 0 {
			continue
		}
		heads, err := r.GetMany(ctx, p.Environment, kind, ids[kind])
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			out[cms.LinkTo(kind, h.ID)] = h
		}
	}
	return out, nil
}
