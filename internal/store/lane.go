package store

import (
	"context"
	"time"

	"github.com/typecase/typecase/internal/cms"
)

// What follows is the state of work that goes along the change log and must
// neither lose a change nor happen twice at the same time, such as webhooks. It
// stands beside the log: no write to a resource touches it.

// LaneID names the way of one follower through the log of one scope.
type LaneID struct {
	Space    Scope  // the follower's
	Follower string // id of a webhook
	Log      Scope  // whose changes: the space or an environment in it
}

// Lane says how far a follower is.
type Lane struct {
	LaneID
	Seq int64 // every change up to this one is dealt with, or parked
}

// Parked is a change that the lane has gone past without success.
type Parked struct {
	Lane     LaneID
	Seq      int64
	Kind     cms.Kind
	ID       string
	Due      time.Time // of the next attempt; zero: given up
	Attempts int
	Since    time.Time // of the first attempt; zero before it
	Reason   string    // why the last attempt failed
}

// Call is the record of one attempt. Both bodies are the follower's own.
type Call struct {
	Follower string
	ID       string
	Summary  []byte
	Detail   []byte // not read by Calls
}

// Settlement is what a holder has done on a lane, to be kept in one piece.
type Settlement struct {
	Lane    Lane // with the position to go on from
	Holder  string
	Until   time.Time // the lease from now on
	Release bool      // gives the lane back: from Until on anybody may take it
	Due     time.Time // of the first parked change; zero if none waits
	Parked  []Parked  // to be added, or replaced
	Done    []int64   // parked changes to be removed
	Calls   []Call    // in order
	MaxDead int       // how many given up changes of the lane to keep, the latest
	MaxCall int       // how many calls of the follower to keep, the latest
}

// Behind says how much is to be done on all lanes.
type Behind struct {
	Lanes   int64
	Changes int64 // not looked at
	Parked  int64 // to be tried again
	Dead    int64 // given up
}

// Lanes is the part of a Store that keeps lanes.
type Lanes interface {
	// LeaseLanes takes up to n lanes that have something to do at now (a change
	// not dealt with, a parked one that is due, a recall) and that nobody holds,
	// and holds them for holder until the given time. A lane that was recalled to
	// an earlier position comes with that, without what was parked behind it.
	LeaseLanes(ctx context.Context, holder string, now, until time.Time, n int) ([]Lane, error)

	// Settle keeps what a holder has done. fault.NotFound: the lane is gone or is
	// somebody else's, and nothing was kept. recalled: the holder is to finish what
	// it has begun and to give the lane back.
	Settle(ctx context.Context, s Settlement) (recalled bool, err error)

	// ReleaseLanes gives back all lanes that a holder has not, because it died.
	ReleaseLanes(ctx context.Context, holder string) error

	// Parked returns up to limit parked changes of a lane with Seq > after, in
	// order: those that were given up, or the others.
	Parked(ctx context.Context, id LaneID, dead bool, after int64, limit int) ([]Parked, error)

	// LanesOf returns the lanes of a follower, ordered by log.
	LanesOf(ctx context.Context, space Scope, follower string) ([]Lane, error)

	// Calls returns the kept calls of a follower without their details, the latest
	// first.
	Calls(ctx context.Context, space Scope, follower string) ([]Call, error)

	// Call returns one call; fault.NotFound if it is not kept.
	Call(ctx context.Context, space Scope, follower, id string) (Call, error)

	// Behind counts what is to be done.
	Behind(ctx context.Context) (Behind, error)
}

// LanesTx is the part of a Tx that keeps lanes.
type LanesTx interface {
	// OpenLane makes a lane. One that exists stays as it is.
	OpenLane(ctx context.Context, l Lane) error

	// Recall has a lane looked at anew, and by whoever holds it given back first.
	// With back >= 0 it goes on from there, if that is not ahead of where it is.
	// No lane of this id: nothing happens.
	Recall(ctx context.Context, id LaneID, back int64) error

	// Park adds a parked change to a lane, or replaces it.
	Park(ctx context.Context, p Parked) error

	// CloseLanes removes the lanes of a follower with all that is kept for them.
	CloseLanes(ctx context.Context, space Scope, follower string) error
}
