package sqlstore

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// tx is a store.Tx inside the transaction of a batch. Positions of the scopes it
// has locked are counted in memory and written once, by flush.
type tx struct {
	reader
	s         *Store
	ctx       context.Context
	scope     store.Scope // the one Update named
	positions map[store.Scope]*position
}

// position is a locked scope's.
type position struct {
	store.Position
	parent store.Scope
	dirty  bool
}

// root is the scope whose deletion takes revisions written in this one away: the
// space, for an environment.
func (p *position) root(s store.Scope) store.Scope {
	if p.parent > store.Server {
		return p.parent
	}
	return s
}

// lock takes a scope's write lock and reads its position.
func (x *tx) lock(ctx context.Context, s store.Scope) error {
	if x.positions[s] != nil {
		return nil
	}
	var p *position
	err := x.q.query(ctx, func(scan func(...any) error) error {
		p = &position{}
		return scan(&p.parent, &p.Seq, &p.Model)
	}, "SELECT parent, seq, model FROM scope WHERE id = $1"+x.d.lockClause(), int64(s))
	if err != nil {
		return err
	}
	if p == nil {
		return fault.New(fault.NotFound, "")
	}
	if x.positions == nil {
		x.positions = map[store.Scope]*position{}
	}
	x.positions[s] = p
	return nil
}

// flush writes the positions that have moved.
func (x *tx) flush(ctx context.Context) error {
	for s, p := range x.positions {
		if !p.dirty {
			continue
		}
		if _, err := x.q.exec(ctx, "UPDATE scope SET seq = $2, model = $3 WHERE id = $1", int64(s), p.Seq, p.Model); err != nil {
			return err
		}
	}
	return nil
}

// Position is the transaction's own view, without a statement for what it has
// locked.
func (x *tx) Position(ctx context.Context, s store.Scope) (store.Position, error) {
	if p := x.positions[s]; p != nil {
		return p.Position, nil
	}
	return x.reader.Position(ctx, s)
}

// Put implements store.Tx.
func (x *tx) Put(ctx context.Context, w store.Write) (store.Head, error) {
	h := w.Head
	if err := storable(string(h.Kind), h.ID, h.ContentType, h.CreatedBy, h.UpdatedBy, h.PublishedBy, h.ArchivedBy, w.Actor); err != nil {
		return h, err
	}
	if err := x.lock(ctx, h.Scope); err != nil {
		return h, err
	}
	var before store.Head
	if w.Was != store.Absent {
		var err error
		before, err = x.Get(ctx, h.Scope, h.Kind, h.ID)
		if fault.Is(err, fault.NotFound) || err == nil && before.Version != w.Was {
			return h, mismatch(h, w.Was)
		}
		if err != nil {
			return h, err
		}
	}
	if w.Body != nil {
		rev, err := x.s.reserve(ctx, x.q)
		if err != nil {
			return h, err
		}
		if _, err := x.q.exec(ctx, "INSERT INTO revision (id, root, body) VALUES ($1, $2, $3)",
			int64(rev), int64(x.positions[h.Scope].root(h.Scope)), w.Body); err != nil {
			return h, err
		}
		h.Draft = rev
		if w.PublishBody {
			h.Published = rev
		}
	}
	n, err := x.q.exec(ctx, putStatement(w.Was), headArgs(h, w.Was)...)
	if err != nil {
		return h, err
	}
	if n == 0 {
		return h, mismatch(h, w.Was)
	}
	return h, x.log(ctx, store.Change{
		Scope: h.Scope, Kind: h.Kind, ID: h.ID, Action: w.Action,
		DraftBefore: before.Draft, DraftAfter: h.Draft, PublishedBefore: before.Published, PublishedAfter: h.Published,
		Version: h.Version, ContentType: h.ContentType, Actor: w.Actor, At: w.At,
	})
}

func mismatch(h store.Head, was int) error {
	if was == store.Absent {
		return fault.New(fault.VersionMismatch, "There is a %s %q already.", h.Kind, h.ID)
	}
	return fault.New(fault.VersionMismatch, "%s %q is not at version %d.", h.Kind, h.ID, was)
}

// Delete implements store.Tx.
func (x *tx) Delete(ctx context.Context, s store.Scope, k cms.Kind, id string, was int, actor string, at time.Time) error {
	if err := x.lock(ctx, s); err != nil {
		return err
	}
	before, err := x.Get(ctx, s, k, id)
	if err != nil {
		return err
	}
	if before.Version != was {
		return mismatch(before, was)
	}
	if _, err := x.q.exec(ctx, "DELETE FROM head WHERE scope = $1 AND kind = $2 AND id = $3", int64(s), string(k), id); err != nil {
		return err
	}
	if _, err := x.q.exec(ctx, "DELETE FROM unique_key WHERE scope = $1 AND owner = $2", int64(s), store.OwnerOf(k, id)); err != nil {
		return err
	}
	return x.log(ctx, store.Change{
		Scope: s, Kind: k, ID: id, Action: store.Delete,
		DraftBefore: before.Draft, PublishedBefore: before.Published,
		Version: before.Version, ContentType: before.ContentType, Actor: actor, At: at,
	})
}

