package index_test

import (
	"context"
	"path/filepath"
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

func postgres(t testing.TB) store.Store {
	t.Helper()
	st, err := sqlstore.OpenPostgres(context.Background(), pgtest.URL(t))
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
