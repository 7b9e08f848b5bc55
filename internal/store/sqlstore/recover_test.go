package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/storetest"
)

// newEnvironment makes a space with an environment.
func newEnvironment(t testing.TB, s *Store) (env store.Scope) {
	t.Helper()
	mustUpdate(t, s, store.Server, func(tx store.Tx) error {
		space, err := tx.NewScope(t.Context(), store.Server)
		if err != nil {
			return err
		}
		env, err = tx.NewScope(t.Context(), space)
		return err
	})
	return env
}

// jointly runs functions as writes of one transaction: all of them wait before the
// first of them runs. It returns what Update returned to each.
func jointly(t *testing.T, s *Store, scope store.Scope, fns ...func(store.Tx) error) []error {
	t.Helper()
	errs := make([]error, len(fns))
	var all sync.WaitGroup
	mustUpdate(t, s, scope, func(store.Tx) error { // nobody else runs meanwhile
		for i, fn := range fns {
			all.Go(func() { errs[i] = s.Update(context.Background(), scope, fn) })
			for len(s.queue) <= i { // so that they run in this order
				runtime.Gosched()
			}
		}
		return nil
	})
	all.Wait()
	return errs
}

func putEntry(env store.Scope, id string) func(store.Tx) error {
	return func(tx store.Tx) error {
		_, err := tx.Put(context.Background(), newEntry(env, id))
		return err
	}
}

// execute sends any statement as part of a write.
func execute(t store.Tx, sql string) error { return t.(*tx).exec(context.Background(), sql) }

// wantEntries fails unless the environment holds these entries and is whole.
func wantEntries(t *testing.T, s *Store, env store.Scope, ids ...string) {
	t.Helper()
	var found []string
	for _, h := range storetest.Heads(t, s, env) {
		found = append(found, h.ID)
	}
	if fmt.Sprint(found) != fmt.Sprint(ids) {
		t.Errorf("entries %v, want %v", found, ids)
	}
	storetest.Check(t, s, env)
}

func onEachDatabase(t *testing.T, fn func(t *testing.T, s *Store, env store.Scope)) {
	t.Parallel()
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			s := opened(t, db.open, db.address(t))
			fn(t, s, newEnvironment(t, s))
		})
	}
}

var errFailing = errors.New("this write fails")

// TestJoint: writes that wait share a transaction, and fail alone.
func TestJoint(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		reading := func(fn func(store.Tx) error) func(store.Tx) error { // so that there are savepoints
			return func(tx store.Tx) error {
				if err := fn(tx); err != nil {
					return err
				}
				_, err := tx.List(context.Background(), env, cms.KindEntry, "", 1)
				return err
			}
		}
		failing := func(fn func(store.Tx) error) func(store.Tx) error {
			return func(tx store.Tx) error { return errors.Join(fn(tx), errFailing) }
		}
		// Known to be absent, so that nothing has to be taken for granted.
		looking := func(id string) func(store.Tx) error {
			return func(tx store.Tx) error {
				if _, err := tx.Get(context.Background(), env, cms.KindEntry, id); !fault.Is(err, fault.NotFound) {
					return fmt.Errorf("there is a %s: %w", id, err)
				}
				return putEntry(env, id)(tx)
			}
		}
		before := s.Statements()
		errs := jointly(t, s, env,
			looking("a"), failing(looking("b")), reading(looking("c")), failing(reading(looking("d"))), failing(looking("d")),
			reading(failing(looking("e"))), looking("f"), failing(reading(looking("g"))))
		for i, err := range errs {
			if fails := i == 1 || i > 2 && i != 6; fails != errors.Is(err, errFailing) || !fails && err != nil {
				t.Errorf("write %d: %v", i, err)
			}
		}
		if sent := s.Statements() - before; sent > 45 { // 14 writes, 15 reads, 8 for savepoints, those of two transactions
			t.Errorf("%d statements: it was not one transaction", sent)
		}
		wantEntries(t, s, env, "a", "c", "f")

		before = s.Statements()
		var creations []func(store.Tx) error
		for i := range 20 {
			creations = append(creations, putEntry(env, fmt.Sprintf("x%02d", i)))
		}
		if err := errors.Join(jointly(t, s, env, creations...)...); err != nil {
			t.Fatal(err)
		}
		// Three statements each, and those of two transactions.
		if sent := s.Statements() - before; sent > 3*20+10 {
			t.Errorf("%d statements for 20 creations in one transaction", sent)
		}
		storetest.Check(t, s, env)
	})
}

