package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
)

// benchBody is an entry's body of ordinary size.
var benchBody = []byte(`{"fields":{"title":{"en":"` + strings.Repeat("Title ", 10) + `"},"text":{"en":"` + strings.Repeat("Lorem ipsum. ", 100) + `"}}}`)

// benchStore is a store with a space and an environment of n entries.
func benchStore(b *testing.B, db database, n int) (s *Store, space, env store.Scope, heads []store.Head) {
	b.Helper()
	s = opened(b, db.open, db.address(b))
	mustUpdate(b, s, store.Server, func(tx store.Tx) (err error) {
		space, err = tx.NewScope(b.Context(), store.Server)
		return err
	})
	mustUpdate(b, s, space, func(tx store.Tx) (err error) {
		env, err = tx.NewScope(b.Context(), space)
		return err
	})
	mustUpdate(b, s, env, func(tx store.Tx) error {
		for i := range n {
			h, err := tx.Put(b.Context(), newEntry(env, fmt.Sprintf("entry%07d", i)))
			if err != nil {
				return err
			}
			heads = append(heads, h)
		}
		return nil
	})
	return s, space, env, heads
}

func newEntry(env store.Scope, id string) store.Write {
	at := time.UnixMilli(1_700_000_000_000)
	return store.Write{Was: store.Absent, Body: benchBody, Action: store.Create, Actor: "ann", At: at, Head: store.Head{Scope: env, Sys: cms.Sys{
		Kind: cms.KindEntry, ID: id, ContentType: "post", Version: 1, CreatedAt: at, UpdatedAt: at, CreatedBy: "ann", UpdatedBy: "ann"}}}
}

func mustUpdate(t testing.TB, s *Store, scope store.Scope, fn func(store.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), scope, fn); err != nil {
		t.Fatal(err)
	}
}

func eachDatabase(b *testing.B, fn func(*testing.B, database)) {
	for _, db := range databases {
		b.Run(db.name, func(b *testing.B) { fn(b, db) })
	}
}

// writers lets 16 goroutines share b.N calls, and reports how many end a second
// and how many statements one takes.
func writers(b *testing.B, s *Store, fn func(i int64) error) {
	var next atomic.Int64
	const n = 16
	errs := make(chan error, n)
	before := s.Statements()
	b.ResetTimer()
	for range n {
		go func() {
			for {
				i := next.Add(1)
				if i > int64(b.N) {
					errs <- nil
					return
				}
				if err := fn(i); err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	b.ReportMetric(float64(s.Statements()-before)/float64(b.N), "statements/op")
}

func BenchmarkGet(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db database) {
		s, _, env, heads := benchStore(b, db, 1000)
		for i := 0; b.Loop(); i++ {
			if _, err := s.Get(b.Context(), env, cms.KindEntry, heads[i%len(heads)].ID); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkBodies100(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db database) {
		s, _, _, heads := benchStore(b, db, 1000)
		revs := make([]store.Revision, 100)
		for i := range revs {
			revs[i] = heads[i*7].Draft
		}
		for b.Loop() {
			if found, err := s.Bodies(b.Context(), revs); err != nil || len(found) != len(revs) {
				b.Fatal(len(found), err)
			}
		}
	})
}

func BenchmarkCreate16(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db database) {
		s, _, env, _ := benchStore(b, db, 0)
		writers(b, s, func(i int64) error {
			return s.Update(b.Context(), env, func(tx store.Tx) error {
				_, err := tx.Put(b.Context(), newEntry(env, fmt.Sprintf("entry%07d", i)))
				return err
			})
		})
	})
}

func BenchmarkCreate1(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db database) {
		s, _, env, _ := benchStore(b, db, 0)
		for i := 0; b.Loop(); i++ {
			mustUpdate(b, s, env, func(tx store.Tx) error {
				_, err := tx.Put(b.Context(), newEntry(env, fmt.Sprintf("entry%07d", i)))
				return err
			})
		}
	})
}

