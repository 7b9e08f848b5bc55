package sqlstore

import (
	"context"
	"strconv"
	"time"

	"github.com/typecase/typecase/internal/store"
)

// ofLane is the condition that a row is a lane's; its arguments are laneArgs.
const ofLane = "space = $1 AND follower = $2 AND log = $3"

func laneArgs(id store.LaneID, more ...any) []any {
	return append([]any{int64(id.Space), id.Follower, int64(id.Log)}, more...)
}

// OpenLane implements store.LanesTx.
func (x *tx) OpenLane(ctx context.Context, l store.Lane) error {
	if err := storable(l.Follower); err != nil {
		return err
	}
	return x.exec(ctx, `INSERT INTO lane (space, follower, log, seq) SELECT CAST($1 AS BIGINT), $2, CAST($3 AS BIGINT), CAST($4 AS BIGINT)
		WHERE NOT EXISTS (SELECT 1 FROM lane WHERE `+ofLane+")", laneArgs(l.LaneID, l.Seq)...)
}

// Recall implements store.LanesTx.
func (x *tx) Recall(ctx context.Context, id store.LaneID, back int64) error {
	const recall = "UPDATE lane SET recalled = 1, until = CASE WHEN holder = '' THEN 0 ELSE until END"
	if back < 0 {
		return x.exec(ctx, recall+" WHERE "+ofLane, laneArgs(id)...)
	}
	// Of two recalls the one that goes further back counts.
	return x.exec(ctx, recall+", back = CASE WHEN back < 0 OR back > $4 THEN $4 ELSE back END WHERE "+ofLane, laneArgs(id, back)...)
}

