package sqlstore

import (
	"context"
	"time"

	"github.com/typecase/typecase/internal/store"
)

// Enqueue implements store.Tx.
func (x *tx) Enqueue(ctx context.Context, j store.Job) error {
	if err := storable(j.Name); err != nil {
		return err
	}
	payload := j.Payload
	if payload == nil {
		payload = []byte{}
	}
	return x.exec(ctx, "INSERT INTO job (name, scope, payload, due) VALUES ($1, $2, $3, $4)", j.Name, int64(j.Scope), payload, millis(j.Due))
}

// Lease implements store.Store. A leased job is due again when the lease ends.
func (s *Store) Lease(ctx context.Context, now time.Time, lease time.Duration, n int) ([]store.Job, error) {
	if n <= 0 {
		return nil, nil
	}
	// Mostly nothing is due: that needs no transaction.
	due := false
	err := s.q.query(ctx, func(scan scanner) error {
		var one int64
		due = true
		return scan(&one)
	}, "SELECT 1 FROM job WHERE due <= $1 LIMIT 1", millis(now))
	if err != nil || !due {
		return nil, err
	}
	var jobs []store.Job
	err = s.submit(ctx, noScope, func(x *tx) error {
		jobs = nil
		var ids []int64
		err := x.query(ctx, func(scan scanner) error {
			var j store.Job
			var due, attempts int64
			err := scan(&j.ID, &j.Name, (*int64)(&j.Scope), &j.Payload, &due, &attempts)
			j.Due, j.Attempts = instant(due), int(attempts)+1
			jobs, ids = append(jobs, j), append(ids, j.ID)
			return err
		}, "SELECT id, name, scope, payload, due, attempts FROM job WHERE due <= $1 ORDER BY due, id"+limitOf("$2")+x.d.skipLocked(), millis(now), int64(n))
		if err != nil || len(ids) == 0 {
			return err
		}
		list, err := x.d.list(ids)
		if err != nil {
			return err
		}
		return x.exec(ctx, "UPDATE job SET due = $1, attempts = attempts + 1 WHERE "+x.d.among("id", 2), millis(now.Add(lease)), list)
	})
	if err != nil {
		return nil, err
	}
	return jobs, nil
}

// Finish implements store.Store.
func (s *Store) Finish(ctx context.Context, id int64) error {
	return s.submit(ctx, noScope, func(x *tx) error { return x.exec(ctx, "DELETE FROM job WHERE id = $1", id) })
}
