package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqliteReaders is how many connections read at once.
const sqliteReaders = 8

// sqliteDialect has one connection for the writer and a pool for readers: in WAL
// mode they do not wait for each other.
type sqliteDialect struct {
	writer *sql.DB
	conn   *sql.Conn   // the writer's connection; nil when it has to be opened again
	write  *statements // on conn

	pool *sql.DB
	read *statements

	count *atomic.Int64
}

// OpenSQLite opens the database in a file, and makes it when there is none. The
// caller sees to it that one process at a time does.
func OpenSQLite(ctx context.Context, path string) (*Store, error) {
	d := &sqliteDialect{count: new(atomic.Int64)}
	if err := d.open(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the database %s: %w", path, err), d.close())
	}
	return newStore(d, d.count), nil
}

func (d *sqliteDialect) open(ctx context.Context, path string) error {
	name := "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	var err error
	if d.writer, err = sql.Open("sqlite", name+"&_pragma=wal_autocheckpoint(4000)&_pragma=cache_size(-16000)"); err != nil {
		return err
	}
	d.writer.SetMaxOpenConns(1)
	if err := migrate(ctx, goose.DialectSQLite3, d.writer, "sqlite"); err != nil {
		return err
	}
	if err := d.connect(ctx); err != nil {
		return err
	}
	if d.pool, err = sql.Open("sqlite", name+"&_pragma=query_only(1)"); err != nil {
		return err
	}
	d.pool.SetMaxOpenConns(sqliteReaders)
	d.pool.SetMaxIdleConns(sqliteReaders)
	d.read = &statements{prepare: d.pool.PrepareContext, count: d.count}
	return nil
}

// connect opens the writer's connection if it is not open.
func (d *sqliteDialect) connect(ctx context.Context) error {
	if d.conn != nil {
		return nil
	}
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return err
	}
	d.conn, d.write = conn, &statements{prepare: conn.PrepareContext, count: d.count}
	return nil
}

// disconnect closes the writer's connection and with it what it has begun.
func (d *sqliteDialect) disconnect() error {
	if d.conn == nil {
		return nil
	}
	err := d.write.close()
	// A bad connection does not go back to the pool.
	if bad := d.conn.Raw(func(any) error { return driver.ErrBadConn }); !errors.Is(bad, driver.ErrBadConn) {
		err = errors.Join(err, bad)
	}
	if closed := d.conn.Close(); !errors.Is(closed, sql.ErrConnDone) {
		err = errors.Join(err, closed)
	}
	d.conn = nil
	return err
}

func (d *sqliteDialect) among(column string, n int) string {
	return fmt.Sprintf("%s IN (SELECT value FROM json_each($%d))", column, n)
}

func (d *sqliteDialect) amongBytes(column string, n int) string {
	return fmt.Sprintf("%s IN (SELECT unhex(value) FROM json_each($%d))", column, n)
}

func (d *sqliteDialect) list(values any) (any, error) {
	if raw, ok := values.([][]byte); ok { // which JSON does not have
		texts := make([]string, len(raw))
		for i, v := range raw {
			texts[i] = hex.EncodeToString(v)
		}
		values = texts
	}
	b, err := json.Marshal(values)
	return string(b), err
}

func (d *sqliteDialect) forUpdate() string             { return "" } // there is one writer
func (d *sqliteDialect) skipLocked() string            { return "" }
func (d *sqliteDialect) retriable(error) bool          { return false }
func (d *sqliteDialect) sole() bool                    { return true }
func (d *sqliteDialect) analyze(context.Context) error { return nil } // it plans by the indexes alone

func (d *sqliteDialect) reader() querier { return d.read }

func (d *sqliteDialect) begin(ctx context.Context) (transaction, error) {
	if err := d.connect(ctx); err != nil {
		return nil, err
	}
	if err := d.write.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, errors.Join(err, d.disconnect())
	}
	return sqliteTx{d}, nil
}

// revisions: there is one writer, so it counts on from the newest.
func (d *sqliteDialect) revisions(ctx context.Context, q querier) (first, last int64, err error) {
	err = q.query(ctx, func(scan scanner) error { return scan(&first) }, "SELECT coalesce(max(id), 0) + 1 FROM revision")
	return first, math.MaxInt64, err
}

func (d *sqliteDialect) close() error {
	err := d.disconnect()
	if d.read != nil {
		err = errors.Join(err, d.read.close())
	}
	// The writer last: whoever closes last moves the log into the database.
	for _, db := range []*sql.DB{d.pool, d.writer} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}

// sqliteTx is the transaction open on the writer's connection.
type sqliteTx struct{ d *sqliteDialect }

func (t sqliteTx) run(ctx context.Context, writes []statement, reads ...read) error {
	for _, w := range writes {
		if err := t.d.write.exec(ctx, w.text, w.args...); err != nil {
			return err
		}
	}
	for _, r := range reads {
		if err := t.d.write.query(ctx, r.each, r.text, r.args...); err != nil {
			return err
		}
	}
	return nil
}

func (t sqliteTx) commit(ctx context.Context, writes []statement) error {
	return t.run(ctx, append(writes, statement{text: "COMMIT"}))
}

func (t sqliteTx) rollback(ctx context.Context) error {
	err := t.d.write.exec(ctx, "ROLLBACK")
	if err != nil { // after a full disk, for instance, there is nothing left to roll back
		err = errors.Join(err, t.d.disconnect())
	}
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

func (s *statements) exec(ctx context.Context, text string, args ...any) error {
	st, err := s.statement(ctx, text)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(ctx, args...)
	return err
}

func (s *statements) query(ctx context.Context, each func(scanner) error, text string, args ...any) (err error) {
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
