package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/timeline"
)

// A release has versions of its own of entries and assets. Such a version begins
// as what the entity is when it is first changed in the release, or as a new
// entity that exists nowhere else. Saving it leaves the entity alone; publishing
// the release makes it the entity's next version and publishes that. Until an
// entity of a release is changed there, the entity itself is its version.

// releasePlace is where an entry or asset stands in a release.
type releasePlace struct {
	release Resource[cms.Release]
	listed  bool        // the release is about it
	own     bool        // the release has a version of its own
	head    *store.Head // that version as the entity would be with it, else the entity; nil if there is neither
}

// released finds an entry or asset in a release.
func (s *Service) released(ctx context.Context, r store.Reader, p access.Place, release string, kind cms.Kind, id string) (releasePlace, error) {
	var at releasePlace
	var err error
	if at.release, err = versionedRelease(ctx, r, p, release); err != nil {
		return at, err
	}
	at.listed = slices.ContainsFunc(at.release.Value.Items, isItem(kind, id))
	of, ownID := cms.VersionID(release, kind, id)
	h, err := r.Get(ctx, p.Environment, of, ownID)
	if at.own = err == nil; !at.own && fault.Is(err, fault.NotFound) {
		if h, err = r.Get(ctx, p.Environment, kind, id); fault.Is(err, fault.NotFound) {
			return at, nil
		}
	}
	if err != nil {
		return at, err
	}
	h = timeline.Version(h, kind)
	at.head = &h
	return at, nil
}

// member is released for what there is in a release.
func (s *Service) member(ctx context.Context, r store.Reader, p access.Place, release string, kind cms.Kind, id string) (releasePlace, error) {
	at, err := s.released(ctx, r, p, release, kind, id)
	if err == nil && (!at.listed || at.head == nil) {
		f := fault.Missing(string(kind), id, p.EnvironmentID, p.SpaceID)
		f.Details.Release = release
		err = f
	}
	return at, err
}

// seen is sameVersion for an entity in a release.
func (s *Service) seen(ctx context.Context, p access.Place, at releasePlace, v Version) error {
	kind, id := at.head.Kind, at.head.ID
	if at.own {
		kind, id = cms.VersionID(at.release.ID, kind, id)
	}
	return s.sameVersionOf(ctx, p, at.head.Sys, kind, id, v)
}

// versionedRelease is a release that can have versions of entities.
func versionedRelease(ctx context.Context, r store.Reader, p access.Place, id string) (Resource[cms.Release], error) {
	release, err := get[cms.Release](ctx, r, p.Environment, cms.KindRelease, id)
	if err == nil && release.Value.SchemaVersion != cms.ReleaseV2 {
		err = hinted("The release has no versions of entities", `Only releases that were made with "sys": {"type": "Release", "schemaVersion": %q} have.`, cms.ReleaseV2)
	}
	return release, missing(err, p, cms.KindRelease, id)
}

func isItem(kind cms.Kind, id string) func(cms.ActionItem) bool {
	return func(it cms.ActionItem) bool { return it.Kind == kind && it.ID == id }
}

// same reports whether nothing about an entity has changed that a write to a
// release relies on.
func (at releasePlace) same(now releasePlace) bool {
	if at.release.Version != now.release.Version || at.own != now.own || (at.head == nil) != (now.head == nil) {
		return false
	}
	return at.head == nil || at.head.Version == now.head.Version && at.head.Draft == now.head.Draft
}

// ReleaseEntity returns an entry or asset as it is in a release.
func (s *Service) ReleaseEntity(ctx context.Context, p access.Place, release string, kind cms.Kind, id string) (Entity, error) {
	model, err := s.model(ctx, p)
	if err != nil {
		return Entity{}, err
	}
	at, err := s.member(ctx, s.Store, p, release, kind, id)
	if err != nil {
		return Entity{}, err
	}
	e, err := s.latest(ctx, model, *at.head)
	e.Release = release
	return e, err
}

