package authoring

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// The history of a resource is its changes and the bodies they made. It is read
// from the log of its environment by its id alone, and goes on in the logs of the
// environments that this one was copied from.

// kindVersion is how a version of the past is called where it is missing.
const kindVersion cms.Kind = "Version"

// Step is one change in the history of an entry, asset or content type.
type Step struct {
	Version int // after it
	Action  store.Action
	By      string // user id
	At      time.Time
}

func stepOf(c store.Change) Step { return Step{c.Version, c.Action, c.Actor, c.At} }

// Steps is a page of a history, the newest first.
type Steps struct {
	Limit int
	Items []Step
	Next  string // token of the next page; "" on the last one
}

// Past is a version of the past.
type Past struct {
	Step
	Content
}

// Content is a resource of one of the kinds that have a history or a trash. One of
// the three is set.
type Content struct {
	Entity      *Entity
	ContentType *Resource[cms.ContentType]
	Tag         *Resource[cms.Tag]
}

// lifePage is how many changes of a history are read with one statement, after the
// first ones, with which most are content.
const (
	lifePage  = 1000
	firstPage = 100
)

// life calls f with the changes of a resource's present life, the newest first,
// until it returns false.
func (s *Service) life(ctx context.Context, env store.Scope, kind cms.Kind, id string, f func(store.Change) bool) error {
	return s.lifeFrom(ctx, env, kind, id, store.Point{}, store.Life{}, f)
}

// lifeFrom is life from a point on; life is what came before it.
func (s *Service) lifeFrom(ctx context.Context, env store.Scope, kind cms.Kind, id string, from store.Point, life store.Life, f func(store.Change) bool) error {
	for page := firstPage; ; page = lifePage {
		changes, err := s.Store.ChangesOf(ctx, env, kind, id, from, page)
		if err != nil {
			return err
		}
		for _, c := range changes {
			mine, more := life.Has(c)
			if mine && !f(c) || !more {
				return nil
			}
			from = c.Point()
		}
		if len(changes) < page {
			return nil
		}
	}
}

// remembered is the head of a resource, or the one it had when the trash got it.
func (s *Service) remembered(ctx context.Context, p access.Place, kind cms.Kind, id string) (store.Head, error) {
	h, err := s.Store.Get(ctx, p.Environment, kind, id)
	if !fault.Is(err, fault.NotFound) {
		return h, err
	}
	last, failure := s.Store.ChangesOf(ctx, p.Environment, kind, id, store.Point{}, 1)
	if failure != nil {
		return h, failure
	}
	if len(last) == 1 && last[0].Scope == p.Environment {
		d, failure := s.discarded(ctx, s.Store, p.Environment, last[0].Seq)
		if !fault.Is(failure, fault.NotFound) {
			return d.Head, failure
		}
	}
	return h, missing(err, p, kind, id)
}

// History lists what has happened to an entry, asset or content type since it was
// made. What is in the trash has one too.
func (s *Service) History(ctx context.Context, p access.Place, kind cms.Kind, id string, params url.Values) (Steps, error) {
	q, err := readHistoryQuery(params)
	if err != nil {
		return Steps{}, err
	}
	if _, err := s.remembered(ctx, p, kind, id); err != nil {
		return Steps{}, err
	}
	out := Steps{Limit: q.limit}
	at := historyToken{q.from, q.life}
	err = s.lifeFrom(ctx, p.Environment, kind, id, q.from, q.life, func(c store.Change) bool {
		if len(out.Items) == q.limit {
			out.Next = at.String()
			return false
		}
		out.Items = append(out.Items, stepOf(c))
		at = historyToken{from: c.Point()}
		if c.Action == store.Restore {
			at.life.Resumed = c.DraftAfter
		}
		return true
	})
	return out, err
}

// PastVersion reads one version of an entry, asset or content type whole.
func (s *Service) PastVersion(ctx context.Context, p access.Place, kind cms.Kind, id, version string) (Past, error) {
	h, err := s.remembered(ctx, p, kind, id)
	if err != nil {
		return Past{}, err
	}
	c, sys, err := s.version(ctx, p, h, version)
	if err != nil {
		return Past{}, err
	}
	model, err := s.model(ctx, p)
	if err != nil {
		return Past{}, err
	}
	content, err := s.contentAt(ctx, p, model, sys, c)
	return Past{stepOf(c), content}, err
}

