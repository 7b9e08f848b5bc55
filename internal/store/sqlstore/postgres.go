package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// postgresReaders is how many connections read at once, unless the URL says
// pool_max_conns.
const postgresReaders = 16

// connectTime is how long the writer tries to reach the server before the writes
// that wait are told that it is away.
const connectTime = 10 * time.Second

// postgresDialect has one connection for the writer and a pool for readers. Other
// processes may write too: scopes are locked by their rows.
type postgresDialect struct {
	writer  *pgx.Conn // nil or closed when it has to be opened again
	readers *pgxpool.Pool
	count   *atomic.Int64
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
		cfg.MaxConns = postgresReaders
	}
	// One node at a time migrates.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300)) // seconds, attempts
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*cfg.ConnConfig)
	if err := errors.Join(migrate(ctx, goose.DialectPostgres, db, "postgres", goose.WithSessionLocker(locker)), db.Close()); err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &postgresDialect{readers: pool, count: new(atomic.Int64)}, nil
}

func (d *postgresDialect) among(column string, n int) string {
	return fmt.Sprintf("%s = ANY($%d)", column, n)
}

func (d *postgresDialect) amongBytes(column string, n int) string {
	return d.among(column, n)
}

func (d *postgresDialect) list(values any) (any, error) { return values, nil }
func (d *postgresDialect) forUpdate() string            { return " FOR UPDATE" }
func (d *postgresDialect) skipLocked() string           { return " FOR UPDATE SKIP LOCKED" }
func (d *postgresDialect) reader() querier              { return d }
func (d *postgresDialect) sole() bool                   { return false }

// retriable: serialization failures and deadlocks, by their codes, and a
// connection that broke.
func (d *postgresDialect) retriable(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, new(lostConnection)) || errors.As(err, &e) && (e.Code == "40001" || e.Code == "40P01")
}

// query implements querier for the readers.
func (d *postgresDialect) query(ctx context.Context, each func(scanner) error, text string, args ...any) error {
	d.count.Add(1)
	rows, err := d.readers.Query(ctx, text, args...)
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
	d.readers.Close()
	if d.writer == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectTime)
	defer cancel()
	return d.writer.Close(ctx)
}

// analyze leaves out a table that somebody keeps, as a VACUUM does: writes wait for it.
func (d *postgresDialect) analyze(ctx context.Context) error {
	d.count.Add(1)
	_, err := d.writer.Exec(ctx, "ANALYZE (SKIP_LOCKED) scope, revision, head, change, unique_key")
	return err
}

// connect opens the writer's connection if it is not open.
func (d *postgresDialect) connect(ctx context.Context) error {
	if d.writer != nil && !d.writer.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	var err error
	if d.writer, err = pgx.ConnectConfig(ctx, d.readers.Config().ConnConfig); err != nil {
		return err
	}
	// A server may be set up to acknowledge before it has written; we may not.
	_, err = d.writer.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
	return err
}

func (d *postgresDialect) begin(ctx context.Context) (transaction, error) {
	if err := d.connect(ctx); err != nil {
		return nil, err
	}
	return &postgresTx{d: d}, nil
}

// lostConnection is an error that ended the connection, and the transaction with
// it, before COMMIT was sent.
type lostConnection struct{ error }

func (l lostConnection) Unwrap() error { return l.error }

// postgresTx is a transaction. BEGIN goes with the first statements.
type postgresTx struct {
	d     *postgresDialect
	begun bool
}

func (t *postgresTx) run(ctx context.Context, writes []statement, reads ...read) error {
	err := t.send(ctx, writes, reads)
	if err != nil && t.d.writer.IsClosed() {
		return lostConnection{err}
	}
	return err
}

func (t *postgresTx) commit(ctx context.Context, writes []statement) error {
	err := t.send(ctx, append(writes, statement{text: "COMMIT"}), nil)
	switch {
	case err != nil && t.d.writer.IsClosed() && pgconn.SafeToRetry(err): // nothing was sent
		return lostConnection{err}
	case err != nil && t.d.writer.IsClosed():
		return unknownOutcome{err}
	}
	return err // the server's own: it has rolled back
}

// send sends everything in one round trip. The server skips all after a statement
// that fails, COMMIT too.
func (t *postgresTx) send(ctx context.Context, writes []statement, reads []read) (err error) {
	batch := &pgx.Batch{}
	if !t.begun {
		// Whoever waited for a scope's lock must see what its holder committed.
		batch.Queue("BEGIN ISOLATION LEVEL READ COMMITTED")
		t.begun = true
	}
	for _, w := range writes {
		batch.Queue(w.text, w.args...)
	}
	for _, r := range reads {
		batch.Queue(r.text, r.args...)
	}
	t.d.count.Add(int64(batch.Len()))
	results := t.d.writer.SendBatch(ctx, batch)
	defer func() { err = errors.Join(err, results.Close()) }()
	for range batch.Len() - len(reads) {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	for _, r := range reads {
		rows, err := results.Query()
		if err != nil {
			return err
		}
		if err := scanAll(rows, r.each); err != nil {
			return err
		}
	}
	return nil
}

// rollback leaves the connection ready for the next transaction, or closed: then
// the server has rolled back, or will.
func (t *postgresTx) rollback(ctx context.Context) error {
	if t.d.writer.IsClosed() {
		t.d.readers.Reset() // they are probably gone, too
		return nil
	}
	if t.d.writer.PgConn().TxStatus() == 'I' {
		return nil
	}
	t.d.count.Add(1)
	if _, err := t.d.writer.Exec(ctx, "ROLLBACK"); err != nil {
		return errors.Join(err, t.d.writer.Close(ctx))
	}
	return nil
}
