package sqlstore

import (
	"fmt"
	"testing"

	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// TestAnalyze: the planner of PostgreSQL knows of tables that have grown at once.
func TestAnalyze(t *testing.T) {
	t.Parallel()
	s := opened(t, OpenPostgres, pgtest.URL(t))
	env := newEnvironment(t, s)
	rows := func() (n float64) {
		// What was written before is done with when the next write is.
		mustUpdate(t, s, env, func(store.Tx) error { return nil })
		err := s.q.query(t.Context(), func(scan scanner) error { return scan(&n) }, "SELECT reltuples::float8 FROM pg_class WHERE relname = 'head'")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := rows(); n > 0 {
		t.Errorf("%v rows before there are any", n)
	}
	for _, upTo := range []int{firstAnalyze, 4 * firstAnalyze} {
		mustUpdate(t, s, env, func(tx store.Tx) error {
			for i := range upTo {
				if err := putEntry(env, fmt.Sprintf("%d-%d", upTo, i))(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if n := rows(); n < float64(upTo) {
			t.Errorf("the planner knows of %v rows, there are at least %d", n, upTo)
		}
	}
}
