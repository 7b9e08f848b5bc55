package authoring

import (
	"context"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// DeleteLocale removes a locale. Its values stay in stored bodies, where nobody
// sees them any more; what is published in no other locale is unpublished with it.
func (s *Service) DeleteLocale(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.withModel(ctx, p, func(ctx context.Context, _ *cms.Model) error {
		l, err := s.Locale(ctx, p, id)
		if err != nil {
			return err
		}
		env, err := s.Index.Open(ctx, p.Environment, true)
		if err != nil {
			return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
		}
		others := slices.DeleteFunc(slices.Clone(env.Model().Locales), func(o cms.Locale) bool { return o.Key == l.Value.Key })
		lonely := map[cms.Kind][]string{}
		for _, kind := range []cms.Kind{cms.KindEntry, cms.KindAsset} {
			q := &query.Query{Kind: kind, Conds: []query.Cond{query.NotPublishedIn(others)}, Limit: maxLonely}
			page, err := env.Search(ctx, cms.Published, q)
			if err != nil {
				return err
			}
			for _, h := range page.Heads {
				lonely[kind] = append(lonely[kind], h.ID)
			}
		}
		return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
			h, l, err := current[cms.Locale](ctx, tx, p.Environment, cms.KindLocale, id)
			if err != nil {
				return err
			}
			if err := checkLocaleDelete(ctx, tx, p, l); err != nil {
				return err
			}
			if err := sameModel(ctx, tx, p, env.Model()); err != nil {
				return err
			}
			if err := s.unpublishLonely(ctx, tx, p, a, lonely, env.Seq(), others); err != nil {
				return err
			}
			if err := s.relabelDefaults(ctx, tx, p.Environment, l.Code, "", a.User); err != nil {
				return err
			}
			return tx.Delete(ctx, p.Environment, cms.KindLocale, id, h.Version, a.User, s.Now())
		})
	})
}

const (
	maxLonely = 1 << 30 // more than an environment has entries: none is left out
	maxMissed = 1000    // changes since the search; after more it is made again
)

// checkLocaleDelete refuses to delete a locale that others cannot do without.
func checkLocaleDelete(ctx context.Context, tx store.Tx, p access.Place, l cms.Locale) error {
	if l.Default {
		return fault.New(fault.DefaultLocaleNotDeletable, "")
	}
	all, err := list[cms.Locale](ctx, tx, p.Environment, cms.KindLocale)
	if err != nil {
		return err
	}
	if fallenBackTo(values(all), l.Code) {
		return fault.New(fault.FallbackLocaleNotDeletable, "")
	}
	return nil
}

// unpublishLonely unpublishes the entries and assets that are published in none of
// these locales. Those that were found at a position of the log are given; those
// that were published since are looked for.
func (s *Service) unpublishLonely(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, found map[cms.Kind][]string, since int64, locales cms.Locales) error {
	changes, err := tx.Changes(ctx, p.Environment, since, maxMissed)
	if err != nil {
		return err
	}
	if len(changes) == maxMissed {
		return errOutdated
	}
	for _, kind := range []cms.Kind{cms.KindEntry, cms.KindAsset} {
		suspects := slices.Clone(found[kind])
		for _, c := range changes {
			if c.Kind == kind && c.PublishedAfter != 0 {
				suspects = append(suspects, c.ID)
			}
		}
		slices.Sort(suspects)
		for ids := range slices.Chunk(slices.Compact(suspects), 1000) {
			heads, err := tx.GetMany(ctx, p.Environment, kind, ids)
			if err != nil {
				return err
			}
			bodies, err := tx.Bodies(ctx, revisions(heads, cms.Published))
			if err != nil {
				return err
			}
			for _, h := range heads {
				if h.Published == 0 {
					continue
				}
				doc, err := decode[cms.Document](h, bodies[h.Published])
				if err != nil {
					return err
				}
				if slices.ContainsFunc(locales, func(l cms.Locale) bool { return doc.Value.For(l.Key) }) {
					continue
				}
				w, err := unpublish(h)
				if err != nil {
					return err
				}
				if _, err := tx.Put(ctx, stamped(w, a.User, s.Now())); err != nil {
					return err
				}
				if _, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(kind, h.ID), nil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
