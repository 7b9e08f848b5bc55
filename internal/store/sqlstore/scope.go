package sqlstore

import (
	"context"
	"fmt"
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
	return s, nil
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
	if source.parent != target.parent || source.parent <= store.Server {
		return fault.New(fault.ServerError, "scopes %d and %d are not environments of one space", from, to)
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
	x.heads = nil
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
	var inside []store.Scope
	err = x.query(ctx, func(scan scanner) error {
		var child store.Scope
		err := scan((*int64)(&child))
		inside = append(inside, child)
		return err
	}, "SELECT id FROM scope WHERE parent = $1 ORDER BY id", int64(s))
	if err != nil {
		return err
	}
	for _, child := range inside {
		if err := x.DropScope(ctx, child); err != nil {
			return err
		}
	}
	x.heads = nil
	for _, sql := range dropScope {
		if err := x.exec(ctx, sql, int64(s)); err != nil {
			return err
		}
	}
	p.gone = true
	x.move(s, p)
	return nil
}

// dropScope deletes a scope with what is in it. The revisions of an environment
// have the space as their root, so they stay for its copies.
var dropScope = []string{
	"DELETE FROM head WHERE scope = $1",
	"DELETE FROM change WHERE scope = $1",
	"DELETE FROM unique_key WHERE scope = $1",
	"DELETE FROM job WHERE scope = $1",
	"DELETE FROM revision WHERE root = $1",
	"DELETE FROM scope WHERE id = $1",
}
