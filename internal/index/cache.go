package index

import (
	"context"

	"github.com/maypok86/otter/v2"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// caches hold bodies and documents by revision. Revisions never change, so
// nothing in them is ever wrong.
type caches struct {
	bodies *otter.Cache[store.Revision, []byte]
	docs   *otter.Cache[store.Revision, *document]
	fresh  *written
}

// document is a decoded body with the size it had.
type document struct {
	cms.Document
	size int
}

// overhead is the memory of a cached value beside its bytes.
const overhead = 150

func newCaches(bytes int64) caches {
	return caches{
		bodies: otter.Must(&otter.Options[store.Revision, []byte]{
			MaximumWeight: uint64(max(1, bytes/2)),
			Weigher:       func(_ store.Revision, b []byte) uint32 { return uint32(len(b) + overhead) },
		}),
		docs: otter.Must(&otter.Options[store.Revision, *document]{
			MaximumWeight: uint64(max(1, bytes/8*3)),
			Weigher:       func(_ store.Revision, d *document) uint32 { return weight(d) },
		}),
		fresh: &written{half: int(bytes / 16)},
	}
}

// weight is about how much memory a document takes: values are parts of the body;
// maps and headers come on top.
func weight(d *document) uint32 { return uint32(2*d.size + 5*overhead) }

// document looks for one.
func (c caches) document(r store.Revision) (*document, bool) {
	if d, ok := c.fresh.get(r); ok {
		return d, true
	}
	return c.docs.GetIfPresent(r)
}

// drop forgets a revision.
func (c caches) drop(r store.Revision) {
	c.bodies.Invalidate(r)
	c.docs.Invalidate(r)
	c.fresh.drop(r)
}

// Bodies returns stored bodies, from the cache or with one statement per 1000
// that are not in it. They are shared: read only. Unknown revisions, and 0, are
// absent.
func (x *Index) Bodies(ctx context.Context, revs []store.Revision) (map[store.Revision][]byte, error) {
	out := make(map[store.Revision][]byte, len(revs))
	var missing []store.Revision
	for _, r := range revs {
		if r == 0 {
			continue
		}
		if b, ok := x.caches.bodies.GetIfPresent(r); ok {
			out[r] = b
		} else {
			missing = append(missing, r)
		}
	}
	x.hits.Add(int64(len(out)))
	x.misses.Add(int64(len(missing)))
	err := x.read(ctx, missing, func(r store.Revision, b []byte) error {
		x.caches.bodies.Set(r, b)
		out[r] = b
		return nil
	})
	return out, err
}

// Documents is Bodies, decoded.
func (x *Index) Documents(ctx context.Context, revs []store.Revision) (map[store.Revision]*cms.Document, error) {
	out := make(map[store.Revision]*cms.Document, len(revs))
	var missing []store.Revision
	for _, r := range revs {
		if r == 0 {
			continue
		}
		if d, ok := x.caches.document(r); ok {
			out[r] = &d.Document
		} else {
			missing = append(missing, r)
		}
	}
	x.hits.Add(int64(len(out)))
	x.misses.Add(int64(len(missing)))
	err := x.read(ctx, missing, func(r store.Revision, b []byte) error {
		d, err := decodeDocument(r, b)
		if err != nil {
			return err
		}
		x.caches.docs.Set(r, d)
		out[r] = &d.Document
		return nil
	})
	return out, err
}

// Known is what a document says if it is in memory, with the size of its body; nil
// if it is not. The database is not asked, and to be looked for here keeps nothing
// in memory for longer.
func (x *Index) Known(r store.Revision) (d *cms.Document, size int) {
	if d, ok := x.caches.fresh.get(r); ok {
		return &d.Document, d.size
	}
	if d, ok := x.caches.docs.GetEntryQuietly(r); ok {
		return &d.Value.Document, d.Value.size
	}
	return nil, 0
}

// Keep is told of a document that has been stored just now, and is asked for again
// soon: after the commit, because a revision that is rolled back becomes another one.
// body is as it was stored. The document is as Documents returns it.
func (x *Index) Keep(r store.Revision, body []byte) (*cms.Document, error) {
	d, err := decodeDocument(r, body)
	if err != nil {
		return nil, err
	}
	x.caches.fresh.add(r, d)
	return &d.Document, nil
}

func decodeDocument(r store.Revision, body []byte) (*document, error) {
	d, err := cms.ParseDocument(body)
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "stored document %d is unreadable", r)
	}
	return &document{d, len(body)}, nil
}

// read reads bodies past the caches and calls f with each that exists. Of many,
// the next ones are read while f works.
func (x *Index) read(ctx context.Context, revs []store.Revision, f func(store.Revision, []byte) error) error {
	if len(revs) == 0 {
		return nil
	}
	type page struct {
		bodies map[store.Revision][]byte
		err    error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next := func() page {
		n := min(len(revs), pageSize)
		bodies, err := x.st.Bodies(ctx, revs[:n])
		revs = revs[n:]
		return page{bodies, err}
	}
	for p := next(); ; {
		if p.err != nil {
			return p.err
		}
		var ahead chan page
		if len(revs) > 0 {
			ahead = make(chan page, 1)
			go func() { ahead <- next() }()
		}
		for r, b := range p.bodies {
			if err := f(r, b); err != nil {
				return err
			}
		}
		if ahead == nil {
			return nil
		}
		p = <-ahead
	}
}