// TestTakenForGranted: when a resource is there after all, only those who wanted
// to create it are refused.
func TestTakenForGranted(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		errs := jointly(t, s, env, putEntry(env, "a"), putEntry(env, "b"), putEntry(env, "a"), putEntry(env, "c"),
			func(tx store.Tx) error { return errors.Join(putEntry(env, "a")(tx), errFailing) })
		for i, err := range errs {
			if taken := i == 2 || i == 4; taken != fault.Is(err, fault.VersionMismatch) || !taken && err != nil {
				t.Errorf("write %d: %v", i, err)
			}
		}
		wantEntries(t, s, env, "a", "b", "c")
	})
}

// TestStatementFails: an error of the database, even one that the function
// ignores, takes one write with it and not the ones beside it.
func TestStatementFails(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		broken := func(tx store.Tx) error {
			_ = putEntry(env, "broken")(tx)
			_ = execute(tx, "INSERT INTO nowhere VALUES (1)")
			_, _ = tx.List(context.Background(), env, cms.KindEntry, "", 1)
			_ = putEntry(env, "after")(tx)
			return nil
		}
		errs := jointly(t, s, env, putEntry(env, "a"), broken, putEntry(env, "b"))
		if errs[0] != nil || !fault.Is(errs[1], fault.ServerError) || errs[2] != nil {
			t.Errorf("errors %v, want one of the database in the middle", errs)
		}
		if err := s.Update(t.Context(), env, broken); !fault.Is(err, fault.ServerError) {
			t.Errorf("alone: %v, want an error of the database", err)
		}
		mustUpdate(t, s, env, putEntry(env, "c"))
		wantEntries(t, s, env, "a", "b", "c")
	})
}

// TestCommitFails: a COMMIT that the database refuses keeps nothing and leaves no
// transaction open.
func TestCommitFails(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, s *Store, env store.Scope) {
		ctx := context.Background()
		mustUpdate(t, s, env, func(tx store.Tx) error {
			return errors.Join(execute(tx, "CREATE TABLE parent (id BIGINT PRIMARY KEY)"),
				execute(tx, "CREATE TABLE child (parent BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"))
		})
		if d, ok := s.d.(*sqliteDialect); ok {
			if _, err := d.conn.ExecContext(ctx, "PRAGMA foreign_keys = 1"); err != nil {
				t.Fatal(err)
			}
		}
		orphan := func(tx store.Tx) error {
			return errors.Join(putEntry(env, "orphan")(tx), execute(tx, "INSERT INTO child VALUES (7)"))
		}
		if err := s.Update(ctx, env, orphan); !fault.Is(err, fault.ServerError) {
			t.Errorf("alone: %v, want an error of the database", err)
		}
		errs := jointly(t, s, env, putEntry(env, "a"), orphan, putEntry(env, "b"))
		if errs[0] != nil || !fault.Is(errs[1], fault.ServerError) || errs[2] != nil {
			t.Errorf("errors %v, want one of the database in the middle", errs)
		}
		mustUpdate(t, s, env, putEntry(env, "c"))
		wantEntries(t, s, env, "a", "b", "c")
	})
}

