package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// readers is how many SQLite connections read at once.
const readers = 8

// sqliteDialect has one connection for the writer and a pool for readers: in WAL
// mode they do not wait for each other.
type sqliteDialect struct {
	writer  *sql.DB // one connection
	conn    *sql.Conn
	write   *statements
	readers *sql.DB
	read    *statements
}

// OpenSQLite opens the database in a file, and makes it when there is none. The
// caller sees to it that one process at a time does.
func OpenSQLite(ctx context.Context, path string) (*Store, error) {
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() +
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_txlock=immediate"
	writer, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	writer.SetMaxOpenConns(1)
	if err := migrate(ctx, goose.DialectSQLite3, writer, "sqlite"); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), writer.Close())
	}
	conn, err := writer.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	pool, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, errors.Join(err, conn.Close(), writer.Close())
	}
	pool.SetMaxOpenConns(readers)
	pool.SetMaxIdleConns(readers)
	count := new(atomic.Int64)
	d := &sqliteDialect{writer: writer, conn: conn, readers: pool}
	d.write = &statements{prepare: conn.PrepareContext, count: count}
	d.read = &statements{prepare: pool.PrepareContext, count: count}
	return newStore(d, count), nil
}

func (d *sqliteDialect) among(column string, n int) string {
	return fmt.Sprintf("%s IN (SELECT value FROM json_each($%d))", column, n)
}

func (d *sqliteDialect) list(ids any) (any, error) {
	b, err := json.Marshal(ids)
	return string(b), err
}

func (d *sqliteDialect) lockClause() string   { return "" } // there is one writer
func (d *sqliteDialect) skipLocked() string   { return "" }
func (d *sqliteDialect) retriable(error) bool { return false }
func (d *sqliteDialect) reader() querier      { return d.read }

func (d *sqliteDialect) begin(ctx context.Context) (transaction, error) {
	t := sqliteTx{d.write}
	_, err := t.exec(ctx, "BEGIN IMMEDIATE")
	return t, err
}

func (d *sqliteDialect) revisions(ctx context.Context, q querier, _ int64) (first, last int64, err error) {
	err = q.query(ctx, func(scan func(...any) error) error { return scan(&first) }, "SELECT coalesce(max(id), 0) + 1 FROM revision")
	return first, math.MaxInt64, err
}

func (d *sqliteDialect) close() error {
	return errors.Join(d.read.close(), d.readers.Close(), d.write.close(), d.conn.Close(), d.writer.Close())
}

// sqliteTx is the transaction open on the writer's connection. A request that
// goes away does not interrupt its statements: they belong to all of the batch.
type sqliteTx struct{ *statements }

func (t sqliteTx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	return t.statements.exec(context.WithoutCancel(ctx), text, args...)
}

func (t sqliteTx) query(ctx context.Context, each func(func(...any) error) error, text string, args ...any) error {
	return t.statements.query(context.WithoutCancel(ctx), each, text, args...)
}

func (t sqliteTx) commit(ctx context.Context) error {
	_, err := t.exec(ctx, "COMMIT")
	return err
}

func (t sqliteTx) rollback(ctx context.Context) error {
	_, err := t.exec(ctx, "ROLLBACK")
	return err
}

// statements is a querier over database/sql that prepares each text once.
type statements struct {
	prepare func(context.Context, string) (*sql.Stmt, error)
	count   *atomic.Int64
	known   sync.Map // text → *sql.Stmt
}

func (s *statements) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	s.count.Add(1)
	if st, ok := s.known.Load(text); ok {
		return st.(*sql.Stmt), nil
	}
	st, err := s.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	if first, loaded := s.known.LoadOrStore(text, st); loaded {
		return first.(*sql.Stmt), st.Close()
	}
	return st, nil
}

func (s *statements) exec(ctx context.Context, text string, args ...any) (int64, error) {
	st, err := s.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func (s *statements) query(ctx context.Context, each func(func(...any) error) error, text string, args ...any) (err error) {
	st, err := s.statement(ctx, text)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *statements) close() error {
	var err error
	s.known.Range(func(_, st any) bool {
		err = errors.Join(err, st.(*sql.Stmt).Close())
		return true
	})
	return err
}
