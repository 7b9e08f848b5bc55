// Package index is the read model: per environment, in memory, fed by the
// change log. It answers query trees for both stages, holds the heads of
// everything in an environment and its content model, and caches bodies.
//
// It is derived state. It never writes, and whatever it holds may be dropped at
// any moment and is rebuilt when next asked for. Its answers to queries are
// those of query.Query.Match, only faster.
//
// Start reading at Index.Open, then Env.Search.
package index

import (
	"context"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// Options bound an index.
type Options struct {
	Bytes int64 // budget for environments, columns and cached bodies together; 0 means 256 MiB
}

// Index holds the read models of the environments in use.
type Index struct {
	st store.Store
}

// Page is the answer to a query.
type Page struct {
	Total int          // all matches
	Heads []store.Head // the page, in order
}

// Env is the read model of one environment, brought up to date by Open. It is
// safe for concurrent use, and moves on when others open the environment again:
// what it answers is never older than Seq.
type Env struct {
	x *Index
}

// New makes an index over st.
func New(st store.Store, opt Options) *Index { return &Index{st: st} }

// Open returns the read model of an environment's scope, brought up to date.
// When fresh, the database is asked for the scope's position first (one
// statement), so what any node wrote before the call is seen; otherwise only
// what this process has committed or seen, without a statement when that is
// nothing new. A scope that is gone is fault.NotFound, and its memory is freed.
func (x *Index) Open(ctx context.Context, s store.Scope, fresh bool) (*Env, error) {
	return nil, fault.New(fault.ServerError, "environments are not indexed yet")
}

// Poll catches up all open environments with what other nodes wrote.
func (x *Index) Poll(ctx context.Context) error { return nil }

// Drop frees what is held for a scope.
func (x *Index) Drop(s store.Scope) {}

// Stats says what is held in memory.
type Stats struct {
	Environments int   // open environments
	Bytes        int64 // of them with their columns, estimated
	CacheBytes   int64 // of cached bodies and documents, estimated
}

// Stats says what is held in memory now.
func (x *Index) Stats() Stats { return Stats{} }

// Seq is the change-log position of this view, for ETags.
func (e *Env) Seq() int64 { return 0 }

// Model is the content model. It is immutable; after a change to a locale or a
// content type, the Env that Open returns has another one.
func (e *Env) Model() *cms.Model { return nil }

// Search answers a query over a stage. Draft sees all resources, Published
// those that are published; kinds that are never published are the same in both.
// It asks the database only for columns no query has needed before.
func (e *Env) Search(ctx context.Context, stage cms.Stage, q *query.Query) (Page, error) {
	return Page{}, nil
}

// Heads returns those resources of a kind that exist among ids, by id.
func (e *Env) Heads(k cms.Kind, ids []string) map[string]store.Head { return nil }

// Bodies returns stored bodies, from the cache or with one statement per 1000
// that are not in it. They are shared: read only. Unknown revisions are absent.
func (x *Index) Bodies(ctx context.Context, revs []store.Revision) (map[store.Revision][]byte, error) {
	return x.st.Bodies(ctx, revs)
}

// Documents is Bodies, decoded.
func (x *Index) Documents(ctx context.Context, revs []store.Revision) (map[store.Revision]*cms.Document, error) {
	return nil, nil
}
