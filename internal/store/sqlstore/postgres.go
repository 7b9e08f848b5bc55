package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresConns is how many connections a process opens at most, unless the URL
// says pool_max_conns.
const postgresConns = 16

// maxPending is how many statements wait for the next round trip.
const maxPending = 64

// postgresDialect keeps one connection of the pool while it writes. Other
// processes may write too: scopes are locked by their rows.
type postgresDialect struct {
	pool  *pgxpool.Pool
	count *atomic.Int64
}

// OpenPostgres opens a PostgreSQL database by its URL and brings its tables up
// to date.
func OpenPostgres(ctx context.Context, url string) (*Store, error) {
	d, err := openPostgres(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("opening the PostgreSQL database: %w", err)
	}
	return newStore(d, d.count), nil
}

func openPostgres(ctx context.Context, url string) (*postgresDialect, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(url, "pool_max_conns") {
		cfg.MaxConns = postgresConns
	}
	// A server may be set up to acknowledge before it has written; we may not.
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
		return err
	}
	if err := migratePostgres(ctx, url); err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &postgresDialect{pool, new(atomic.Int64)}, nil
}

// migratePostgres lets one node at a time migrate.
func migratePostgres(ctx context.Context, url string) error {
	// The settings of a pool are not for a single connection.
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*cfg.ConnConfig)
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err == nil {
		err = migrate(ctx, goose.DialectPostgres, db, "postgres", goose.WithSessionLocker(locker))
	}
	return errors.Join(err, db.Close())
}

func (d *postgresDialect) among(column string, n int) string {
	return fmt.Sprintf("%s = ANY($%d)", column, n)
}

func (d *postgresDialect) list(values any) (any, error) { return values, nil }
func (d *postgresDialect) forUpdate() string            { return " FOR UPDATE" }
func (d *postgresDialect) skipLocked() string           { return " FOR UPDATE SKIP LOCKED" }
func (d *postgresDialect) reader() querier              { return d }

// retriable: serialization failures, deadlocks and shutdowns, by their codes.
// What is not PostgreSQL's own error comes from the connection.
func (d *postgresDialect) retriable(err error) bool {
	var e *pgconn.PgError
	return !errors.As(err, &e) || slices.Contains([]string{"40001", "40P01", "57P01", "57P02", "57P03"}, e.Code)
}

// query implements querier for the readers.
func (d *postgresDialect) query(ctx context.Context, each func(scanner) error, text string, args ...any) error {
	d.count.Add(1)
	rows, err := d.pool.Query(ctx, text, args...)
	if err != nil {
		return err
	}
	return scanAll(rows, each)
}

func scanAll(rows pgx.Rows, each func(scanner) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// revisions: every process takes a block of ids at a time.
func (d *postgresDialect) revisions(ctx context.Context, q querier) (first, last int64, err error) {
	const block = 1000 // as the sequence is incremented
	err = q.query(ctx, func(scan scanner) error { return scan(&first) }, "SELECT nextval('revision_block')")
	return first, first + block - 1, err
}

func (d *postgresDialect) close() error {
	d.pool.Close()
	return nil
}

func (d *postgresDialect) begin(ctx context.Context) (transaction, error) {
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	t := &postgresTx{conn: conn, count: d.count}
	return t, t.exec(ctx, "BEGIN ISOLATION LEVEL READ COMMITTED")
}

// postgresTx is a transaction that saves round trips: a statement whose result
// nobody waits for is sent with the next one that somebody does wait for.
type postgresTx struct {
	conn    *pgxpool.Conn // nil when the transaction is over
	pending *pgx.Batch
	count   *atomic.Int64
}

func (t *postgresTx) exec(ctx context.Context, text string, args ...any) error {
	t.queue(text, args)
	if t.pending.Len() < maxPending {
		return nil
	}
	return t.send(ctx, nil)
}

func (t *postgresTx) query(ctx context.Context, each func(scanner) error, text string, args ...any) error {
	t.queue(text, args)
	return t.send(ctx, each)
}

func (t *postgresTx) queue(text string, args []any) {
	t.count.Add(1)
	if t.pending == nil {
		t.pending = &pgx.Batch{}
	}
	t.pending.Queue(text, args...)
}

// send sends what is pending in one round trip; each gets the rows of the last
// statement.
func (t *postgresTx) send(ctx context.Context, each func(scanner) error) (err error) {
	n := t.pending.Len()
	results := t.conn.SendBatch(ctx, t.pending)
	t.pending = nil
	defer func() { err = errors.Join(err, results.Close()) }()
	if each != nil {
		n--
	}
	for range n {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	if each == nil {
		return nil
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	return scanAll(rows, each)
}

func (t *postgresTx) commit(ctx context.Context) error {
	if err := t.exec(ctx, "COMMIT"); err != nil {
		return err
	}
	if t.pending != nil {
		if err := t.send(ctx, nil); err != nil {
			if !errors.As(err, new(*pgconn.PgError)) && !pgconn.SafeToRetry(err) {
				return unknownOutcome{err} // sent, but no answer
			}
			return err
		}
	}
	t.end()
	return nil
}

func (t *postgresTx) rollback(ctx context.Context) error {
	if t.conn == nil {
		return nil
	}
	t.pending = nil
	defer t.end() // a connection still in a transaction is closed
	if t.conn.Conn().PgConn().TxStatus() == 'I' {
		return nil
	}
	t.count.Add(1)
	_, err := t.conn.Exec(ctx, "ROLLBACK")
	return err
}

func (t *postgresTx) end() {
	t.conn.Release()
	t.conn = nil
}
