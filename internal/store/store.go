// Package store is the storage seam: what Typecase asks of a database, and
// what it may rely on. Package sqlstore implements it for SQLite and
// PostgreSQL; package storetest is the suite every implementation passes.
//
// Three ideas hold everything. A revision is an immutable JSON body, written
// once. A head is the current state of one resource: version, lifecycle and
// the revisions that are its draft and its published face. A change is one row
// of an append-only, gap-free log per scope. A write is one transaction over
// revision, head, change and unique keys; everything else (read model,
// webhooks, caches) follows from the change log. The database is never asked a
// question about a field's value.
//
// Start reading at Store and Tx.
package store

import (
	"context"
	"time"

	"github.com/typecase/typecase/internal/cms"
)

// Scope is a container of resources with a change log of its own: the server,
// a space or an environment. Ids of scopes are never reused.
type Scope int64

// Server is the one scope that always exists: organizations, users, access
// tokens and spaces.
const Server Scope = 1

// Revision identifies an immutable body. 0 is no revision.
type Revision int64

// Head is the current state of one resource.
type Head struct {
	Scope Scope
	cms.Sys
	Draft     Revision // the current body
	Published Revision // the published body; 0 when unpublished
	Child     Scope    // spaces and environments: the scope of what they contain; else 0
}

// Action says what a change did.
type Action string

// The actions.
const (
	Create    Action = "create"
	Save      Action = "save"
	Publish   Action = "publish"
	Unpublish Action = "unpublish"
	Archive   Action = "archive"
	Unarchive Action = "unarchive"
	Delete    Action = "delete"
	Restore   Action = "restore"  // back from the trash
	Complete  Action = "complete" // of workflows, which are then deleted
	Begin     Action = "begin"    // of what is done in the background, and of what it is about: noted, and nobody is told
	Execute   Action = "execute"  // of what is done in the background, when it has ended in whatever way
	Cancel    Action = "cancel"   // of what was to be done, and will not be
)

// Change is one row of a scope's log. Sequence numbers of a scope are 1, 2, 3 …
// without gaps, in the order of commit.
type Change struct {
	Scope  Scope
	Seq    int64
	Kind   cms.Kind
	ID     string
	Action Action
	// The head's revisions before and after; 0 where there was or is none.
	DraftBefore, DraftAfter         Revision
	PublishedBefore, PublishedAfter Revision
	Version                         int // after the change; for Delete the last one
	Publications                    int // Sys.PublishedCounter after the change; for Delete the last one
	ContentType                     string
	Actor                           string // user id
	At                              time.Time
	Cause                           string // as Write.Cause
}

// Point is a place in the log of a scope.
type Point struct {
	Scope Scope
	Seq   int64
}

// Point is where the change stands.
func (c Change) Point() Point { return Point{c.Scope, c.Seq} }

// Resource names a resource inside a scope.
type Resource struct {
	Kind cms.Kind
	ID   string
}

// Discarded is a resource in the trash of its scope.
type Discarded struct {
	Head        // as it was
	Seq  int64  // of the change that deleted it
	By   string // user id
	At   time.Time
}

// Key is a value that only one owner of a scope may hold, such as a locale's
// code, a token's hash or the value of a unique field.
type Key struct {
	Space string // what is unique: "locale.code", "token", "field:<type>.<field key>.<locale key>" …
	Value string // compared byte by byte
}

// Conflict is a key someone else holds.
type Conflict struct {
	Key
	Owner string
}

// Ahead is what a write will ask about keys: who owns some, as for Tx.Owner, and
// what the owners have whose keys it sets, as for Tx.SetKeys.
type Ahead struct {
	Keys   []Key
	Owners []string
}

// Position is how far a scope has come. Model is the sequence number of the
// last change to a locale, a content type or a workflow definition in it: whoever
// validated against an older model must validate again.
type Position struct {
	Seq   int64
	Model int64
}