// TestDiskFull: SQLite rolls back by itself when the disk is full. The write that
// needs the room fails, the others go on.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	s := opened(t, OpenSQLite, databases[0].address(t))
	env := newEnvironment(t, s)
	large := func(maxPages int) func(store.Tx) error {
		return func(tx store.Tx) error {
			if err := execute(tx, fmt.Sprintf("PRAGMA max_page_count = %d", maxPages)); err != nil {
				return err
			}
			w := newEntry(env, "large")
			w.Body = []byte(strings.Repeat("x", 4<<20)) // 1000 pages
			_, err := tx.Put(t.Context(), w)
			return err
		}
	}
	errs := jointly(t, s, env, putEntry(env, "a"), large(500), putEntry(env, "b"))
	if errs[0] != nil || !fault.Is(errs[1], fault.ServerError) || errs[2] != nil {
		t.Errorf("errors %v, want one of the database in the middle", errs)
	}
	wantEntries(t, s, env, "a", "b")
	mustUpdate(t, s, env, large(1<<30))
	wantEntries(t, s, env, "a", "b", "large")
}

// TestConnectionLost: when the writer's connection breaks in the middle of a
// transaction, everything in it runs again on a new one.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	s := opened(t, OpenPostgres, address)
	env := newEnvironment(t, s)
	admin, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	terminate := func() {
		t.Helper()
		pid := s.d.(*postgresDialect).writer.PgConn().PID()
		// The answer comes when the backend is gone.
		if _, err := admin.Exec(t.Context(), "SELECT pg_terminate_backend($1, 10000)", pid); err != nil {
			t.Error(err)
		}
	}
	for name, reads := range map[string]bool{"before a read": true, "before the commit": false} {
		runs := 0
		breaking := func(tx store.Tx) error {
			if runs++; runs == 1 {
				if err := putEntry(env, "first run")(tx); err != nil {
					return err
				}
				terminate()
			}
			if reads {
				if _, err := tx.List(t.Context(), env, cms.KindEntry, "", 1); err != nil {
					return err
				}
			}
			return putEntry(env, "breaking "+name)(tx)
		}
		errs := jointly(t, s, env, putEntry(env, "a "+name), breaking, putEntry(env, "b "+name))
		if !reads {
			// That COMMIT came too late cannot be told from an answer that was lost.
			for i, err := range errs {
				if !errors.As(err, new(unknownOutcome)) {
					t.Errorf("%s: write %d: %v, want an unknown outcome", name, i, err)
				}
			}
			if runs != 1 {
				t.Errorf("%s: %d runs, want 1", name, runs)
			}
			continue
		}
		if err := errors.Join(errs...); err != nil || runs != 2 {
			t.Errorf("%s: %v after %d runs, want none after 2", name, err, runs)
		}
	}
	terminate() // while it is idle
	mustUpdate(t, s, env, putEntry(env, "c"))
	wantEntries(t, s, env, "a before a read", "b before a read", "breaking before a read", "c")
}

// TestAnswerLost: when the connection breaks after COMMIT was sent, nobody knows
// what became of it, and nothing is done twice.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	server, err := url.Parse(pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	proxy := startProxy(t, server.Host)
	server.Host = proxy.address
	s := opened(t, OpenPostgres, server.String())
	env := newEnvironment(t, s)
	mustUpdate(t, s, env, putEntry(env, "0")) // from now on the statements are prepared
	runs := 0
	err = s.Update(t.Context(), env, func(tx store.Tx) error {
		if runs++; runs == 1 {
			proxy.cut.Store(true) // instead of passing on the next answer
		}
		return putEntry(env, "a")(tx)
	})
	if !errors.As(err, new(unknownOutcome)) || !fault.Is(err, fault.ServerError) || runs != 1 {
		t.Errorf("%v after %d runs, want an unknown outcome after 1", err, runs)
	}
	mustUpdate(t, s, env, putEntry(env, "b"))
	wantEntries(t, s, env, "0", "a", "b")
}