// BenchmarkPublish16 does what publishing an entry with a unique field does:
// reads the head, claims the key, writes the head.
func BenchmarkPublish16(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db database) {
		s, _, env, heads := benchStore(b, db, 1000)
		writers(b, s, func(i int64) error {
			id := heads[i%1000].ID
			return s.Update(b.Context(), env, func(tx store.Tx) error {
				h, err := tx.Get(b.Context(), env, cms.KindEntry, id)
				if err != nil {
					return err
				}
				if _, err := tx.SetKeys(b.Context(), env, store.OwnerOf(cms.KindEntry, id), []store.Key{{Space: "slug", Value: id}}); err != nil {
					return err
				}
				w := store.Write{Head: h, Was: h.Version, Action: store.Publish, Actor: "ann", At: h.CreatedAt}
				w.Head.PublishedVersion, w.Head.Version, w.Head.Published = h.Version, h.Version+1, h.Draft
				_, err = tx.Put(b.Context(), w)
				return err
			})
		})
	})
}

func BenchmarkCopyScope10000(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db database) {
		s, space, env, _ := benchStore(b, db, 10_000)
		for b.Loop() {
			mustUpdate(b, s, space, func(tx store.Tx) error {
				to, err := tx.NewScope(b.Context(), space)
				if err != nil {
					return err
				}
				return tx.CopyScope(b.Context(), env, to)
			})
		}
	})
}

// BenchmarkPlain is what the others are measured against on the same machine: the
// bare driver inserts the same bodies, a transaction each and 16 per transaction.
func BenchmarkPlain(b *testing.B) {
	const text = "INSERT INTO plain (id, body) VALUES ($1, $2)"
	for _, per := range []int{1, 16} {
		b.Run(fmt.Sprintf("sqlite/%d", per), func(b *testing.B) {
			db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "plain.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec("CREATE TABLE plain (id INTEGER PRIMARY KEY, body BLOB)"); err != nil {
				b.Fatal(err)
			}
			id := 0
			for b.Loop() {
				tx, err := db.Begin()
				if err != nil {
					b.Fatal(err)
				}
				for range per {
					id++
					if _, err := tx.Exec(text, id, benchBody); err != nil {
						b.Fatal(err)
					}
				}
				if err := tx.Commit(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(id)/b.Elapsed().Seconds(), "writes/s")
		})
		b.Run(fmt.Sprintf("postgres/%d", per), func(b *testing.B) {
			conn, err := pgx.Connect(b.Context(), pgtest.URL(b))
			if err != nil {
				b.Fatal(err)
			}
			defer conn.Close(context.Background())
			if _, err := conn.Exec(b.Context(), "CREATE TABLE plain (id BIGINT PRIMARY KEY, body BYTEA)"); err != nil {
				b.Fatal(err)
			}
			id := 0
			for b.Loop() {
				batch := &pgx.Batch{}
				batch.Queue("BEGIN")
				for range per {
					id++
					batch.Queue(text, id, benchBody)
				}
				batch.Queue("COMMIT")
				if err := conn.SendBatch(b.Context(), batch).Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(id)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}

// BenchmarkHistory reads the changes to one entry in logs of two sizes, and looks
// for what nothing leads to of it: neither may depend on the size.
func BenchmarkHistory(b *testing.B) {
	eachDatabase(b, func(b *testing.B, db database) {
		for _, n := range []int{1_000, 100_000} {
			s, space, env, _ := benchStore(b, db, n)
			ctx := b.Context()
			b.Run(fmt.Sprintf("ChangesOf/%d", n), func(b *testing.B) {
				for i := range b.N {
					if c, err := s.ChangesOf(ctx, env, cms.KindEntry, fmt.Sprintf("entry%07d", i%n), store.Point{}, 1000); err != nil || len(c) != 1 {
						b.Fatal(c, err)
					}
				}
			})
			b.Run(fmt.Sprintf("Unreachable/%d", n), func(b *testing.B) {
				for i := range b.N {
					mustUpdate(b, s, space, func(tx store.Tx) error {
						_, kept, err := tx.Unreachable(ctx, space, cms.KindEntry, fmt.Sprintf("entry%07d", i%n))
						if len(kept) != 1 {
							b.Errorf("kept %v", kept)
						}
						return err
					})
				}
			})
		}
	})
}
