package sqlstore

import (
	"context"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// tx is a store.Tx: one write in the transaction of a group. A scope is locked
// before anything in it is changed, so what was read under the lock stays true,
// and no statement has to check a version.
type tx struct {
	reader
	g       *group
	scopes  map[store.Scope]position // those this write has locked or moved
	heads   map[headKey]store.Head   // those this write has read or written under a lock; see none
	changes []store.Change           // those it has made
	mark    int                      // where its part of the pending statements begins
	saved   bool                     // there is a savepoint
	wrote   bool
	assumed bool // it took for granted that a resource does not exist
	over    bool
}

var _ store.Tx = (*tx)(nil)

// query implements querier for the reader in tx.
func (x *tx) query(ctx context.Context, each func(scanner) error, sql string, args ...any) error {
	return x.read(ctx, read{statement{sql, args}, each})
}

// read reads what the transaction sees. A request that goes away does not
// interrupt a statement: the transaction belongs to others too.
func (x *tx) read(ctx context.Context, reads ...read) error {
	if err := x.usable(); err != nil {
		return err
	}
	if len(x.g.pending) > x.mark {
		x.protect()
	}
	x.mark = 0 // all will be sent
	return unexpected(x.g.send(context.WithoutCancel(ctx), reads...))
}

// exec writes, at the latest with the commit.
func (x *tx) exec(ctx context.Context, sql string, args ...any) error {
	if err := x.usable(); err != nil {
		return err
	}
	x.wrote = true
	x.g.pending = append(x.g.pending, statement{sql, args})
	if len(x.g.pending) < maxPending {
		return nil
	}
	return x.read(ctx)
}

func (x *tx) usable() error {
	if x.over {
		return fault.New(fault.ServerError, "The transaction is over.")
	}
	return unexpected(x.g.broken)
}

// position of a scope that this write or its group has locked.
func (x *tx) locked(s store.Scope) (position, bool) {
	p, ok := x.scopes[s]
	if !ok {
		p, ok = x.g.scopes[s]
	}
	return p, ok
}

// lock takes a scope's write lock unless it is held.
func (x *tx) lock(ctx context.Context, s store.Scope) (position, error) {
	p, ok := x.locked(s)
	if !ok {
		p.gone = true // until it is found
		err := x.query(ctx, func(scan scanner) (err error) {
			_, p, err = scanPosition(scan)
			return err
		}, selectPosition+"id = $1"+x.d.forUpdate(), int64(s))
		if err != nil {
			return p, err
		}
		if !p.gone {
			x.move(s, p)
		}
	}
	if p.gone {
		return p, notFound()
	}
	return p, nil
}

// move notes where a scope is now.
func (x *tx) move(s store.Scope, p position) {
	if x.scopes == nil {
		x.scopes = make(map[store.Scope]position, 1)
	}
	x.scopes[s] = p
}

// Position is the transaction's own view.
func (x *tx) Position(ctx context.Context, s store.Scope) (store.Position, error) {
	if p, ok := x.locked(s); ok {
		if err := x.usable(); err != nil {
			return store.Position{}, err
		}
		if p.gone {
			return store.Position{}, notFound()
		}
		return p.Position, nil
	}
	return x.reader.Position(ctx, s)
}

// known returns those heads among ids that are known for certain, the absent ones
// too, and the other ids: under the scope's lock nobody else changes a head.
func (x *tx) known(s store.Scope, k cms.Kind, ids ...string) (heads []store.Head, others []string) {
	p, locked := x.locked(s)
	if !locked || p.gone {
		return nil, ids
	}
	for _, id := range ids {
		key := headKey{s, k, id}
		h, ok := x.heads[key]
		if !ok {
			h, ok = x.g.heads[key]
		}
		if ok {
			heads = append(heads, h)
		} else {
			others = append(others, id)
		}
	}
	before, others := x.g.s.recent.heads(s, p.from, k, others...)
	return append(heads, before...), others
}

// Get reads a head once.
func (x *tx) Get(ctx context.Context, s store.Scope, k cms.Kind, id string) (store.Head, error) {
	if known, _ := x.known(s, k, id); len(known) > 0 {
		if err := x.usable(); err != nil {
			return store.Head{}, err
		}
		return present(known[0])
	}
	_, locked := x.locked(s)
	h, err := x.reader.Get(ctx, s, k, id)
	switch {
	case !locked:
	case err == nil:
		x.know(h)
	case fault.Is(err, fault.NotFound) && isText(id):
		x.know(none(headKey{s, k, id}))
	}
	return h, err
}

// GetMany reads several heads and knows them from then on.
func (x *tx) GetMany(ctx context.Context, s store.Scope, k cms.Kind, ids []string) ([]store.Head, error) {
	known, others := x.known(s, k, distinct(ids)...)
	out := existing(known)
	if len(others) == 0 {
		return out, x.usable()
	}
	found, err := x.reader.GetMany(ctx, s, k, others)
	if err != nil {
		return nil, err
	}
	if _, locked := x.locked(s); locked {
		for _, id := range others {
			if isText(id) {
				x.know(none(headKey{s, k, id}))
			}
		}
		for _, h := range found {
			x.know(h)
		}
	}
	return append(out, found...), nil
}

func (x *tx) know(h store.Head) {
	if x.heads == nil {
		x.heads = make(map[headKey]store.Head, 1)
	}
	x.heads[keyOf(h)] = h
}

// Put implements store.Tx.
func (x *tx) Put(ctx context.Context, w store.Write) (store.Head, error) {
	h := rounded(w.Head)
	if err := storable(string(h.Kind), h.ID, h.ContentType, h.CreatedBy, h.UpdatedBy, h.PublishedBy, h.ArchivedBy, string(w.Action), w.Actor, w.Cause); err != nil {
		return store.Head{}, err
	}
	if h.Version < 0 {
		return store.Head{}, fault.New(fault.ServerError, "a version cannot be %d", h.Version)
	}
	p, err := x.lock(ctx, h.Scope)
	if err != nil {
		return store.Head{}, err
	}
	key := headKey{h.Scope, h.Kind, h.ID}
	if known, _ := x.known(h.Scope, h.Kind, h.ID); len(known) == 0 && w.Was == store.Absent && !x.g.careful {
		// It mostly is, and asking costs a round trip. If it is not, the database
		// will refuse the row, and the whole transaction runs again, carefully.
		x.assumed = true
		x.know(none(key))
	}
	before, err := x.Get(ctx, h.Scope, h.Kind, h.ID)
	absent := fault.Is(err, fault.NotFound)
	switch {
	case err != nil && !absent:
		return store.Head{}, err
	case absent != (w.Was == store.Absent) || !absent && before.Version != w.Was:
		return store.Head{}, mismatch(before, h.Kind, h.ID, absent)
	case absent: // the id may be a part of a much longer text, which would be kept with it
		h.ID = strings.Clone(h.ID)
	default:
		h.ID = before.ID
	}
	if w.Body != nil {
		if h.Draft, err = x.insertBody(ctx, p.root(h.Scope), w.Body); err != nil {
			return store.Head{}, err
		}
		if w.PublishBody {
			h.Published = h.Draft
		}
	}
	if w.PublishedBody != nil {
		if h.Published, err = x.insertBody(ctx, p.root(h.Scope), w.PublishedBody); err != nil {
			return store.Head{}, err
		}
	}
	put := updateHead
	if absent {
		put = insertHead
	}
	if err := x.exec(ctx, put, headArgs(h)...); err != nil {
		return store.Head{}, err
	}
	x.know(h)
	return h, x.log(ctx, p, store.Change{
		Scope: h.Scope, Kind: h.Kind, ID: h.ID, Action: w.Action,
		DraftBefore: before.Draft, DraftAfter: h.Draft, PublishedBefore: before.Published, PublishedAfter: h.Published,
		Version: h.Version, Publications: h.PublishedCounter, ContentType: h.ContentType, Actor: w.Actor, At: w.At, Cause: w.Cause,
	})
}

// insertBody stores a body as a new revision.
func (x *tx) insertBody(ctx context.Context, root store.Scope, body []byte) (store.Revision, error) {
	r, err := x.g.s.newRevision(ctx, x)
	if err != nil {
		return 0, err
	}
	return r, x.exec(ctx, "INSERT INTO revision (id, root, body) VALUES ($1, $2, $3)", int64(r), int64(root), body)
}

func mismatch(now store.Head, k cms.Kind, id string, absent bool) error {
	if absent {
		return fault.New(fault.VersionMismatch, "There is no %s %q.", k, id)
	}
	f := fault.New(fault.VersionMismatch, "%s %q is at version %d. Read it again, apply your change to what you get, and retry.", k, id, now.Version)
	f.Versions = &fault.Versions{Current: now.Version, UpdatedAt: now.UpdatedAt, UpdatedBy: now.UpdatedBy}
	return f
}

// Delete implements store.Tx.
func (x *tx) Delete(ctx context.Context, s store.Scope, k cms.Kind, id string, was int, actor string, at time.Time) error {
	_, err := x.remove(ctx, s, k, id, was, actor, at, false)
	return err
}

// Discard implements store.Tx.
func (x *tx) Discard(ctx context.Context, s store.Scope, k cms.Kind, id string, was int, actor string, at time.Time) (seq int64, err error) {
	return x.remove(ctx, s, k, id, was, actor, at, true)
}

// remove deletes a resource, and returns the number of the change.
func (x *tx) remove(ctx context.Context, s store.Scope, k cms.Kind, id string, was int, actor string, at time.Time, keep bool) (int64, error) {
	if err := storable(actor); err != nil {
		return 0, err
	}
	p, err := x.lock(ctx, s)
	if err != nil {
		return 0, err
	}
	before, err := x.Get(ctx, s, k, id)
	if err != nil {
		return 0, err
	}
	if before.Version != was {
		return 0, mismatch(before, k, id, false)
	}
	if keep {
		if err := x.exec(ctx, insertTrash, int64(s), string(k), id, p.Seq+1, actor, millis(at)); err != nil {
			return 0, err
		}
	}
	if err := x.exec(ctx, "DELETE FROM head WHERE scope = $1 AND kind = $2 AND id = $3", int64(s), string(k), id); err != nil {
		return 0, err
	}
	id = before.ID // not a part of a longer text
	x.know(none(headKey{s, k, id}))
	if err := x.dropKeys(ctx, s, store.OwnerOf(k, id)); err != nil {
		return 0, err
	}
	return p.Seq + 1, x.log(ctx, p, store.Change{
		Scope: s, Kind: k, ID: id, Action: store.Delete,
		DraftBefore: before.Draft, PublishedBefore: before.Published,
		Version: before.Version, Publications: before.PublishedCounter, ContentType: before.ContentType, Actor: actor, At: at,
	})
}

// model reports whether cms.Model knows of a kind.
func model(k cms.Kind) bool {
	return k == cms.KindContentType || k == cms.KindLocale || k == cms.KindWorkflowDefinition
}

// log appends a change to its scope's log, with the next number.
func (x *tx) log(ctx context.Context, p position, c store.Change) error {
	p.Seq++
	p.moved = true
	if model(c.Kind) {
		p.Model = p.Seq
	}
	x.move(c.Scope, p)
	c.Seq, c.At = p.Seq, instant(millis(c.At))
	x.changes = append(x.changes, c)
	return x.exec(ctx, `INSERT INTO change (scope, seq, kind, id, action, draft_before, draft_after, published_before, published_after,
		version, publications, content_type, actor, at, cause) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		int64(c.Scope), c.Seq, string(c.Kind), c.ID, string(c.Action), int64(c.DraftBefore), int64(c.DraftAfter),
		int64(c.PublishedBefore), int64(c.PublishedAfter), int64(c.Version), int64(c.Publications), c.ContentType, c.Actor, millis(c.At), c.Cause)
}
