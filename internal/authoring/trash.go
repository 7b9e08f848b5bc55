package authoring

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// kindTrashItem is how an item of the trash is called where it is missing.
const kindTrashItem cms.Kind = "TrashItem"

// trashKinds are the kinds that a deletion puts into the trash.
var trashKinds = []string{string(cms.KindEntry), string(cms.KindAsset), string(cms.KindContentType), string(cms.KindTag)}

// TrashItem is something that was deleted and can come back until it expires.
type TrashItem struct {
	ID        string
	Sys       cms.Sys // of what was deleted
	DeletedAt time.Time
	DeletedBy string // user id
	ExpiresAt time.Time
}

// Trash is a page of the trash, what was deleted last first.
type Trash struct {
	Limit int
	Items []TrashItem
	Next  string // token of the next page; "" on the last one
}

func (s *Service) itemOf(d store.Discarded) TrashItem {
	return TrashItem{strconv.FormatInt(d.Seq, 10), d.Sys, d.At, d.By, d.At.Add(s.KeepTrash)}
}

// discard deletes a resource, which can come back for a time.
func (s *Service) discard(ctx context.Context, tx store.Tx, p access.Place, h store.Head, actor string) error {
	at := s.Now()
	seq, err := tx.Discard(ctx, h.Scope, h.Kind, h.ID, h.Version, actor, at)
	if err != nil {
		return err
	}
	return enqueue(ctx, tx, jobExpireTrash, h.Scope, trashRef{p.SpaceID, p.Space, seq}, at.Add(s.KeepTrash))
}

// discarded is an item of the trash that has not expired.
func (s *Service) discarded(ctx context.Context, r store.Reader, env store.Scope, seq int64) (store.Discarded, error) {
	found, err := r.Trash(ctx, env, "", seq+1, 1)
	if err != nil {
		return store.Discarded{}, err
	}
	if len(found) == 0 || found[0].Seq != seq || s.expired(found[0]) {
		return store.Discarded{}, fault.New(fault.NotFound, "")
	}
	return found[0], nil
}

func (s *Service) expired(d store.Discarded) bool { return !s.Now().Before(d.At.Add(s.KeepTrash)) }

// trashItem is discarded by the id of an item.
func (s *Service) trashItem(ctx context.Context, r store.Reader, p access.Place, id string) (store.Discarded, error) {
	seq, err := strconv.ParseInt(id, 10, 63)
	if err != nil || seq < 1 {
		return store.Discarded{}, fault.Missing(string(kindTrashItem), id, p.EnvironmentID, p.SpaceID)
	}
	d, err := s.discarded(ctx, r, p.Environment, seq)
	return d, missing(err, p, kindTrashItem, id)
}

// Trash lists what was deleted in an environment: of one "type", or all.
func (s *Service) Trash(ctx context.Context, p access.Place, params url.Values) (Trash, error) {
	problems := unknownParams(params, "type", "limit", "pageNext")
	out := Trash{Limit: between(params, "limit", 100, 1, 1000, &problems)}
	kind := last(params, "type")
	if params.Has("type") && !slices.Contains(trashKinds, kind) {
		d := badParam("type", kind, "Value must be one of expected values")
		for _, k := range trashKinds {
			d.Expected = append(d.Expected, k)
		}
		problems = append(problems, d)
	}
	before := int64(0)
	if token := last(params, "pageNext"); token != "" {
		var err error
		if before, err = strconv.ParseInt(token, 10, 64); err != nil || before < 1 {
			problems = append(problems, badParam("pageNext", token, "This is no token of a page."))
		}
	}
	if problems != nil {
		return out, fault.Invalid(fault.InvalidQuery, problems...)
	}
	found, err := s.Store.Trash(ctx, p.Environment, cms.Kind(kind), before, out.Limit+1)
	if err != nil {
		return out, err
	}
	for _, d := range found {
		switch {
		case s.expired(d): // and so are those behind it
			return out, nil
		case len(out.Items) == out.Limit:
			out.Next = out.Items[len(out.Items)-1].ID
			return out, nil
		}
		out.Items = append(out.Items, s.itemOf(d))
	}
	return out, nil
}

// TrashItem returns an item with all of what was deleted.
func (s *Service) TrashItem(ctx context.Context, p access.Place, id string) (TrashItem, Content, error) {
	d, err := s.trashItem(ctx, s.Store, p, id)
	if err != nil {
		return TrashItem{}, Content{}, err
	}
	model, err := s.model(ctx, p)
	if err != nil {
		return TrashItem{}, Content{}, err
	}
	content, err := s.contentAt(ctx, p, model, d.Sys, deletionOf(d))
	return s.itemOf(d), content, err
}

