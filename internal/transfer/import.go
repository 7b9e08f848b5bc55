package transfer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
)

// ImportOptions say what is imported and how.
type ImportOptions struct {
	From    string // a file in the official form, or a folder
	Assets  string // with a file: folder with the files of assets; "" to fetch them from their URLs
	KeepSys bool   // versions, counters, times and users stay what they were
	DryRun  bool   // the place is one to throw away; see Import
}

// Import puts an export into an environment: what is not there is made, what is
// there with the same values is left alone. So after one that was cut off, the same
// import again goes on where that one was.
//
// What is wrong with one resource is a problem of the report and keeps nothing else
// from going in. err is about the whole: an export that cannot be read, a database
// that does not answer.
//
// With DryRun no files are stored, and what belongs to the space or its organization is
// not written. Everything else happens in p, which has to be a copy.
func (m *Mover) Import(ctx context.Context, p access.Place, a access.Actor, opt ImportOptions) (*Report, error) {
	start := m.Now()
	m.Progress(Progress{Doing: "reading " + opt.From})
	src, err := open(ctx, opt.From, opt.Assets)
	if err != nil {
		return nil, err
	}
	defer src.close() // only read from
	x := &importer{Mover: m, src: src, p: p, a: a, opt: opt, pastLost: map[string]int{},
		r: &Report{Space: p.SpaceID, Environment: p.EnvironmentID, Path: opt.From, DryRun: opt.DryRun, Problems: []Problem{}, Notices: []string{}}}
	for _, kind := range sections {
		x.r.count(kind)
	}
	for _, step := range []func(context.Context) error{
		x.locales, x.extensions, x.concepts, x.conceptSchemes, x.contentTypes, x.editorInterfaces, x.tags,
		func(ctx context.Context) error { return x.entities(ctx, assets, cms.KindAsset) },
		func(ctx context.Context) error { return x.entities(ctx, entries, cms.KindEntry) },
		x.previews, x.uiConfig, x.enablements, x.webhooks,
	} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	x.remarks()
	x.r.Seconds = m.Now().Sub(start).Seconds()
	return x.r, nil
}

// importer is one run of Import.
type importer struct {
	*Mover
	src  source
	p    access.Place
	a    access.Actor
	opt  ImportOptions
	r    *Report
	lost int // published versions that are not in the export

	pastLost map[string]int // of how many resources the history could not be read, by list
	counting sync.Mutex     // of files, which come beside each other
}

// remarks are what the report has to say beside figures and problems.
func (x *importer) remarks() {
	kinds := x.src.strange()
	slices.Sort(kinds)
	for _, kind := range kinds {
		if n := x.src.count(kind); n > 0 {
			x.r.notice("%d %s were left out: an import does not make them.", n, kind)
		}
	}
	old := 0
	for _, name := range []string{contentTypes, assets, entries} {
		if x.opt.KeepSys {
			if n := x.src.count(histories[name]) - x.r.count(histories[name]).Total; n > 0 {
				x.r.notice("%d changes of the past were left out: they are of no %s in the export, or there were too many.", n, name)
			}
		} else {
			old += x.src.count(histories[name])
		}
		if n := x.pastLost[name]; n > 0 {
			x.r.notice("The history of %d %s was left out: it does not fit what they are now.", n, name)
		}
	}
	if old > 0 {
		x.r.notice("The export has %d changes of the past. They come along when sys is kept.", old)
	}
	if x.lost > 0 {
		x.r.notice("%d entries, assets and content types had unpublished changes, and the export has only their latest version: that one was published.", x.lost)
	}
}

// keeping is the service for writes to one resource.
func (x *importer) keeping(s sys, kind cms.Kind, id string) (*authoring.Service, error) {
	if !x.opt.KeepSys {
		return x.Authoring, nil
	}
	return x.Authoring.Keeping(s.of(kind, id))
}

// whole reports whether an error is about more than one resource.
func whole(ctx context.Context, err error) bool {
	return ctx.Err() != nil || isServerError(err)
}

// pace tells how far a list is.
func (x *importer) pace(doing, kind string, done int) {
	x.Progress(Progress{Doing: doing, Done: done, Of: x.src.count(kind)})
}

// entities receives all entries or assets, and settles them when all are there.
func (x *importer) entities(ctx context.Context, name string, kind cms.Kind) error {
	c := x.r.count(name)
	err := x.batches(ctx, name, kind, true, func(arrivals []authoring.Arrival, read int) error {
		receipts, err := x.Authoring.Receive(ctx, x.p, x.a, kind, arrivals)
		if err != nil {
			return err
		}
		for i, r := range receipts {
			x.came(name, len(arrivals[i].Past), r.Created, r.PastLost || r.Err != nil)
			if r.PastLost && r.Err == nil {
				x.pastLost[name]++
			}
			switch {
			case r.Err != nil:
				x.r.problem(name, arrivals[i].ID, "save", x.Words(r.Err))
			case r.Created:
				c.Created++
			case r.Updated:
				c.Updated++
			case r.Unchanged:
				c.Unchanged++
			}
		}
		x.pace(name, name, read)
		return nil
	})
	if err != nil {
		return err
	}
	return x.batches(ctx, name, kind, false, func(arrivals []authoring.Arrival, read int) error {
		receipts, err := x.Authoring.Settle(ctx, x.p, x.a, kind, arrivals)
		if err != nil {
			return err
		}
		for i, r := range receipts {
			switch {
			case r.Err != nil && arrivals[i].Archive:
				x.r.problem(name, arrivals[i].ID, "archive", x.Words(r.Err))
			case r.Err != nil:
				x.r.problem(name, arrivals[i].ID, "publish", x.Words(r.Err))
			case r.Published:
				c.Published++
			case r.Archived:
				c.Archived++
			}
		}
		x.pace("publishing "+name, name, read)
		return nil
	})
}

// maxBatch is how many bytes of resources are in memory together.
const maxBatch = 16 << 20

// batches reads a list and calls f with some of it at a time: the first time with
// all that can be read, and files are copied; then with what is published or
// archived. f also learns how much of the list has been read.
func (x *importer) batches(ctx context.Context, name string, kind cms.Kind, first bool, f func(arrivals []authoring.Arrival, read int) error) error {
	var some []*pending
	n, size := 0, 0
	flush := func() error {
		arrivals, err := x.withFiles(ctx, some, first)
		some, size = nil, 0
		if err != nil || len(arrivals) == 0 {
			return err
		}
		return f(arrivals, n)
	}
	past := x.pasts(ctx, name)
	defer past.close()
	err := x.src.each(ctx, name, func(raw json.RawMessage) error {
		n++
		if first {
			x.r.count(name).Total++
		}
		e, err := parseEntity(raw)
		if err != nil {
			if first {
				x.r.problem(name, orNumber(e.Sys.ID, n), "read", unreadable(err))
			}
			return nil
		}
		arrival, lost := e.arrival(kind, x.opt.KeepSys, !x.official())
		if !first && !arrival.Publish && !arrival.Archive {
			return nil
		}
		if first && lost {
			x.lost++
		}
		one := &pending{Arrival: arrival, kind: kind, sums: e.Files}
		more, err := past.give(one)
		if err != nil {
			return err
		}
		some = append(some, one)
		if size += len(raw) + more; len(some) < batch && size < maxBatch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// orNumber is how a resource is called: by its id or, without one, by its place.
func orNumber(id string, n int) string {
	if id == "" {
		return fmt.Sprintf("number %d", n)
	}
	return strings.ToValidUTF8(id, "\uFFFD")
}
