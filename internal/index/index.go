// Package index is the read model: per environment, in memory, fed by the
// change log. It answers query trees for both stages, holds the heads of
// everything in an environment and its content model, and caches bodies.
//
// It is derived state. It never writes, and whatever it holds may be dropped at
// any moment and is rebuilt when next asked for. Its answers to queries are
// those of query.Query.Match and Compare, only faster.
//
// Start reading at Index.Open, then Env.Search; environment says how a read
// model is kept, column how values are arranged for searching.
package index

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/turn"
)

// Options bound an index.
type Options struct {
	// Bytes is the budget: two thirds for environments with their columns, the
	// rest for cached bodies; 0 means 256 MiB. Only an environment in use may
	// exceed it, when it is greater by itself without any column.
	Bytes int64
}

// Index holds the read models of the environments in use.
type Index struct {
	st     store.Store
	budget int64 // of environments
	caches caches
	tick   atomic.Int64

	hits, misses, evictions atomic.Int64 // see Stats

	mu   sync.Mutex
	envs map[store.Scope]*environment
}

// Env is the read model of one environment as Open brought it up to date. It is
// safe for concurrent use. It moves on when the environment is opened again:
// each answer shows one moment, which is never before Seq.
type Env struct {
	v     *environment
	seq   int64
	model *cms.Model
}

// New makes an index over st.
func New(st store.Store, opt Options) *Index {
	bytes := opt.Bytes
	if bytes <= 0 {
		bytes = 256 << 20
	}
	return &Index{st: st, budget: bytes / 3 * 2, caches: newCaches(bytes / 3), envs: map[store.Scope]*environment{}}
}

// Open returns the read model of an environment's scope, brought up to date.
// When fresh, the database is asked for the scope's position first (one
// statement), so what any node wrote before the call is seen; otherwise only
// what this process has committed or seen, without a statement when that is
// nothing new. A scope that is gone is fault.NotFound, and its memory is freed.
func (x *Index) Open(ctx context.Context, s store.Scope, fresh bool) (*Env, error) {
	v := x.environment(s)
	v.used.Store(x.tick.Add(1))
	_, wasLoaded := v.view()
	e, err := x.open(ctx, v, fresh)
	if fault.Is(err, fault.NotFound) {
		x.forget(v)
	}
	if err == nil && !wasLoaded {
		err = x.evict(ctx, v)
	}
	return e, err
}

// Model returns an environment's content model as it is now. Unlike Open it
// does not catch up with anything else, so a writer who needs only the model
// pays one statement however busy the environment is.
func (x *Index) Model(ctx context.Context, s store.Scope) (*cms.Model, error) {
	v := x.environment(s)
	if e, loaded := v.view(); loaded {
		pos, err := x.st.Position(ctx, s)
		if err != nil {
			if fault.Is(err, fault.NotFound) {
				x.forget(v)
			}
			return nil, err
		}
		if e.model.Seq == pos.Model {
			v.used.Store(x.tick.Add(1))
			return e.model, nil
		}
	}
	e, err := x.Open(ctx, s, true)
	if err != nil {
		return nil, err
	}
	return e.Model(), nil
}

// Suppose is Model for who writes as the supposition has it, see
// store.Store.Suppose: nobody is asked. Both are nil when that cannot be.
func (x *Index) Suppose(s store.Scope) (*cms.Model, *store.Supposition) {
	model, supposed := x.Remembered(s), x.st.Suppose(s)
	if model == nil || supposed == nil || supposed.Model != model.Seq {
		return nil, nil
	}
	return model, supposed
}

// Remembered is an environment's content model as it was last seen, nil without.
// It asks nobody: whoever relies on it compares its Seq in a transaction.
func (x *Index) Remembered(s store.Scope) *cms.Model {
	x.mu.Lock()
	v := x.envs[s]
	x.mu.Unlock()
	if v == nil {
		return nil
	}
	if e, loaded := v.view(); loaded {
		v.used.Store(x.tick.Add(1))
		return e.model
	}
	return nil
}

func (x *Index) open(ctx context.Context, v *environment, fresh bool) (*Env, error) {
	want := x.st.Committed(v.scope)
	if e, loaded := v.view(); loaded {
		if fresh {
			pos, err := x.st.Position(ctx, v.scope)
			if err != nil {
				return nil, err
			}
			want = max(want, pos.Seq)
		}
		if e.seq >= want {
			return e, nil
		}
	}
	if _, loaded := v.view(); !loaded {
		turn.Leave(ctx) // other writers need not wait for that
	}
	if err := v.change.acquire(ctx); err != nil {
		return nil, err
	}
	defer v.change.release()
	_, loaded := v.view()
	if !loaded {
		if err := v.load(ctx); err != nil {
			return nil, err
		}
		want = v.seq + 1 // read on to a state of one moment
	}
	if v.seq < want {
		if err := v.catchUp(ctx); err != nil {
			return nil, err
		}
	}
	if !loaded {
		v.ready()
	}
	e, _ := v.view()
	return e, nil
}

