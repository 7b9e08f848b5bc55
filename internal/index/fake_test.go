package index_test

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// memory is a store in memory.
type memory struct {
	store.Store
	mu         sync.Mutex
	scopes     map[store.Scope]*scope
	bodies     map[store.Revision][]byte
	statements int64
}

type scope struct {
	heads   map[string]store.Head
	changes []store.Change
	model   int64
}

func newMemory() *memory {
	return &memory{scopes: map[store.Scope]*scope{}, bodies: map[store.Revision][]byte{}}
}

func (m *memory) enter(s store.Scope) (*scope, error) {
	m.statements++
	if sc := m.scopes[s]; sc != nil {
		return sc, nil
	}
	return nil, fault.New(fault.NotFound, "")
}

func (m *memory) GetMany(_ context.Context, s store.Scope, k cms.Kind, ids []string) ([]store.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sc, err := m.enter(s)
	var out []store.Head
	if err == nil {
		for _, id := range ids {
			if h, ok := sc.heads[string(k)+"/"+id]; ok {
				out = append(out, h)
			}
		}
	}
	return out, err
}

func (m *memory) List(_ context.Context, s store.Scope, k cms.Kind, after string, limit int) ([]store.Head, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sc, err := m.enter(s)
	var out []store.Head
	if err == nil {
		for key, h := range sc.heads {
			if k == "" && key > after || k == h.Kind && h.ID > after {
				out = append(out, h)
			}
		}
	}
	slices.SortFunc(out, func(a, b store.Head) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	return out[:min(len(out), limit)], err
}

func (m *memory) Bodies(_ context.Context, revs []store.Revision) (map[store.Revision][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.statements++
	out := map[store.Revision][]byte{}
	for _, r := range revs {
		if b, ok := m.bodies[r]; ok {
			out[r] = b
		}
	}
	return out, nil
}

func (m *memory) Position(_ context.Context, s store.Scope) (store.Position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sc, err := m.enter(s)
	if err != nil {
		return store.Position{}, err
	}
	return store.Position{Seq: int64(len(sc.changes)), Model: sc.model}, nil
}

func (m *memory) Changes(_ context.Context, s store.Scope, after int64, limit int) ([]store.Change, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sc, err := m.enter(s)
	if err != nil {
		return nil, err
	}
	rest := sc.changes[after:]
	return slices.Clone(rest[:min(len(rest), limit)]), nil
}

func (m *memory) Committed(s store.Scope) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if sc := m.scopes[s]; sc != nil {
		return int64(len(sc.changes))
	}
	return 0
}

func (m *memory) Statements() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.statements
}

func (m *memory) Update(_ context.Context, s store.Scope, fn func(store.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.scopes[s] == nil && s != store.Server {
		return fault.New(fault.NotFound, "")
	}
	return fn(&memoryTx{m: m})
}

type memoryTx struct {
	store.Tx
	m *memory
}

func (t *memoryTx) NewScope(context.Context, store.Scope) (store.Scope, error) {
	s := store.Scope(len(t.m.scopes) + 2)
	t.m.scopes[s] = &scope{heads: map[string]store.Head{}}
	return s, nil
}

func (t *memoryTx) DropScope(_ context.Context, s store.Scope) error {
	delete(t.m.scopes, s)
	return nil
}

func (t *memoryTx) Put(_ context.Context, w store.Write) (store.Head, error) {
	sc := t.m.scopes[w.Head.Scope]
	h := w.Head
	if w.Body != nil {
		h.Draft = store.Revision(len(t.m.bodies) + 1)
		t.m.bodies[h.Draft] = w.Body
		if w.PublishBody {
			h.Published = h.Draft
		}
	}
	sc.heads[string(h.Kind)+"/"+h.ID] = h
	sc.log(h.Kind, h.ID, h.ContentType, w.Action)
	return h, nil
}

func (t *memoryTx) Delete(_ context.Context, s store.Scope, k cms.Kind, id string, _ int, _ string, _ time.Time) error {
	sc := t.m.scopes[s]
	h := sc.heads[string(k)+"/"+id]
	delete(sc.heads, string(k)+"/"+id)
	sc.log(k, id, h.ContentType, store.Delete)
	return nil
}

func (sc *scope) log(k cms.Kind, id, contentType string, a store.Action) {
	seq := int64(len(sc.changes) + 1)
	sc.changes = append(sc.changes, store.Change{Seq: seq, Kind: k, ID: id, ContentType: contentType, Action: a})
	if k == cms.KindLocale || k == cms.KindContentType {
		sc.model = seq
	}
}
