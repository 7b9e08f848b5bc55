package sqlstore

import (
	"context"
	"time"

	"github.com/typecase/typecase/internal/store"
)

// Lease implements store.Store. A leased job is due again when the lease ends.
func (s *Store) Lease(ctx context.Context, now time.Time, lease time.Duration, n int) ([]store.Job, error) {
	var jobs []store.Job
	err := s.Update(ctx, store.Server, func(t store.Tx) error {
		jobs = jobs[:0]
		x := t.(*tx)
		return x.q.query(ctx, func(scan func(...any) error) error {
			var j store.Job
			var due int64
			err := scan(&j.ID, &j.Name, &j.Scope, &j.Payload, &due, &j.Attempts)
			j.Due = instant(due)
			jobs = append(jobs, j)
			return err
		}, `UPDATE job SET due = $1, attempts = attempts + 1
			WHERE id IN (SELECT id FROM job WHERE due <= $2 ORDER BY due, id LIMIT $3`+x.d.skipLocked()+`)
			RETURNING id, name, scope, payload, due, attempts`, millis(now.Add(lease)), millis(now), n)
	})
	return jobs, err
}

// Finish implements store.Store.
func (s *Store) Finish(ctx context.Context, id int64) error {
	return s.Update(ctx, store.Server, func(t store.Tx) error {
		_, err := t.(*tx).q.exec(ctx, "DELETE FROM job WHERE id = $1", id)
		return err
	})
}