// Reader reads committed state (on Store) or the transaction's own (on Tx).
// Absent resources are fault.NotFound without details; the caller adds them.
type Reader interface {
	// Get returns one head.
	Get(ctx context.Context, s Scope, k cms.Kind, id string) (Head, error)

	// GetMany returns the heads that exist among ids, in no particular order,
	// in one statement for up to 1000 ids.
	GetMany(ctx context.Context, s Scope, k cms.Kind, ids []string) ([]Head, error)

	// List returns up to limit heads of a kind with id > after, ordered by id
	// byte by byte. An empty kind lists all kinds, ordered by kind and id; after
	// is then "<kind>/<id>".
	List(ctx context.Context, s Scope, k cms.Kind, after string, limit int) ([]Head, error)

	// AcrossEnvironments returns the heads that the environments of a space have of
	// one kind and id, in no particular order, in one statement.
	AcrossEnvironments(ctx context.Context, space Scope, k cms.Kind, id string) ([]Head, error)

	// Has reports whether the scope has a resource of this kind and content
	// type; contentType "" means any.
	Has(ctx context.Context, s Scope, k cms.Kind, contentType string) (bool, error)

	// Bodies returns the bodies of these revisions in one statement for up to
	// 1000 of them. Unknown revisions are absent from the map.
	Bodies(ctx context.Context, revs []Revision) (map[Revision][]byte, error)

	// Position returns how far a scope has come; fault.NotFound if it is gone.
	Position(ctx context.Context, s Scope) (Position, error)

	// Changes returns up to limit changes with Seq > after, in order.
	Changes(ctx context.Context, s Scope, after int64, limit int) ([]Change, error)

	// ChangesOf returns up to limit changes to one resource, the newest first:
	// those of the scope's own log and, behind them, those of the environments it
	// was copied from, up to the copy. It goes on behind before; the zero Point is
	// the beginning. It costs what it returns, whatever else is in the logs.
	ChangesOf(ctx context.Context, s Scope, k cms.Kind, id string, before Point, limit int) ([]Change, error)

	// Trash returns up to limit of what a scope has in its trash with Seq < before,
	// the newest first; 0 is the beginning. An empty kind means any.
	Trash(ctx context.Context, s Scope, k cms.Kind, before int64, limit int) ([]Discarded, error)

	// Owner returns who holds a key, "" if nobody.
	Owner(ctx context.Context, s Scope, k Key) (string, error)

	// Owners returns who holds each of these keys, in one statement for up to 1000
	// of a Key.Space. Keys that nobody holds are absent from the map.
	Owners(ctx context.Context, s Scope, keys []Key) (map[Key]string, error)
}

// Store is a database.
type Store interface {
	Reader
	Lanes
	Usages

	// Update runs fn in a transaction that holds the scope's write lock from the
	// beginning, so fn sees the newest state of the scope and nobody else writes
	// to it meanwhile. When Update returns nil, everything fn did is on disk.
	// When fn returns an error nothing of it is kept and Update returns that
	// error. fn may run more than once (a lost race, a joint commit that failed, a
	// resource that was taken for absent), and only the last run counts: it must
	// have no effect outside tx. It must be quick: writers wait in line. If the scope does not exist, Update returns fault.NotFound without
	// running fn. fn runs on the caller's goroutine: when it panics, nothing of it
	// is kept and Update panics. When ctx ends before the write's turn comes, fn
	// does not run; after that Update waits and says what became of it.
	//
	// When ctx supposes something of the scope that is wrong, Update returns
	// ErrSupposed without running fn.
	//
	// What fn will ask about keys of the scope can be said ahead: it is read along
	// with the lock, for all writes that share the transaction at once, and fn finds
	// it at hand. It may ask about others too.
	Update(ctx context.Context, s Scope, fn func(tx Tx) error, ahead ...Ahead) error

	// Ping asks the database whether it answers.
	Ping(ctx context.Context) error

	// Seen is GetMany for who has asked for the scope's Position before, or supposes
	// it: it gives the heads as they are at Committed or later, and what this process
	// has read or written lately it need not ask for.
	Seen(ctx context.Context, s Scope, k cms.Kind, ids ...string) ([]Head, error)

	// Suppose is where a scope is as far as this process knows, without asking the
	// database, for who writes with it by Supposing. It is nil when that is not known,
	// or when others write to the scope too and would often prove it wrong. What Seen
	// gives meanwhile is as it was there or later.
	Suppose(s Scope) *Supposition

	// Confirm asks the database whether a scope is still where it is supposed to be, for
	// who has found something out by it without writing. It is not when this process
	// has written since, which others may have seen, or the database does not answer.
	Confirm(ctx context.Context, p *Supposition) bool

	// Lately returns what has changed in a scope after a number, and the heads that
	// there are of what has changed, all as it is at Committed and without asking the
	// database. ok says that this process knows it all, and that there is something.
	Lately(s Scope, after int64) (changes []Change, heads []Head, ok bool)

	// BodiesWithin is Bodies for who has room for some bytes only: it reads no more
	// when it has read so many. all is false if it may have left out others.
	BodiesWithin(ctx context.Context, revs []Revision, bytes int) (bodies map[Revision][]byte, all bool, err error)

	// Committed returns the newest sequence number of the scope that this
	// process has committed or seen, without asking the database; 0 if none.
	Committed(s Scope) int64

	// Moved returns a channel that is closed when Committed(s) changes, or when
	// this process drops the scope. Ask for it before looking at what may change.
	Moved(s Scope) <-chan struct{}

	// Lease takes up to n jobs that are due at now and hides them from everyone
	// until the lease ends; a job not finished by then is given out again.
	Lease(ctx context.Context, now time.Time, lease time.Duration, n int) ([]Job, error)

	// Finish removes a job.
	Finish(ctx context.Context, id int64) error

	// Statements returns how many SQL statements this store has sent so far; for
	// tests and metrics.
	Statements() int64

	// Commits returns how many transactions of this store have changed something
	// so far, and how many calls of Update are in them: those that come at the same
	// time share one.
	Commits() (commits, writes int64)

	Close() error
}