// log appends a change to its scope's log, with the next number.
func (x *tx) log(ctx context.Context, c store.Change) error {
	p := x.positions[c.Scope]
	p.Seq++
	p.dirty = true
	if c.Kind == cms.KindContentType || c.Kind == cms.KindLocale {
		p.Model = p.Seq
	}
	_, err := x.q.exec(ctx, `INSERT INTO change (scope, seq, kind, id, action, draft_before, draft_after, published_before, published_after,
		version, content_type, actor, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		int64(c.Scope), p.Seq, string(c.Kind), c.ID, string(c.Action), int64(c.DraftBefore), int64(c.DraftAfter),
		int64(c.PublishedBefore), int64(c.PublishedAfter), c.Version, c.ContentType, c.Actor, millis(c.At))
	return err
}

// SetKeys implements store.Tx.
func (x *tx) SetKeys(ctx context.Context, s store.Scope, owner string, keys []store.Key) ([]store.Conflict, error) {
	if err := storable(owner); err != nil {
		return nil, err
	}
	if err := x.lock(ctx, s); err != nil {
		return nil, err
	}
	var conflicts []store.Conflict
	for _, k := range keys {
		if err := storable(k.Space); err != nil {
			return nil, err
		}
		holder, err := x.Owner(ctx, s, k)
		if err != nil {
			return nil, err
		}
		if holder != "" && holder != owner {
			conflicts = append(conflicts, store.Conflict{Key: k, Owner: holder})
		}
	}
	if conflicts != nil {
		return conflicts, nil
	}
	if _, err := x.q.exec(ctx, "DELETE FROM unique_key WHERE scope = $1 AND owner = $2", int64(s), owner); err != nil {
		return nil, err
	}
	for _, k := range keys {
		// The same key twice in keys is one key.
		if _, err := x.q.exec(ctx, "INSERT INTO unique_key (scope, space, value, owner) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
			int64(s), k.Space, []byte(k.Value), owner); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// NewScope implements store.Tx.
func (x *tx) NewScope(ctx context.Context, parent store.Scope) (store.Scope, error) {
	if err := x.lock(ctx, parent); err != nil {
		return 0, err
	}
	var s store.Scope
	err := x.q.query(ctx, func(scan func(...any) error) error { return scan(&s) },
		"INSERT INTO scope (parent) VALUES ($1) RETURNING id", int64(parent))
	return s, err
}

// CopyScope implements store.Tx.
func (x *tx) CopyScope(ctx context.Context, from, to store.Scope) error {
	for _, s := range []store.Scope{from, to} {
		if err := x.lock(ctx, s); err != nil {
			return err
		}
	}
	if x.positions[from].parent != x.positions[to].parent {
		return fault.New(fault.ServerError, "scopes %d and %d are not of one space", from, to)
	}
	columns := strings.Join(headColumns[1:], ", ")
	if _, err := x.q.exec(ctx, "INSERT INTO head (scope, "+columns+") SELECT $2, "+columns+" FROM head WHERE scope = $1",
		int64(from), int64(to)); err != nil {
		return err
	}
	_, err := x.q.exec(ctx, "INSERT INTO unique_key (scope, space, value, owner) SELECT $2, space, value, owner FROM unique_key WHERE scope = $1",
		int64(from), int64(to))
	return err
}

// DropScope implements store.Tx.
func (x *tx) DropScope(ctx context.Context, s store.Scope) error {
	if err := x.lock(ctx, s); err != nil {
		return err
	}
	var inside []store.Scope
	err := x.q.query(ctx, func(scan func(...any) error) error {
		var child store.Scope
		err := scan(&child)
		inside = append(inside, child)
		return err
	}, "SELECT id FROM scope WHERE parent = $1", int64(s))
	if err != nil {
		return err
	}
	for _, child := range inside {
		if err := x.DropScope(ctx, child); err != nil {
			return err
		}
	}
	for _, table := range []string{"head WHERE scope", "change WHERE scope", "unique_key WHERE scope", "job WHERE scope", "revision WHERE root", "scope WHERE id"} {
		if _, err := x.q.exec(ctx, "DELETE FROM "+table+" = $1", int64(s)); err != nil {
			return err
		}
	}
	delete(x.positions, s)
	return nil
}

// Enqueue implements store.Tx.
func (x *tx) Enqueue(ctx context.Context, j store.Job) error {
	if err := storable(j.Name); err != nil {
		return err
	}
	_, err := x.q.exec(ctx, "INSERT INTO job (name, scope, payload, due) VALUES ($1, $2, $3, $4)", j.Name, int64(j.Scope), j.Payload, millis(j.Due))
	return err
}

// storable refuses text that not every database can hold.
func storable(texts ...string) error {
	for _, t := range texts {
		if strings.ContainsRune(t, 0) || strings.ToValidUTF8(t, "") != t {
			return fault.New(fault.BadRequest, "%s", fmt.Sprintf("%q is not a text that can be stored.", t))
		}
	}
	return nil
}