// deletionOf is the state that a deletion found, as a change would have left it.
func deletionOf(d store.Discarded) store.Change {
	return store.Change{Scope: d.Scope, Seq: d.Seq, Kind: d.Kind, ID: d.ID, Version: d.Version, ContentType: d.ContentType,
		DraftAfter: d.Draft, PublishedAfter: d.Published}
}

// RestoreFromTrash brings back what was deleted, in the state it had, with a new
// version. Its history goes on.
//
// Errors: fault.Conflict when the id belongs to something else by now,
// fault.BadRequest when the content type of an entry is not active,
// fault.UnresolvedLinks for tags that are gone, fault.ValidationFailed for a tag
// whose name is taken.
func (s *Service) RestoreFromTrash(ctx context.Context, p access.Place, a access.Actor, id string) (Content, error) {
	var out Content
	err := s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		d, err := s.trashItem(ctx, s.Store, p, id)
		if err != nil {
			return err
		}
		if d.Kind == cms.KindEntry {
			if _, err := activeType(model, d.ContentType); err != nil {
				return err
			}
		}
		if out, err = s.contentAt(ctx, p, model, d.Sys, deletionOf(d)); err != nil {
			return err
		}
		at := s.Now()
		var h store.Head
		err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
			if err := tx.TakeOut(ctx, p.Environment, d.Seq); err != nil {
				return missing(err, p, kindTrashItem, id)
			}
			if err := sameModel(ctx, tx, p, model); err != nil {
				return err
			}
			if err := free(ctx, tx, d.Head); err != nil {
				return err
			}
			if err := s.reclaim(ctx, tx, p, d, out); err != nil {
				return err
			}
			h, err = tx.Put(ctx, store.Write{Head: touched(d.Head, a.User, at), Was: store.Absent, Action: store.Restore, Actor: a.User, At: at})
			return err
		})
		switch {
		case err != nil:
		case out.Entity != nil:
			out.Entity.Sys = h.Sys
		case out.ContentType != nil:
			out.ContentType.Sys = h.Sys
		default:
			out.Tag.Sys = h.Sys
		}
		return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	})
	return out, err
}

// free checks that nothing has the id of what comes back.
func free(ctx context.Context, tx store.Tx, h store.Head) error {
	_, err := tx.Get(ctx, h.Scope, h.Kind, h.ID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil {
		f := fault.New(fault.Conflict, "There is a new %s %q.", h.Kind, h.ID)
		f.Hint = "Two cannot have one id. Delete the new one first: it goes into the trash too, and each can come back instead of the other."
		err = f
	}
	return err
}

// reclaim checks what a resource depends on, and takes again what belongs to it.
func (s *Service) reclaim(ctx context.Context, tx store.Tx, p access.Place, d store.Discarded, content Content) error {
	switch {
	case content.Entity != nil:
		return checkTags(ctx, tx, p, content.Entity.Document.Metadata)
	case content.Tag != nil:
		name := content.Tag.Value.Name
		conflicts, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindTag, d.ID), []store.Key{{Space: tagNames, Value: name}})
		if err == nil && len(conflicts) > 0 {
			err = tagTaken(name)
		}
		return err
	}
	return nil
}

// RemoveFromTrash gives up what was deleted. What nothing else leads to is removed
// from the disk a day later.
func (s *Service) RemoveFromTrash(ctx context.Context, p access.Place, id string) error {
	err := s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		d, err := s.trashItem(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if err := tx.TakeOut(ctx, p.Environment, d.Seq); err != nil {
			return err
		}
		return enqueue(ctx, tx, jobPrune, p.Space, pruneRef{p.SpaceID, d.Kind, d.ID}, s.Now().Add(pruneAfter))
	})
	if err != nil && fault.Of(err).Details == nil {
		err = missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	return err
}

// enqueue puts a job off until it is due.
func enqueue(ctx context.Context, tx store.Tx, name string, scope store.Scope, payload any, due time.Time) error {
	body, err := encode(payload)
	if err != nil {
		return fault.Wrap(err, fault.ServerError, "encoding a job")
	}
	return tx.Enqueue(ctx, store.Job{Name: name, Scope: scope, Payload: body, Due: due})
}
