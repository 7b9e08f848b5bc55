package sqlstore

import (
	"context"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// orphanedLogs are the dropped environments of the space $1 that no history is
// read from.
const orphanedLogs = "SELECT s.id FROM scope AS s WHERE s.parent = $1 AND s.dropped = 1 AND NOT EXISTS (SELECT 1 FROM past WHERE past.source = s.id)"

// Unreachable implements store.Tx. It looks at the resource alone: at its changes
// in all logs of the space, and at where each environment still has it.
func (x *tx) Unreachable(ctx context.Context, space store.Scope, k cms.Kind, id string) (gone, kept []store.Revision, err error) {
	if err := x.lockInside(ctx, space); err != nil {
		return nil, nil, err
	}
	f, err := x.find(ctx, space, k, id)
	if err != nil {
		return nil, nil, err
	}
	all, needed := map[store.Revision]bool{}, map[store.Revision]bool{}
	for s, sources := range f.sources {
		visible := seen(f.changes, sources)
		if f.alive[s] {
			markLife(needed, visible)
		}
		for i, c := range visible {
			if f.trashed[c.Point()] && c.Scope == s {
				markLife(needed, visible[i:])
			}
		}
	}
	mark(needed, f.shown...)
	for _, c := range f.changes {
		mark(all, revisionsOf(c)...)
		if _, living := f.sources[c.Scope]; living && model(k) { // readers compare what a change of the model made different
			mark(needed, revisionsOf(c)...)
		}
	}
	delete(all, 0)
	for _, rev := range slices.Sorted(maps.Keys(all)) {
		if needed[rev] {
			kept = append(kept, rev)
		} else {
			gone = append(gone, rev)
		}
	}
	return gone, kept, nil
}

// whereabouts is what a space knows of one resource.
type whereabouts struct {
	changes []store.Change           // in all logs, the newest first
	sources map[store.Scope][]source // of each environment
	alive   map[store.Scope]bool     // which of them have it
	trashed map[store.Point]bool     // the deletions whose trash has it
	shown   []store.Revision         // of heads and trash
}

const inside = "scope IN (SELECT s.id FROM scope AS s WHERE s.parent = $1 AND s.dropped = 0)"

func (x *tx) find(ctx context.Context, space store.Scope, k cms.Kind, id string) (whereabouts, error) {
	f := whereabouts{sources: map[store.Scope][]source{}, alive: map[store.Scope]bool{}, trashed: map[store.Point]bool{}}
	one := []any{int64(space), string(k), id}
	return f, x.read(ctx,
		read{statement{selectChange + "scope IN (SELECT s.id FROM scope AS s WHERE s.parent = $1) AND kind = $2 AND id = $3 ORDER BY scope DESC, seq DESC", one},
			func(scan scanner) error {
				c, err := scanChange(scan)
				f.changes = append(f.changes, c)
				return err
			}},
		read{statement{"SELECT scope, source, seq FROM past WHERE " + inside, one[:1]}, func(scan scanner) error {
			var s store.Scope
			var from source
			err := scan((*int64)(&s), (*int64)(&from.log), &from.seq)
			f.sources[s] = append(f.sources[s], from)
			return err
		}},
		read{statement{selectHead + inside + " AND kind = $2 AND id = $3", one}, func(scan scanner) error {
			h, err := scanHead(scan)
			f.alive[h.Scope] = true
			f.shown = append(f.shown, h.Draft, h.Published)
			return err
		}},
		read{statement{"SELECT scope, seq, draft, published FROM trash WHERE " + inside + " AND kind = $2 AND id = $3", one}, func(scan scanner) error {
			var at store.Point
			var draft, published store.Revision
			err := scan((*int64)(&at.Scope), &at.Seq, (*int64)(&draft), (*int64)(&published))
			f.trashed[at] = true
			f.shown = append(f.shown, draft, published)
			return err
		}})
}

func mark(set map[store.Revision]bool, revs ...store.Revision) {
	for _, rev := range revs {
		set[rev] = true
	}
}

// markLife marks the revisions of the life that the first of changes belongs to.
func markLife(needed map[store.Revision]bool, changes []store.Change) {
	var life store.Life
	for _, c := range changes {
		mine, more := life.Has(c)
		if mine {
			mark(needed, revisionsOf(c)...)
		}
		if !more {
			return
		}
	}
}

// seen are those of changes that a scope with these sources sees.
func seen(changes []store.Change, sources []source) []store.Change {
	upTo := make(map[store.Scope]int64, len(sources))
	for _, from := range sources {
		upTo[from.log] = from.seq
	}
	return slices.DeleteFunc(slices.Clone(changes), func(c store.Change) bool { return c.Seq > upTo[c.Scope] })
}

func revisionsOf(c store.Change) []store.Revision {
	return []store.Revision{c.DraftBefore, c.DraftAfter, c.PublishedBefore, c.PublishedAfter}
}

// lockInside locks a space with its environments.
func (x *tx) lockInside(ctx context.Context, space store.Scope) error {
	if _, err := x.lock(ctx, space); err != nil {
		return err
	}
	return x.query(ctx, func(scan scanner) error {
		s, p, err := scanPosition(scan)
		if _, known := x.locked(s); !known {
			x.move(s, p)
		}
		return err
	}, selectPosition+"parent = $1 ORDER BY id"+x.d.forUpdate(), int64(space))
}

// Erase implements store.Tx. The newest revision of all is only emptied, and its
// root taken: ids go on behind it, and none may be given again while a log names it.
func (x *tx) Erase(ctx context.Context, space store.Scope, k cms.Kind, id string, gone []store.Revision) error {
	ids := make([]int64, len(gone))
	for i, rev := range gone {
		ids[i] = int64(rev)
	}
	err := pages(ids, func(page []int64) error {
		list, err := x.d.list(page)
		if err != nil {
			return err
		}
		newest := " (SELECT max(id) FROM revision)"
		if err := x.exec(ctx, "UPDATE revision SET body = $3, root = 0 WHERE root = $1 AND "+x.d.among("id", 2)+" AND id ="+newest, int64(space), list, []byte{}); err != nil {
			return err
		}
		return x.exec(ctx, "DELETE FROM revision WHERE root = $1 AND "+x.d.among("id", 2)+" AND id <"+newest, int64(space), list)
	})
	if err != nil {
		return err
	}
	for _, sql := range []string{
		"DELETE FROM leftover WHERE space = $1 AND kind = $2 AND id = $3",
		"DELETE FROM change WHERE scope IN (" + orphanedLogs + ") AND kind = $2 AND id = $3",
	} {
		if err := x.exec(ctx, sql, int64(space), string(k), id); err != nil {
			return err
		}
	}
	return nil
}

// Leftovers implements store.Tx.
func (x *tx) Leftovers(ctx context.Context, space store.Scope, limit int) ([]store.Resource, error) {
	if _, err := x.lock(ctx, space); err != nil {
		return nil, err
	}
	var out []store.Resource
	for _, sql := range []string{
		"SELECT kind, id FROM leftover WHERE space = $1 ORDER BY kind, id LIMIT $2",
		"SELECT kind, id FROM change WHERE scope IN (" + orphanedLogs + ") ORDER BY scope, seq LIMIT $2",
	} {
		err := x.query(ctx, func(scan scanner) error {
			var r store.Resource
			err := scan((*string)(&r.Kind), &r.ID)
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
			return err
		}, sql, int64(space), int64(limit))
		if err != nil || len(out) > 0 {
			return out, err
		}
	}
	return nil, x.exec(ctx, "DELETE FROM scope WHERE id IN ("+orphanedLogs+")", int64(space))
}
