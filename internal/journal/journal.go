// Package journal remembers the latest requests in memory, so that a request can
// be found again by the id that its answer carries: what was asked by whom, what
// came of it, and of failures both bodies. It is bounded by number and by bytes,
// and ends with the process.
//
// It decides what may be remembered at all: no token, no password, and unless
// allowed no value of a field. It knows nothing of HTTP and of who may read it;
// that is the work of package httpapi and of the management API.
//
// Start reading at Journal and Request, then Cleaner.
package journal

import (
	"slices"
	"sync"

	"github.com/typecase/typecase/internal/fault"
)

// Options bound a journal and say what it may keep.
type Options struct {
	Requests int   // at most so many
	Bytes    int64 // and not more memory than this
	Values   bool  // the values of fields may be kept
}

// Journal is the latest requests. Writers hold its lock for a few stores only;
// readers copy pointers and search without it.
type Journal struct {
	opt Options

	mu    sync.Mutex
	list  []*Request // from first on, oldest first; none is changed any more
	first int
	bytes int64
}

// New makes an empty journal.
func New(opt Options) *Journal { return &Journal{opt: opt} }

// Add takes a request in, which must not change afterwards, and forgets the
// oldest ones as far as the bounds demand.
func (j *Journal) Add(r *Request) {
	size := r.size()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, r)
	j.bytes += size
	for len(j.list)-j.first > j.opt.Requests || j.bytes > j.opt.Bytes {
		j.bytes -= j.list[j.first].size()
		j.list[j.first] = nil
		j.first++
	}
	if j.first > len(j.list)/2 {
		n := copy(j.list, j.list[j.first:])
		clear(j.list[n:])
		j.list, j.first = j.list[:n], 0
	}
}

// Held is how many requests are remembered, and what memory they take.
func (j *Journal) Held() (n int, bytes int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.list) - j.first, j.bytes
}

// Get finds a request by its id. Clients may choose ids: of several with the
// same one it is the latest.
func (j *Journal) Get(id string) (Request, bool) {
	for _, r := range slices.Backward(j.snapshot()) {
		if r.ID == id {
			return *r, true
		}
	}
	return Request{}, false
}

// Page is a part of what Find found, newest first and without bodies.
type Page struct {
	Total int
	Items []Request
}

// Find lists the requests that pass a filter.
func (j *Journal) Find(f Filter) Page {
	var found []*Request
	for _, r := range slices.Backward(j.snapshot()) {
		if f.takes(r) {
			found = append(found, r)
		}
	}
	// They come in the order of their answers.
	slices.SortStableFunc(found, func(a, b *Request) int { return b.Time.Compare(a.Time) })
	p := Page{Total: len(found), Items: []Request{}}
	found = found[min(f.Skip, len(found)):]
	for _, r := range found[:min(f.Limit, len(found))] {
		item := *r
		item.Body, item.Answer = nil, nil
		p.Items = append(p.Items, item)
	}
	return p
}

func (j *Journal) snapshot() []*Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.list[j.first:])
}

// Off is the error for a server that keeps no journal.
func Off() error {
	return fault.New(fault.BadRequest, "This server keeps no journal of requests. The setting journal.requests says how many to keep: start it with --journal.requests=1000, for example.")
}