// Park implements store.LanesTx.
func (x *tx) Park(ctx context.Context, p store.Parked) error {
	if err := storable(p.Lane.Follower, string(p.Kind), p.ID); err != nil {
		return err
	}
	if err := x.unpark(ctx, p.Lane, p.Seq); err != nil {
		return err
	}
	return x.exec(ctx, `INSERT INTO parked (space, follower, log, seq, kind, id, due, attempts, since, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		laneArgs(p.Lane, p.Seq, string(p.Kind), p.ID, millis(p.Due), int64(p.Attempts), millis(p.Since), p.Reason)...)
}

func (x *tx) unpark(ctx context.Context, id store.LaneID, seq int64) error {
	return x.exec(ctx, "DELETE FROM parked WHERE "+ofLane+" AND seq = $4", laneArgs(id, seq)...)
}

// CloseLanes implements store.LanesTx.
func (x *tx) CloseLanes(ctx context.Context, space store.Scope, follower string) error {
	for _, table := range []string{"lane", "parked", "hook_call"} {
		if err := x.exec(ctx, "DELETE FROM "+table+" WHERE space = $1 AND follower = $2", int64(space), follower); err != nil {
			return err
		}
	}
	return nil
}

// laneHasWork is the condition that a lane wants somebody at the time $1. The log
// is looked at inside, so that its row is not locked with the lane's.
const laneHasWork = `until <= $1 AND (recalled = 1 OR (due > 0 AND due <= $1)
	OR EXISTS (SELECT 1 FROM scope WHERE scope.id = lane.log AND scope.seq > lane.seq))`

// LeaseLanes implements store.Lanes.
func (s *Store) LeaseLanes(ctx context.Context, holder string, now, until time.Time, n int) ([]store.Lane, error) {
	if n <= 0 {
		return nil, nil
	}
	// Mostly there is nothing to do: that needs no transaction.
	work := false
	err := s.q.query(ctx, func(scan scanner) error {
		var one int64
		work = true
		return scan(&one)
	}, "SELECT 1 FROM lane WHERE "+laneHasWork+" LIMIT 1", millis(now))
	if err != nil || !work {
		return nil, err
	}
	var lanes []store.Lane
	err = s.submit(ctx, noScope, func(x *tx) error {
		lanes = nil
		var recalled []store.Lane
		err := x.query(ctx, func(scan scanner) error {
			var l store.Lane
			var back int64
			err := scan((*int64)(&l.Space), &l.Follower, (*int64)(&l.Log), &l.Seq, &back)
			if back >= 0 && back < l.Seq {
				l.Seq = back
				recalled = append(recalled, l)
			}
			lanes = append(lanes, l)
			return err
		}, "SELECT space, follower, log, seq, back FROM lane WHERE "+laneHasWork+" ORDER BY until, space, follower, log"+limitOf("$2")+x.d.skipLocked(), millis(now), int64(n))
		if err != nil {
			return err
		}
		for _, l := range recalled {
			if err := x.exec(ctx, "DELETE FROM parked WHERE "+ofLane+" AND seq > $4", laneArgs(l.LaneID, l.Seq)...); err != nil {
				return err
			}
		}
		for _, l := range lanes {
			err := x.exec(ctx, "UPDATE lane SET holder = $4, until = $5, seq = $6, back = -1, recalled = 0 WHERE "+ofLane,
				laneArgs(l.LaneID, holder, millis(until), l.Seq)...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return lanes, nil
}

// ReleaseLanes implements store.Lanes.
func (s *Store) ReleaseLanes(ctx context.Context, holder string) error {
	if !isText(holder) {
		return nil
	}
	return s.submit(ctx, noScope, func(x *tx) error {
		return x.exec(ctx, "UPDATE lane SET holder = '', until = 0 WHERE holder = $1", holder)
	})
}

// Settle implements store.Lanes.
func (s *Store) Settle(ctx context.Context, d store.Settlement) (recalled bool, err error) {
	id := d.Lane.LaneID
	err = s.submit(ctx, noScope, func(x *tx) error {
		held := false
		err := x.query(ctx, func(scan scanner) error {
			var holder string
			var flag int64
			err := scan(&holder, &flag)
			held, recalled = holder == d.Holder, flag == 1
			return err
		}, "SELECT holder, recalled FROM lane WHERE "+ofLane+x.d.forUpdate(), laneArgs(id)...)
		if err != nil {
			return err
		}
		if !held {
			return notFound()
		}
		holder := d.Holder
		if d.Release {
			holder = ""
		}
		err = x.exec(ctx, "UPDATE lane SET seq = $4, holder = $5, until = $6, due = $7 WHERE "+ofLane,
			laneArgs(id, d.Lane.Seq, holder, millis(d.Until), millis(d.Due))...)
		if err != nil {
			return err
		}
		for _, seq := range d.Done {
			if err := x.unpark(ctx, id, seq); err != nil {
				return err
			}
		}
		dead := false
		for _, p := range d.Parked {
			if err := x.Park(ctx, p); err != nil {
				return err
			}
			dead = dead || p.Due.IsZero()
		}
		if dead {
			if err := x.keepLatest(ctx, "parked", "seq", ofLane+" AND due = 0", d.MaxDead, laneArgs(id)...); err != nil {
				return err
			}
		}
		for _, c := range d.Calls {
			if err := storable(c.Follower, c.ID); err != nil {
				return err
			}
			err := x.exec(ctx, "INSERT INTO hook_call (space, follower, id, summary, detail) VALUES ($1, $2, $3, $4, $5)",
				int64(id.Space), c.Follower, c.ID, c.Summary, c.Detail)
			if err != nil {
				return err
			}
		}
		if len(d.Calls) == 0 {
			return nil
		}
		return x.keepLatest(ctx, "hook_call", "n", "space = $1 AND follower = $2", d.MaxCall, int64(id.Space), id.Follower)
	})
	return recalled, err
}

// keepLatest deletes all but the max rows with the greatest numbers. Its numbers
// are positive; the condition has the first arguments.
func (x *tx) keepLatest(ctx context.Context, table, number, condition string, max int, args ...any) error {
	return x.exec(ctx, "DELETE FROM "+table+" WHERE "+condition+" AND "+number+" <= coalesce((SELECT "+number+" FROM "+table+
		" WHERE "+condition+" ORDER BY "+number+" DESC LIMIT 1 OFFSET $"+strconv.Itoa(len(args)+1)+"), 0)", append(args, int64(max))...)
}

// Parked implements store.Lanes.
func (s *Store) Parked(ctx context.Context, id store.LaneID, dead bool, after int64, limit int) ([]store.Parked, error) {
	which := "due > 0"
	if dead {
		which = "due = 0"
	}
	var out []store.Parked
	err := s.q.query(ctx, func(scan scanner) error {
		p := store.Parked{Lane: id}
		var due, attempts, since int64
		err := scan(&p.Seq, (*string)(&p.Kind), &p.ID, &due, &attempts, &since, &p.Reason)
		p.Due, p.Attempts, p.Since = instant(due), int(attempts), instant(since)
		out = append(out, p)
		return err
	}, "SELECT seq, kind, id, due, attempts, since, reason FROM parked WHERE "+ofLane+" AND seq > $4 AND "+which+" ORDER BY seq"+limitOf("$5"),
		laneArgs(id, after, int64(limit))...)
	return out, err
}

// LanesOf implements store.Lanes.
func (s *Store) LanesOf(ctx context.Context, space store.Scope, follower string) ([]store.Lane, error) {
	if !isText(follower) {
		return nil, nil
	}
	var out []store.Lane
	err := s.q.query(ctx, func(scan scanner) error {
		l := store.Lane{LaneID: store.LaneID{Space: space, Follower: follower}}
		err := scan((*int64)(&l.Log), &l.Seq)
		out = append(out, l)
		return err
	}, "SELECT log, seq FROM lane WHERE space = $1 AND follower = $2 ORDER BY log", int64(space), follower)
	return out, err
}

// Calls implements store.Lanes.
func (s *Store) Calls(ctx context.Context, space store.Scope, follower string) ([]store.Call, error) {
	if !isText(follower) {
		return nil, nil
	}
	var out []store.Call
	err := s.q.query(ctx, func(scan scanner) error {
		c := store.Call{Follower: follower}
		err := scan(&c.ID, &c.Summary)
		out = append(out, c)
		return err
	}, "SELECT id, summary FROM hook_call WHERE space = $1 AND follower = $2 ORDER BY n DESC", int64(space), follower)
	return out, err
}

// Call implements store.Lanes.
func (s *Store) Call(ctx context.Context, space store.Scope, follower, id string) (store.Call, error) {
	c := store.Call{Follower: follower}
	if !isText(follower) || !isText(id) {
		return c, notFound()
	}
	err := s.q.query(ctx, func(scan scanner) error { return scan(&c.ID, &c.Summary, &c.Detail) },
		"SELECT id, summary, detail FROM hook_call WHERE space = $1 AND follower = $2 AND id = $3", int64(space), follower, id)
	if err == nil && c.ID == "" {
		err = notFound()
	}
	return c, err
}

// Behind implements store.Lanes.
func (s *Store) Behind(ctx context.Context) (store.Behind, error) {
	var b store.Behind
	err := s.q.query(ctx, func(scan scanner) error { return scan(&b.Lanes, &b.Changes) },
		`SELECT count(*), CAST(coalesce(sum(scope.seq - lane.seq), 0) AS BIGINT) FROM lane JOIN scope ON scope.id = lane.log`)
	if err != nil {
		return b, err
	}
	err = s.q.query(ctx, func(scan scanner) error { return scan(&b.Parked, &b.Dead) },
		`SELECT coalesce(sum(CASE WHEN due > 0 THEN 1 ELSE 0 END), 0), coalesce(sum(CASE WHEN due = 0 THEN 1 ELSE 0 END), 0) FROM parked`)
	return b, err
}