// proxy is a way to a server that can be cut.
type proxy struct {
	address string
	cut     atomic.Bool // close the connection that brings the next answer, and be whole again
}

func startProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{address: l.Addr().String()}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client, server)
		}
	}()
	return p
}

func (p *proxy) serve(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client) // ends when either side has closed
		server.Close()
	}()
	answer := make([]byte, 1<<16)
	for {
		n, err := server.Read(answer)
		if err != nil || p.cut.CompareAndSwap(true, false) {
			return
		}
		if _, err := client.Write(answer[:n]); err != nil {
			return
		}
	}
}

// TestServerRestarts: a server that is away is an error for those who write
// meanwhile, not for those who come later.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	s := opened(t, OpenPostgres, cluster.URL(t))
	env := newEnvironment(t, s)
	for round := range 2 {
		warm := make(chan error, postgresReaders)
		for range postgresReaders { // connections that will be dead
			go func() {
				_, err := s.Position(context.Background(), env)
				warm <- err
			}()
		}
		for range postgresReaders {
			if err := <-warm; err != nil {
				t.Fatal(err)
			}
		}
		cluster.Kill(t)
		begin := time.Now()
		if err := s.Update(t.Context(), env, putEntry(env, fmt.Sprint("away", round))); err == nil {
			t.Error("a write is acknowledged by a server that is away")
		}
		if d := time.Since(begin); d > connectTime/2 {
			t.Errorf("that took %v", d)
		}
		if _, err := s.Get(t.Context(), env, cms.KindEntry, "a"); err == nil || fault.Is(err, fault.NotFound) {
			t.Errorf("a server that is away answers: %v", err)
		}
		cluster.Restart(t)
		mustUpdate(t, s, env, putEntry(env, fmt.Sprint("back", round)))
		if _, err := s.Get(t.Context(), env, cms.KindEntry, fmt.Sprint("back", round)); err != nil {
			t.Errorf("reading after the restart: %v", err)
		}
	}
	wantEntries(t, s, env, "back0", "back1")
}

// TestOpenTogether: several nodes start on an empty database at once.
func TestOpenTogether(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			s, err := OpenPostgres(t.Context(), address)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := s.Position(t.Context(), store.Server); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// TestPoolSettings: a URL may have settings of the pool.
func TestPoolSettings(t *testing.T) {
	t.Parallel()
	s := opened(t, OpenPostgres, pgtest.URL(t)+"&pool_max_conns=3")
	if n := s.d.(*postgresDialect).readers.Config().MaxConns; n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
	mustUpdate(t, s, newEnvironment(t, s), func(store.Tx) error { return nil })
}

// TestSQLitePath: a path may have any character.
func TestSQLitePath(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/a b%20?#&é.db"
	s := opened(t, OpenSQLite, path)
	env := newEnvironment(t, s)
	mustUpdate(t, s, env, putEntry(env, "a"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wantEntries(t, opened(t, OpenSQLite, path), env, "a")
}

// TestCloseWithWriters: closing while many write acknowledges what is kept.
func TestCloseWithWriters(t *testing.T) {
	t.Parallel()
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			address := db.address(t)
			s := opened(t, db.open, address)
			env := newEnvironment(t, s)
			acked := make(chan string, 10_000)
			var all sync.WaitGroup
			for i := range 16 {
				all.Go(func() {
					for n := 0; ; n++ {
						id := fmt.Sprintf("%d-%d", i, n)
						if err := s.Update(context.Background(), env, putEntry(env, id)); err != nil {
							return
						}
						acked <- id
					}
				})
			}
			for range 50 {
				<-acked
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			all.Wait()
			close(acked)
			again := opened(t, db.open, address)
			for id := range acked {
				if _, err := again.Get(t.Context(), env, cms.KindEntry, id); err != nil {
					t.Errorf("acknowledged %s: %v", id, err)
				}
			}
			storetest.Check(t, again, env)
		})
	}
}
