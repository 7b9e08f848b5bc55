package authoring

import (
	"context"
	"fmt"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// maxTogether is how many entities one action can be about.
const maxTogether = 200

// errMoved ends a transaction whose plan was made for entities, or for the values
// of others, that are not the current ones any more. Like errModelChanged it asks
// for another plan.
var errMoved = fmt.Errorf("what was checked has moved on: %w", errModelChanged)

// plan is what an action on several entities comes to, as it was checked against
// one content model. Nothing is done before all of it is known to be possible.
type plan struct {
	model *cms.Model
	deeds []deed
	gives []string // owners of unique values that others of the same plan get
}

// deed is what is done to one entity.
type deed struct {
	head    store.Head // as it was checked
	publish bool
	keys    []store.Key // unique values that it gets
}

// plan checks what is to be done to each entity. Links among them resolve as they
// do for one alone, so their order does not matter; unique values can change hands
// within the plan. Unpublishing what is not published is nothing to do.
func (s *Service) plan(ctx context.Context, p access.Place, model *cms.Model, items []cms.ActionItem) (plan, []cms.EntityFailure, error) {
	out := plan{model: model}
	heads, err := s.itemHeads(ctx, s.Store, p, items)
	if err != nil {
		return out, nil, err
	}
	var published []store.Head
	inside := map[string]bool{} // owners whose unique values this is about
	for _, it := range items {
		if h, ok := heads[cms.LinkTo(it.Kind, it.ID)]; ok {
			inside[store.OwnerOf(h.Kind, h.ID)] = true
			if it.Action == cms.ActionPublish {
				published = append(published, h)
			}
		}
	}
	facts, err := s.publishFacts(ctx, p, model, published)
	if err != nil {
		return out, nil, err
	}
	claims := claims{facts.owners, map[store.Key]string{}}
	for k, owner := range facts.owners {
		if inside[owner] {
			claims.given[k] = owner
			delete(facts.owners, k)
		}
	}
	var failures []cms.EntityFailure
	for _, it := range items {
		h, ok := heads[cms.LinkTo(it.Kind, it.ID)]
		d, err := deed{head: h, publish: it.Action == cms.ActionPublish}, error(nil)
		switch {
		case !ok:
			err = fault.Missing(string(it.Kind), it.ID, p.EnvironmentID, p.SpaceID)
		case it.Version != 0 && it.Version != h.Version:
			err = Version{Number: it.Version, Sent: true}.check(h.Sys)
		case d.publish:
			if err = facts.refusal(p, model, h); err == nil {
				d.keys = facts.keys(model, h)
				out.gives = append(out.gives, claims.take(store.OwnerOf(h.Kind, h.ID), d.keys)...)
			}
		case !h.Sys.Published():
			continue
		}
		if err != nil {
			failures = append(failures, cms.EntityFailure{Kind: it.Kind, ID: it.ID, Version: it.Version, Error: fault.Of(err)})
			continue
		}
		out.deeds = append(out.deeds, d)
	}
	return out, failures, nil
}

// claims are the unique values of a plan: who has them, and who would give them.
type claims struct{ owners, given map[store.Key]string }

// take gives values to an owner and returns who has to give them up for it.
func (c claims) take(owner string, keys []store.Key) []string {
	var from []string
	for _, k := range keys {
		c.owners[k] = owner
		if giver := c.given[k]; giver != "" && giver != owner {
			from = append(from, giver)
		}
	}
	return from
}

// keys are the unique values that an entity gets by its publication.
func (f publishFacts) keys(model *cms.Model, h store.Head) []store.Key {
	ct := model.Types[h.ContentType]
	if h.Kind != cms.KindEntry || ct == nil {
		return nil
	}
	return uniqueStoreKeys(h.ContentType, validate.UniqueKeys(ct, model.Locales, f.docs[h.Draft]))
}

// perform does what was planned, as part of a transaction. It fails with errMoved
// when something is not as it was.
func (s *Service) perform(ctx context.Context, tx store.Tx, p access.Place, user string, pl plan, cause string) error {
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
	for _, d := range pl.deeds {
		if h, ok := now[cms.LinkTo(d.head.Kind, d.head.ID)]; !ok || h.Version != d.head.Version || h.Draft != d.head.Draft {
			return errMoved
		}
	}
	for _, owner := range pl.gives {
		if _, err := tx.SetKeys(ctx, p.Environment, owner, nil); err != nil {
			return err
		}
	}
	at := s.Now()
	for _, d := range pl.deeds {
		if d.head.Kind == cms.KindEntry {
			conflicts, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindEntry, d.head.ID), d.keys)
			if err != nil {
				return err
			}
			if len(conflicts) > 0 {
				return errMoved
			}
		}
		w := publish(d.head)
		if !d.publish {
			if w, err = unpublish(d.head); err != nil {
				return err
			}
		}
		w = stamped(w, user, at)
		w.Cause = cause
		if _, err := tx.Put(ctx, w); err != nil {
			return err
		}
	}
	return nil
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
