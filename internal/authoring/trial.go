package authoring

import (
	"context"
	"errors"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Trial is a service that answers like s and keeps nothing. Its writes go through
// the same functions, hold the same locks, meet the same conditions and claim the
// same keys; then they are rolled back. No job is started, and files and other
// servers are out of reach: what needs them fails instead of leaving traces.
func (s *Service) Trial() *Service {
	t := *s
	t.Store, t.Wake = trialStore{s.Store}, func() {}
	t.Blobs, t.Fetch = nil, nil
	t.tries = true
	return &t
}

// errTrial rolls back a transaction that has done everything it would.
var errTrial = errors.New("the write was only tried")

// trialStore is a store whose transactions are all rolled back.
type trialStore struct{ store.Store }

func (t trialStore) Update(ctx context.Context, s store.Scope, fn func(store.Tx) error, ahead ...store.Ahead) error {
	err := t.Store.Update(ctx, s, func(tx store.Tx) error {
		if err := fn(trialTx{tx}); err != nil {
			return err
		}
		return errTrial
	}, ahead...)
	if errors.Is(err, errTrial) {
		return nil
	}
	return err
}

// trialTx asks whether a resource exists before it makes one. A store may take it
// for absent and let the commit find out, which does not come here.
type trialTx struct{ store.Tx }

func (t trialTx) Put(ctx context.Context, w store.Write) (store.Head, error) {
	if w.Was == store.Absent {
		if _, err := t.Get(ctx, w.Head.Scope, w.Head.Kind, w.Head.ID); err != nil && !fault.Is(err, fault.NotFound) {
			return store.Head{}, err
		}
	}
	return t.Tx.Put(ctx, w)
}
