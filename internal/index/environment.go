package index

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// environment is the read model of one scope.
//
// Three locks: change is held by whoever brings it up to date, adds a column or
// drops one; build by whoever prepares new columns; mu is held for writing only
// while prepared changes are put in place. Nothing but times of use changes
// without both change and mu, so who holds change may read without mu. They are
// taken in the order build, change, mu.
type environment struct {
	x      *Index
	scope  store.Scope
	change lock
	build  lock
	used   atomic.Int64 // tick of the last Open

	mu       sync.RWMutex
	loaded   bool
	seq      int64
	together int64 // sequence number of the last change made together with others
	model    *cms.Model
	types    map[store.Revision]*cms.ContentType // decoded, of the model
	kinds    map[cms.Kind]*table
}

// lock is a mutex whose waiters can give up.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

func (l lock) acquire(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	default:
	}
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l lock) release() { <-l }

func newEnvironment(x *Index, s store.Scope) *environment {
	return &environment{x: x, scope: s, change: newLock(), build: newLock(), kinds: map[cms.Kind]*table{}}
}

// pageSize is how many rows one statement reads at most.
const pageSize = 1000

// load reads all heads and the model. The caller holds change.
func (v *environment) load(ctx context.Context) error {
	pos, err := v.x.st.Position(ctx, v.scope)
	if err != nil {
		return err
	}
	fresh := newEnvironment(v.x, v.scope)
	for after := ""; ; {
		heads, err := v.x.st.List(ctx, v.scope, "", after, pageSize)
		if err != nil {
			return err
		}
		for _, h := range heads {
			fresh.insert(&h)
		}
		if len(heads) < pageSize {
			break
		}
		last := heads[len(heads)-1]
		after = string(last.Kind) + "/" + last.ID
	}
	model, types, err := fresh.readModel(ctx, pos.Model, nil)
	if err != nil {
		return err
	}
	v.mu.Lock()
	v.kinds, v.seq, v.model, v.types = fresh.kinds, pos.Seq, model, types
	v.mu.Unlock()
	return nil
}

// ready lets readers in, once a loaded environment shows one moment. A scope
// without anything in it is about to be filled by a copy, which leaves no trace
// in the change log: look again next time.
func (v *environment) ready() {
	v.mu.Lock()
	v.loaded = len(v.kinds) > 0
	v.mu.Unlock()
}

func (v *environment) insert(s *store.Head) *head {
	t := v.kinds[s.Kind]
	if t == nil {
		t = &table{byID: map[string]*head{}, parts: map[string]*partition{}}
		v.kinds[s.Kind] = t
	}
	p := t.parts[s.ContentType]
	if p == nil {
		p = &partition{scope: v.scope, kind: s.Kind, contentType: strings.Clone(s.ContentType), columns: map[columnKey]column{}}
		t.parts[s.ContentType] = p
	}
	h := p.add(s)
	t.byID[h.id] = h
	return h
}

// find is a resource, nil without it.
func (v *environment) find(k cms.Kind, id string) *head {
	if t := v.kinds[k]; t != nil {
		return t.byID[id]
	}
	return nil
}

func (v *environment) bytes() int64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var n int64
	for _, t := range v.kinds {
		for _, p := range t.parts {
			n += p.bytes()
		}
	}
	return n
}