// ReleaseEntities answers a query over the entries or assets of a release as they
// are in it. Searches on references see what links lead to like that too.
func (s *Service) ReleaseEntities(ctx context.Context, p access.Place, release string, kind cms.Kind, params url.Values) (Found[Entity], error) {
	env, err := s.Index.Open(ctx, p.Environment, true)
	if err != nil {
		return Found[Entity]{}, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	r, err := versionedRelease(ctx, s.Store, p, release)
	if err != nil {
		return Found[Entity]{}, err
	}
	q, err := query.Parse(params, query.Options{API: query.Management, Kind: kind, Model: env.Model(), DefaultLimit: 100, MaxLimit: 1000})
	if err != nil {
		return Found[Entity]{}, err
	}
	if err := s.widen(ctx, p, q); err != nil {
		return Found[Entity]{}, err
	}
	heads, err := s.itemHeads(ctx, s.Store, p, r.Value.Items)
	if err != nil {
		return Found[Entity]{}, err
	}
	versions, err := versionsIn(ctx, s.Store, p, release, r.Value.Items)
	if err != nil {
		return Found[Entity]{}, err
	}
	maps.Copy(heads, versions)
	over := timeline.Overlay{Index: s.Index, Env: env, Stage: cms.Draft, Alone: true}
	for link, h := range heads {
		over.Lay(timeline.Version(h, cms.Kind(link.Sys.LinkType)))
	}
	page, err := over.Search(ctx, q)
	out := Found[Entity]{Query: q, Total: page.Total, Prev: page.Prev, Next: page.Next}
	if err != nil {
		return out, err
	}
	docs, err := s.Index.Documents(ctx, revisions(page.Heads, cms.Draft))
	if err != nil {
		return out, err
	}
	for _, h := range page.Heads {
		e := entityOf(env.Model(), h, docs[h.Draft], nil)
		e.Release = release
		out.Items = append(out.Items, e)
	}
	return out, nil
}

// CreateReleaseEntity makes an entry or asset with a new id that is only in a
// release. The content type counts for entries.
func (s *Service) CreateReleaseEntity(ctx context.Context, p access.Place, a access.Actor, release string, kind cms.Kind, contentType string, in EntityInput) (Entity, error) {
	e, _, err := s.PutReleaseEntity(ctx, p, a, release, kind, s.IDs.New(), contentType, Version{}, in)
	return e, err
}

// PutReleaseEntity replaces a release's version of an entry or asset, or makes one
// of an entity that the release has none of; created says whether the release was
// not about it before. Who replaces something names the version of it that was
// seen, be it the release's or the entity's. The content type counts for new
// entries only.
func (s *Service) PutReleaseEntity(ctx context.Context, p access.Place, a access.Actor, release string, kind cms.Kind, id, contentType string, v Version, in EntityInput) (e Entity, isNew bool, err error) {
	err = s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		at, err := s.released(ctx, s.Store, p, release, kind, id)
		if err != nil {
			return err
		}
		isNew = !at.listed || at.head == nil
		if err := at.editable(); err != nil {
			return err
		}
		if at.head != nil {
			if err := s.seen(ctx, p, at, v); err != nil {
				return err
			}
		}
		doc, h, err := s.releaseDocument(ctx, p, a, model, at, kind, id, contentType, in)
		if err != nil {
			return err
		}
		e, err = s.saveInRelease(ctx, p, a, model, at, h, doc)
		return err
	})
	return e, isNew, err
}

// editable reports why something cannot be saved in a release.
func (at releasePlace) editable() error {
	switch {
	case at.release.Archived():
		return editsArchived(cms.KindRelease, at.release.ID)
	case !at.listed && len(at.release.Value.Items) >= maxTogether:
		return fullRelease()
	case at.head != nil && at.head.Archived():
		return editsArchived(at.head.Kind, at.head.ID)
	}
	return nil
}

func fullRelease() error {
	return fault.Invalid(fault.ValidationFailed, fault.Detail{Name: "size", Path: []any{"entities", "items"}, Elsewhere: true, Max: fault.Raw(maxTogether),
		Details: fmt.Sprintf("A release has at most %d entities, and this one has that many.", maxTogether)})
}

// releaseDocument checks a body and makes the document of it, and the head of the
// version that it becomes.
func (s *Service) releaseDocument(ctx context.Context, p access.Place, a access.Actor, model *cms.Model, at releasePlace, kind cms.Kind, id, contentType string, in EntityInput) (*cms.Document, store.Head, error) {
	h := created(p.Environment, kind, id, 1, a.User, s.Now())
	h.ContentType = contentType
	if at.head != nil {
		h = touched(*at.head, a.User, s.Now())
	} else if !cms.ValidID(id) {
		return nil, h, invalidID(invalid(kind), id)
	}
	if kind == cms.KindAsset {
		h.ContentType = ""
		doc, err := s.assetDocument(ctx, p, model, id, h.Draft, in)
		return doc, h, err
	}
	if h.ContentType == "" {
		return nil, h, noContentType()
	}
	ct, err := activeType(model, h.ContentType)
	if err != nil {
		return nil, h, err
	}
	doc, err := s.entryDocument(ctx, model, ct, h.Draft, in)
	if err == nil && at.head == nil {
		applyDefaults(doc, in, ct, model.Locales)
	}
	return doc, h, err
}