// view is the environment as it is now, and whether it is loaded.
func (v *environment) view() (*Env, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return &Env{v: v, seq: v.seq, model: v.model}, v.loaded
}

func (x *Index) environment(s store.Scope) *environment {
	x.mu.Lock()
	defer x.mu.Unlock()
	v := x.envs[s]
	if v == nil {
		v = newEnvironment(x, s)
		x.envs[s] = v
	}
	return v
}

func (x *Index) environments() []*environment {
	x.mu.Lock()
	defer x.mu.Unlock()
	all := make([]*environment, 0, len(x.envs))
	for _, v := range x.envs {
		all = append(all, v)
	}
	return all
}

// forget drops an environment unless another has taken its place.
func (x *Index) forget(v *environment) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.envs[v.scope] == v {
		delete(x.envs, v.scope)
	}
}

// Poll catches up all open environments with what other nodes wrote, and drops
// those that are gone.
func (x *Index) Poll(ctx context.Context) error {
	var errs []error
	for _, v := range x.environments() {
		if _, loaded := v.view(); !loaded {
			continue
		}
		if _, err := x.open(ctx, v, true); fault.Is(err, fault.NotFound) {
			x.forget(v)
		} else if err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Drop frees what is held for a scope, and the cached bodies of what is in it.
// It is built again when next opened.
func (x *Index) Drop(s store.Scope) {
	x.mu.Lock()
	v := x.envs[s]
	delete(x.envs, s)
	x.mu.Unlock()
	if v == nil {
		return
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, t := range v.kinds {
		for _, h := range t.byID {
			x.caches.drop(h.draft)
			x.caches.drop(h.published)
		}
	}
}

// Stats says what is held in memory.
type Stats struct {
	Environments int   // open environments
	Bytes        int64 // of them with their columns, estimated
	Budget       int64 // what those bytes may come to
	Evictions    int64 // environments that made room for others so far
	CacheBytes   int64 // of cached bodies and documents, estimated
	CacheBudget  int64
	CacheHits    int64 // bodies and documents found there so far
	CacheMisses  int64
}

// Stats says what is held in memory now.
func (x *Index) Stats() Stats {
	x.caches.bodies.CleanUp() // counts what was added lately
	x.caches.docs.CleanUp()
	s := Stats{
		Budget: x.budget, Evictions: x.evictions.Load(),
		CacheBytes:  int64(x.caches.bodies.WeightedSize()+x.caches.docs.WeightedSize()) + int64(x.caches.fresh.size()),
		CacheBudget: int64(x.caches.bodies.GetMaximum()+x.caches.docs.GetMaximum()) + 2*int64(x.caches.fresh.half),
		CacheHits:   x.hits.Load(), CacheMisses: x.misses.Load(),
	}
	for _, v := range x.environments() {
		s.Environments++
		s.Bytes += v.bytes()
	}
	return s
}

// evict brings the environments back into the budget: first the ones not used
// for longest go, then columns of the one in use.
func (x *Index) evict(ctx context.Context, inUse *environment) error {
	all := x.environments()
	slices.SortFunc(all, func(a, b *environment) int { return cmp.Compare(b.used.Load(), a.used.Load()) })
	left := x.budget - inUse.bytes()
	for _, v := range all {
		if v == inUse {
			continue
		}
		if left -= v.bytes(); left < 0 {
			x.evictions.Add(1)
			x.forget(v)
		}
	}
	if over := inUse.bytes() - x.budget; over > 0 {
		return inUse.shrink(ctx, over)
	}
	return nil
}

// Seq is the change-log position of this view, for ETags.
func (e *Env) Seq() int64 { return e.seq }

// Together is the sequence number of the last change that was made together with
// others, of what the environment shows now. Who reads several times from a view
// can see by it whether such changes came in between.
func (e *Env) Together() int64 {
	e.v.mu.RLock()
	defer e.v.mu.RUnlock()
	return e.v.together
}

// Model is the content model of this view. It is immutable.
func (e *Env) Model() *cms.Model { return e.model }

// Heads returns those resources of a kind that exist among ids, by id, without
// asking the database.
func (e *Env) Heads(k cms.Kind, ids []string) map[string]store.Head {
	out := make(map[string]store.Head, len(ids))
	e.v.mu.RLock()
	defer e.v.mu.RUnlock()
	for _, id := range ids {
		if h := e.v.find(k, id); h != nil {
			out[id] = h.full()
		}
	}
	return out
}