// version finds the change that made a version, and what sys was then. h is what
// the resource is now or was at last.
func (s *Service) version(ctx context.Context, p access.Place, h store.Head, version string) (c store.Change, sys cms.Sys, err error) {
	n, err := strconv.Atoi(version)
	found := false
	if err == nil {
		var w lifecycle
		err = s.life(ctx, p.Environment, h.Kind, h.ID, func(e store.Change) bool {
			if !found && e.Version == n && e.Action != store.Delete {
				found, c, w = true, e, begin(h.Sys, e)
			}
			return !found || w.before(e)
		})
		if err != nil {
			return c, sys, err
		}
		sys = w.sys
	}
	if !found {
		return c, sys, fault.Missing(string(kindVersion), version, p.EnvironmentID, p.SpaceID)
	}
	return c, sys, nil
}

// lifecycle finds out what sys was at a version, from the changes that led to it.
type lifecycle struct {
	sys                 cms.Sys
	published, archived bool // it is known by which change, or that it was not
}

// begin is for the version that c made of what is now, or was at last, h.
func begin(h cms.Sys, c store.Change) lifecycle {
	w := lifecycle{published: c.PublishedAfter == 0, archived: c.PublishedAfter != 0} // nothing is both
	w.sys = cms.Sys{
		Kind: h.Kind, ID: h.ID, ContentType: c.ContentType, Version: c.Version, PublishedCounter: c.Publications,
		CreatedAt: h.CreatedAt, CreatedBy: h.CreatedBy,
	}
	if c.Publications > 0 {
		w.sys.FirstPublishedAt = h.FirstPublishedAt
	}
	return w
}

// before takes notice of a change, that of the version itself first, and reports
// whether earlier ones matter.
func (w *lifecycle) before(c store.Change) bool {
	if c.Version == w.sys.Version && c.Action != store.Delete { // several are one edit and what followed of itself
		w.sys.UpdatedAt, w.sys.UpdatedBy = c.At, c.Actor
	}
	if c.Action == store.Publish && !w.published {
		w.sys.PublishedVersion, w.sys.PublishedAt, w.sys.PublishedBy = c.Version-1, c.At, c.Actor
		w.published = true
	}
	if !w.archived {
		switch c.Action {
		case store.Archive:
			w.sys.ArchivedVersion, w.sys.ArchivedAt, w.sys.ArchivedBy = c.Version-1, c.At, c.Actor
			w.archived = true
		case store.Unarchive, store.Publish:
			w.archived = true
		}
	}
	return !w.published || !w.archived || c.Version == w.sys.Version
}

// RestoreVersion makes a version of the past the newest one: a save like others,
// checked against the present content model. some says what of an entry or asset
// is taken; nil is everything.
func (s *Service) RestoreVersion(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, id, version string, v Version, some *Portion) (Content, error) {
	if kind == cms.KindContentType {
		return s.restoreContentType(ctx, p, a, id, version, v)
	}
	var e Entity
	err := s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		h, err := s.Store.Get(ctx, p.Environment, kind, id)
		if err != nil {
			return missing(err, p, kind, id)
		}
		if err := s.sameVersion(ctx, p, h.Sys, v); err != nil {
			return err
		}
		if h.Archived() {
			return editsArchived(kind, id)
		}
		c, sys, err := s.version(ctx, p, h, version)
		if err != nil {
			return err
		}
		then, err := s.entityAt(ctx, p, model, sys, c)
		if err != nil {
			return err
		}
		in := inputOf(then)
		if some != nil {
			now, err := s.latest(ctx, model, h)
			if err != nil {
				return err
			}
			if in, err = some.of(now, then); err != nil {
				return err
			}
		}
		var doc *cms.Document
		if kind == cms.KindEntry {
			var ct *cms.ContentType
			if ct, err = activeType(model, h.ContentType); err == nil {
				doc, err = s.entryDocument(ctx, model, ct, h.Draft, in)
			}
		} else {
			doc, err = s.assetDocument(ctx, p, model, id, h.Draft, in)
		}
		if err != nil {
			return err
		}
		e, err = s.saveDocument(ctx, p, a, model, h, doc)
		return err
	})
	return Content{Entity: &e}, err
}
