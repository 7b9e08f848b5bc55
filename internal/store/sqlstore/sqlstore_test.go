package sqlstore

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/storetest"
)

// database is a dialect: it makes the address of an empty database and opens one.
type database struct {
	name    string
	address func(testing.TB) string
	open    func(context.Context, string) (*Store, error)
}

var databases = []database{
	{"sqlite", func(t testing.TB) string { return filepath.Join(t.TempDir(), "test.db") }, OpenSQLite},
	{"postgres", pgtest.URL, OpenPostgres},
}

// opened is a store that is closed when the test ends.
func opened(t testing.TB, open func(context.Context, string) (*Store, error), address string) *Store {
	t.Helper()
	s, err := open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t testing.TB) store.Store { return opened(t, db.open, db.address(t)) })
		})
	}
}

// TestNodes: two processes share a PostgreSQL database.
func TestNodes(t *testing.T) {
	t.Parallel()
	storetest.RunNodes(t, func(t testing.TB) [2]store.Store {
		url := pgtest.URL(t)
		return [2]store.Store{opened(t, OpenPostgres, url), opened(t, OpenPostgres, url)}
	})
}
