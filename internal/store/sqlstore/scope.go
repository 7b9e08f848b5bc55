package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// NewScope implements store.Tx.
func (x *tx) NewScope(ctx context.Context, parent store.Scope) (store.Scope, error) {
	if _, err := x.lock(ctx, parent); err != nil {
		return 0, err
	}
	x.protect()
	x.wrote = true
	var s store.Scope
	err := x.query(ctx, func(scan scanner) error { return scan((*int64)(&s)) },
		"INSERT INTO scope (parent) VALUES ($1) RETURNING id", int64(parent))
	if err != nil {
		return 0, err
	}
	x.move(s, position{parent: parent}) // nobody else knows of it
	return s, x.exec(ctx, "INSERT INTO past (scope, source, seq) VALUES ($1, $1, $2)", int64(s), int64(math.MaxInt64))
}

// CopyScope implements store.Tx.
func (x *tx) CopyScope(ctx context.Context, from, to store.Scope, leaveOut ...cms.Kind) error {
	source, err := x.lock(ctx, from)
	if err != nil {
		return err
	}
	target, err := x.lock(ctx, to)
	if err != nil {
		return err
	}
	if source.parent != target.parent || source.parent <= store.Server || from >= to {
		return fault.New(fault.ServerError, "scope %d cannot be copied into %d: they are not an environment and a younger one of its space", from, to)
	}
	if target.Seq > 0 {
		return fault.New(fault.ServerError, "scope %d has had changes", to)
	}
	if there, err := x.List(ctx, to, "", "", 1); err != nil || len(there) > 0 {
		if err == nil {
			err = fault.New(fault.ServerError, "scope %d is not empty", to)
		}
		return err
	}
	columns := strings.Join(headColumns[1:], ", ")
	args := []any{int64(from), int64(to)}
	wanted, owned := "", ""
	for _, k := range leaveOut {
		args = append(args, string(k))
		wanted += fmt.Sprintf(" AND kind <> $%d", len(args))
		owned += fmt.Sprintf(" AND SUBSTR(owner, 1, LENGTH($%d) + 1) <> $%d || '/'", len(args), len(args))
	}
	if err := x.exec(ctx, "INSERT INTO head (scope, "+columns+") SELECT CAST($2 AS BIGINT), "+columns+" FROM head WHERE scope = $1"+wanted+" ORDER BY n", args...); err != nil {
		return err
	}
	x.g.keys.clear()
	for _, heads := range []map[headKey]store.Head{x.heads, x.g.heads} { // that there are none; if this fails, they are asked for again
		maps.DeleteFunc(heads, func(k headKey, _ store.Head) bool { return k.scope == to })
	}
	if err := x.exec(ctx, `INSERT INTO past (scope, source, seq)
		SELECT CAST($2 AS BIGINT), source, CASE WHEN source = scope THEN CAST($3 AS BIGINT) ELSE seq END FROM past WHERE scope = $1`,
		int64(from), int64(to), source.Seq); err != nil {
		return err
	}
	return x.exec(ctx, `INSERT INTO unique_key (scope, space, value, owner)
		SELECT CAST($2 AS BIGINT), space, value, owner FROM unique_key WHERE scope = $1`+owned, args...)
}

// DropScope implements store.Tx.
func (x *tx) DropScope(ctx context.Context, s store.Scope) error {
	if s == store.Server {
		return fault.New(fault.ServerError, "the server's scope cannot be dropped")
	}
	p, err := x.lock(ctx, s)
	if err != nil {
		return err
	}
	if p.parent > store.Server {
		err = x.execEach(ctx, s, dropEnvironment)
	} else {
		err = x.dropSpace(ctx, s)
	}
	if err != nil {
		return err
	}
	x.g.keys.clear()
	p.gone = true // the heads in it are not known any more, see tx.known; if this fails, they are again
	x.move(s, p)
	return nil
}

// dropSpace drops a scope with those inside, the dropped ones too.
func (x *tx) dropSpace(ctx context.Context, s store.Scope) error {
	var inside []store.Scope
	err := x.query(ctx, func(scan scanner) error {
		var child store.Scope
		err := scan((*int64)(&child))
		inside = append(inside, child)
		return err
	}, "SELECT id FROM scope WHERE parent = $1 ORDER BY id", int64(s))
	if err != nil {
		return err
	}
	for _, child := range inside {
		p, err := x.lock(ctx, child)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := x.execEach(ctx, child, dropContent, dropLog); err != nil {
			return err
		}
		p.gone = true
		x.move(child, p)
	}
	return x.execEach(ctx, s, dropContent, dropLog, []string{"DELETE FROM leftover WHERE space = $1", "DELETE FROM revision WHERE root = $1"})
}

// execEach makes statements about one scope.
func (x *tx) execEach(ctx context.Context, s store.Scope, lists ...[]string) error {
	for _, sql := range slices.Concat(lists...) {
		if err := x.exec(ctx, sql, int64(s)); err != nil {
			return err
		}
	}
	return nil
}

// leaveBehind notes what is in a table as left over.
func leaveBehind(table string) string {
	return "INSERT INTO leftover (space, kind, id) SELECT DISTINCT s.parent, t.kind, t.id FROM " + table +
		" AS t JOIN scope AS s ON s.id = t.scope WHERE t.scope = $1 ON CONFLICT DO NOTHING"
}

// dropEnvironment deletes what an environment has but its log, which copies may
// read. Its revisions have the space as their root.
var dropEnvironment = slices.Concat([]string{leaveBehind("head"), leaveBehind("trash")}, dropContent,
	[]string{"UPDATE scope SET dropped = 1 WHERE id = $1"})

// dropContent deletes what is in a scope.
var dropContent = []string{
	"DELETE FROM head WHERE scope = $1",
	"DELETE FROM trash WHERE scope = $1",
	"DELETE FROM unique_key WHERE scope = $1",
	"DELETE FROM job WHERE scope = $1",
	"DELETE FROM past WHERE scope = $1",
	"DELETE FROM lane WHERE log = $1",
	"DELETE FROM parked WHERE log = $1",
	"DELETE FROM hook_call WHERE space = $1",
}

// dropLog deletes the rest.
var dropLog = []string{
	"DELETE FROM change WHERE scope = $1",
	"DELETE FROM scope WHERE id = $1",
}