// Job is a piece of background work. Jobs are idempotent: one may run twice.
type Job struct {
	ID       int64
	Name     string
	Scope    Scope
	Payload  []byte // JSON
	Due      time.Time
	Attempts int // leases so far, this one included
}

// Write is one change to one resource.
type Write struct {
	// Head is the new state. Scope, Kind and ID say which resource; the rest is
	// stored as it stands, except that Body, when given, becomes a new revision
	// and Head.Draft points to it.
	Head Head
	// Was is the version the resource must have now; Absent if it must not exist.
	Was int
	// Body is the new body, or nil to keep Head.Draft.
	Body []byte
	// PublishBody makes the new revision the published one too.
	PublishBody bool
	// PublishedBody, when given, becomes a new revision too, and Head.Published
	// points to it: what is published differs from every draft there was.
	PublishedBody []byte
	Action        Action
	Actor         string
	At            time.Time
	// Cause names the actions that the write is part of, as OwnerOf names
	// resources, with spaces between; "" when a request asked for it. A release comes
	// with the version it has, as ReleaseVersion/3.
	Cause string
}

// Absent as Write.Was creates: it fails when the resource exists.
const Absent = -1

// Tx writes. All methods are part of the one transaction of Store.Update.
type Tx interface {
	Reader
	LanesTx

	// Put stores a resource and appends to the change log. It returns the head
	// as stored, its times to the millisecond. Names and ids that no database
	// holds (over 1000 bytes, not UTF-8, or with a NUL) are fault.BadRequest here
	// and in the other methods, and NotFound or nobody's where they are read. A resource that does not have version w.Was (or exists though
	// it must be Absent, or is gone) is fault.VersionMismatch.
	Put(ctx context.Context, w Write) (Head, error)

	// Delete removes a resource that has version was, with the keys its owner
	// (OwnerOf) holds, and appends to the change log. Another version is
	// fault.VersionMismatch, absence fault.NotFound.
	Delete(ctx context.Context, s Scope, k cms.Kind, id string, was int, actor string, at time.Time) error

	// Discard is Delete, but puts the resource into the trash of its scope. It
	// returns the number of the change.
	Discard(ctx context.Context, s Scope, k cms.Kind, id string, was int, actor string, at time.Time) (seq int64, err error)

	// TakeOut takes what the change seq deleted out of the trash; fault.NotFound if
	// it is not in there. To bring it back is a Put of its own.
	TakeOut(ctx context.Context, s Scope, seq int64) error

	// Unreachable returns the revisions of a resource that nothing in a space leads
	// to any more: no head, no trash, and no Life of the two in the history of any
	// environment. Some may be erased already. kept are its other revisions. The
	// space and its environments are locked from now on, so it stays like that.
	Unreachable(ctx context.Context, space Scope, k cms.Kind, id string) (gone, kept []Revision, err error)

	// Erase removes bodies that Unreachable has found. The resource is no leftover
	// any more.
	Erase(ctx context.Context, space Scope, k cms.Kind, id string, gone []Revision) error

	// Leftovers returns up to limit resources that a dropped environment of a space
	// had, or that are in a log that no history is read from any more, and that may
	// have left bodies behind. When none are left it forgets those logs.
	Leftovers(ctx context.Context, space Scope, limit int) ([]Resource, error)

	// SetKeys makes keys the whole set of keys that owner holds in the scope.
	// If others hold some of them, nothing changes and they are returned.
	SetKeys(ctx context.Context, s Scope, owner string, keys []Key) ([]Conflict, error)

	// NewScope makes an empty scope inside parent (a space in Server, an
	// environment in a space).
	NewScope(ctx context.Context, parent Scope) (Scope, error)

	// CopyScope copies all heads and keys of one environment into another, empty and
	// younger one of the same space, but for those of some kinds; revisions are
	// shared. The copy's log and its trash start empty, but ChangesOf goes on in the
	// log of the source.
	CopyScope(ctx context.Context, from, to Scope, leaveOut ...cms.Kind) error

	// DropScope removes a scope with everything in it, scopes inside included. The
	// log of an environment stays for its copies to be read by ChangesOf, and all its
	// bodies do until they are erased; see Leftovers.
	DropScope(ctx context.Context, s Scope) error

	// Enqueue adds a job; it becomes visible with the commit. Job.ID and
	// Attempts are ignored.
	Enqueue(ctx context.Context, j Job) error
}

// OwnerOf is how a resource is named as the owner of keys.
func OwnerOf(k cms.Kind, id string) string { return string(k) + "/" + id }
