package index_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

func sqlite(t testing.TB) store.Store {
	t.Helper()
	st, err := sqlstore.OpenSQLite(context.Background(), filepath.Join(t.TempDir(), "typecase.db"))
	return opened(t, st, err)
}

func opened(t testing.TB, st *sqlstore.Store, err error) store.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// postgresNodes are two stores on one database, as two nodes have them.
func postgresNodes(t testing.TB) (here, there store.Store) {
	t.Helper()
	url := pgtest.URL(t)
	first, err := sqlstore.OpenPostgres(context.Background(), url)
	here = opened(t, first, err)
	second, err := sqlstore.OpenPostgres(context.Background(), url)
	return here, opened(t, second, err)
}

// database is a database that can be closed and opened again.
type database struct {
	*sqlstore.Store
	open func() (*sqlstore.Store, error)
}

func newDatabase(t testing.TB, open func() (*sqlstore.Store, error)) *database {
	t.Helper()
	d := &database{open: open}
	d.reopen(t)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *database) reopen(t testing.TB) {
	t.Helper()
	st, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	d.Store = st
}

// restart is what a restart of the program is to its database.
func (d *database) restart(t testing.TB) {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d.reopen(t)
}

// eachSeed runs a random test on both databases, as often as it says or as the
// environment asks for.
func eachSeed(t *testing.T, onSQLite, onPostgres int, test func(t *testing.T, d *database, seed uint64)) {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("TYPECASE_TEST_SEEDS")); err == nil {
		onSQLite, onPostgres = n, n
	}
	run := func(name string, seeds int, open func(*testing.T) func() (*sqlstore.Store, error)) {
		for seed := range uint64(seeds) {
			t.Run(fmt.Sprintf("%s/seed %d", name, seed), func(t *testing.T) {
				t.Parallel()
				test(t, newDatabase(t, open(t)), seed)
			})
		}
	}
	run("sqlite", onSQLite, func(t *testing.T) func() (*sqlstore.Store, error) {
		path := filepath.Join(t.TempDir(), "typecase.db")
		return func() (*sqlstore.Store, error) { return sqlstore.OpenSQLite(context.Background(), path) }
	})
	run("postgres", onPostgres, func(t *testing.T) func() (*sqlstore.Store, error) {
		url := pgtest.URL(t)
		return func() (*sqlstore.Store, error) { return sqlstore.OpenPostgres(context.Background(), url) }
	})
}
