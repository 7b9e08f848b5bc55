package authoring

import (
	"context"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// ProcessReleaseAsset is ProcessAsset for an asset in a release. When the release has
// no version of its own of the asset, it gets one as the asset is.
func (s *Service) ProcessReleaseAsset(ctx context.Context, p access.Place, a access.Actor, release, id, locale string) error {
	var at releasePlace
	var body []byte
	find := func(tx store.Tx) (Resource[cms.Document], error) {
		var err error
		if at, err = s.member(ctx, tx, p, release, cms.KindAsset, id); err == nil {
			err = at.editable()
		}
		if err != nil {
			return Resource[cms.Document]{}, err
		}
		bodies, err := tx.Bodies(ctx, []store.Revision{at.head.Draft})
		if err != nil {
			return Resource[cms.Document]{}, err
		}
		body = bodies[at.head.Draft]
		return decode[cms.Document](*at.head, body)
	}
	return s.process(ctx, p, assetFile{Asset: id, Release: release, User: a.User}, locale, find, func(tx store.Tx) error {
		if at.own {
			return nil
		}
		w := store.Write{Head: *at.head, Was: store.Absent, Body: body, Action: store.Create, Actor: a.User, At: s.Now()}
		w.Head.Kind, w.Head.ID = cms.VersionID(release, cms.KindAsset, id)
		_, err := tx.Put(ctx, w)
		return err
	})
}

// versions are the versions that a release has of its own of some of its entities,
// with their bodies.
func (s *Service) versions(ctx context.Context, p access.Place, release string, items []cms.ActionItem) (map[cms.Link]*version, error) {
	if release == "" {
		return nil, nil
	}
	heads, err := versionsIn(ctx, s.Store, p, release, items)
	if err != nil {
		return nil, err
	}
	revs := make([]store.Revision, 0, len(heads))
	for _, h := range heads {
		revs = append(revs, h.Draft)
	}
	bodies, err := s.Index.Bodies(ctx, revs)
	if err != nil {
		return nil, err
	}
	out := make(map[cms.Link]*version, len(heads))
	for link, h := range heads {
		out[link] = &version{h, bodies[h.Draft]}
	}
	return out, nil
}

// over is the head of an entity as it is with the version, which it does not have
// yet.
func (v *version) over(h store.Head) store.Head {
	h.ContentType, h.Draft = v.ContentType, v.Draft
	return h
}

// settle makes a release's version the latest one of its entity. The one before
// stays in the history.
func (d *deed) settle(ctx context.Context, tx store.Tx, user string, at time.Time, cause string) error {
	w := stamped(store.Write{Head: d.head, Body: d.version.body, Action: store.Save, Cause: cause}, user, at)
	if d.head.Version == 0 {
		h := created(d.version.Scope, d.head.Kind, d.head.ID, 1, user, at)
		h.ContentType = d.version.ContentType
		w.Head, w.Was, w.Action = h, store.Absent, store.Create
	}
	var err error
	d.head, err = tx.Put(ctx, w)
	return err
}