// saveInRelease stores a document as the release's version of an entity, and the
// entity in the list of the release.
func (s *Service) saveInRelease(ctx context.Context, p access.Place, a access.Actor, model *cms.Model, at releasePlace, h store.Head, doc *cms.Document) (Entity, error) {
	body, err := s.bodyOf(ctx, p, model, h, doc)
	if err != nil {
		return Entity{}, err
	}
	w := store.Write{Head: h, Was: store.Absent, Body: body, Action: store.Create, Actor: a.User, At: h.UpdatedAt}
	w.Head.Kind, w.Head.ID = cms.VersionID(at.release.ID, h.Kind, h.ID)
	if at.own {
		w.Was, w.Action = at.head.Version, store.Save
	}
	var stored store.Head
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		now, err := s.released(ctx, tx, p, at.release.ID, h.Kind, h.ID)
		if err != nil {
			return err
		}
		if !at.same(now) {
			return errOutdated
		}
		if err := sameModel(ctx, tx, p, model); err != nil {
			return err
		}
		if err := checkTags(ctx, tx, p, doc.Metadata); err != nil {
			return err
		}
		if stored, err = tx.Put(ctx, w); err != nil || now.listed {
			return err
		}
		r := now.release
		r.Value.Items = append(r.Value.Items, cms.ActionItem{Kind: h.Kind, ID: h.ID, Action: cms.ActionPublish})
		_, err = s.putRelease(ctx, tx, p, a.User, r, store.Save, "")
		return err
	})
	if err != nil {
		return Entity{}, err
	}
	if doc, err = s.written(stored.Draft, body); err != nil {
		return Entity{}, err
	}
	e := entityOf(model, timeline.Version(stored, h.Kind), doc, nil)
	e.Release = at.release.ID
	return e, nil
}

// PatchReleaseEntry is PatchEntry for an entry in a release.
func (s *Service) PatchReleaseEntry(ctx context.Context, p access.Place, a access.Actor, release, id string, v Version, patch []byte) (Entity, error) {
	at, err := s.member(ctx, s.Store, p, release, cms.KindEntry, id)
	if err != nil {
		return Entity{}, err
	}
	if err := s.seen(ctx, p, at, v); err != nil {
		return Entity{}, err
	}
	model, err := s.model(ctx, p)
	if err != nil {
		return Entity{}, err
	}
	e, err := s.latest(ctx, model, *at.head)
	if err != nil {
		return Entity{}, err
	}
	body, err := patched(publicDocument(e), patch)
	if err != nil {
		return Entity{}, err
	}
	in, err := ParseEntity(cms.KindEntry, body)
	if err != nil {
		return Entity{}, err
	}
	if in.Metadata == nil { // removed, which is more than not named
		in.Metadata = json.RawMessage("null")
	}
	e, _, err = s.PutReleaseEntity(ctx, p, a, release, cms.KindEntry, id, "", v, in)
	return e, err
}

// versionsIn are the versions that a release has of its own, of some of its
// entities; none without a release.
func versionsIn(ctx context.Context, r store.Reader, p access.Place, release string, items []cms.ActionItem) (map[cms.Link]store.Head, error) {
	if release == "" {
		return nil, nil
	}
	ids := map[cms.Kind][]string{}
	for _, it := range items {
		kind, id := cms.VersionID(release, it.Kind, it.ID)
		ids[kind] = append(ids[kind], id)
	}
	out := map[cms.Link]store.Head{}
	for _, of := range []cms.Kind{cms.KindEntry, cms.KindAsset} {
		kind, _ := cms.VersionID(release, of, "")
		if len(ids[kind]) == 0 {
			continue
		}
		heads, err := r.GetMany(ctx, p.Environment, kind, ids[kind])
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			out[cms.LinkTo(of, cms.OwnID(h.ID))] = h
		}
	}
	return out, nil
}

// dropVersions removes the versions that a release has of some of its entities.
func (s *Service) dropVersions(ctx context.Context, tx store.Tx, p access.Place, release string, items []cms.ActionItem, user string) error {
	versions, err := versionsIn(ctx, tx, p, release, items)
	if err != nil {
		return err
	}
	for _, it := range items { // in their order
		h, ok := versions[cms.LinkTo(it.Kind, it.ID)]
		if !ok {
			continue
		}
		if err := s.dropVersion(ctx, tx, p, h, user); err != nil {
			return err
		}
	}
	return nil
}

// dropVersion removes a release's version. The files that an asset has by it alone go
// some time later.
func (s *Service) dropVersion(ctx context.Context, tx store.Tx, p access.Place, h store.Head, user string) error {
	if err := tx.Delete(ctx, h.Scope, h.Kind, h.ID, h.Version, user, s.Now()); err != nil || h.Kind != cms.KindReleaseAsset {
		return err
	}
	return enqueue(ctx, tx, jobPrune, p.Space, pruneRef{p.SpaceID, h.Kind, h.ID}, s.Now().Add(pruneAfter))
}
