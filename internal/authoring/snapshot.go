package authoring

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
)

// kindSnapshot is how a snapshot is called where it is missing.
const kindSnapshot cms.Kind = "Snapshot"

// Snapshot is what an entry or content type was when it was published. It is no
// resource of its own: the change that published it stands for it, so it is in
// every copy of the environment too.
type Snapshot struct {
	ID string
	By string // user id
	At time.Time
	Content
}

// Snapshots is a page of them.
type Snapshots struct {
	Listing[Snapshot]
	Select []string // paths to show; nil is everything
}

// snapshotID names the change that published something. It is unique in a space.
func snapshotID(c store.Change) string { return fmt.Sprintf("%d.%d", c.Scope, c.Seq) }

// Snapshots lists the publications of an entry or content type, the newest first
// unless params ask for another order.
func (s *Service) Snapshots(ctx context.Context, p access.Place, kind cms.Kind, id string, params url.Values) (Snapshots, error) {
	q, err := readSnapshotQuery(params)
	if err != nil {
		return Snapshots{}, err
	}
	h, changes, err := s.publications(ctx, p, kind, id)
	if err != nil {
		return Snapshots{}, err
	}
	if q.ascending {
		slices.Reverse(changes)
	}
	out := Snapshots{Listing: Listing[Snapshot]{Total: len(changes), Skip: q.skip, Limit: q.limit}, Select: q.selected}
	changes = changes[min(q.skip, len(changes)):]
	changes = changes[:min(q.limit, len(changes))]
	model, err := s.model(ctx, p)
	if err == nil {
		err = s.prefetch(ctx, kind, changes)
	}
	if err != nil {
		return Snapshots{}, err
	}
	for _, c := range changes {
		snap, err := s.snapshot(ctx, p, model, h, c)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, snap)
	}
	return out, nil
}

// prefetch reads what changes published together, not one by one.
func (s *Service) prefetch(ctx context.Context, kind cms.Kind, changes []store.Change) (err error) {
	revs := make([]store.Revision, len(changes))
	for i, c := range changes {
		revs[i] = c.PublishedAfter
	}
	if kind == cms.KindContentType {
		_, err = s.Index.Bodies(ctx, revs)
	} else {
		_, err = s.Index.Documents(ctx, revs)
	}
	return err
}

// Snapshot returns one.
func (s *Service) Snapshot(ctx context.Context, p access.Place, kind cms.Kind, id, snapshot string) (Snapshot, error) {
	h, changes, err := s.publications(ctx, p, kind, id)
	if err != nil {
		return Snapshot{}, err
	}
	model, err := s.model(ctx, p)
	if err != nil {
		return Snapshot{}, err
	}
	for _, c := range changes {
		if snapshotID(c) == snapshot {
			return s.snapshot(ctx, p, model, h, c)
		}
	}
	return Snapshot{}, fault.Missing(string(kindSnapshot), snapshot, p.EnvironmentID, p.SpaceID)
}

// publications are the changes that published a resource, the newest first.
func (s *Service) publications(ctx context.Context, p access.Place, kind cms.Kind, id string) (store.Head, []store.Change, error) {
	h, err := s.Store.Get(ctx, p.Environment, kind, id)
	if err != nil {
		return h, nil, missing(err, p, kind, id)
	}
	var changes []store.Change
	err = s.life(ctx, p.Environment, kind, id, func(c store.Change) bool {
		if c.Action == store.Publish {
			changes = append(changes, c)
		}
		return true
	})
	return h, changes, err
}

func (s *Service) snapshot(ctx context.Context, p access.Place, model *cms.Model, h store.Head, c store.Change) (Snapshot, error) {
	w := begin(h.Sys, c)
	w.before(c)                     // which says all there is to say
	c.DraftAfter = c.PublishedAfter // some locales only, maybe
	content, err := s.contentAt(ctx, p, model, w.sys, c)
	return Snapshot{snapshotID(c), c.Actor, c.At, content}, err
}

// snapshotQuery is what is asked of a list of snapshots.
type snapshotQuery struct {
	skip, limit int
	ascending   bool
	selected    []string
}

// maxSelected is how many paths can be selected.
const maxSelected = 100

func readSnapshotQuery(params url.Values) (snapshotQuery, error) {
	problems := unknownParams(params, "skip", "limit", "order", "select")
	q := snapshotQuery{limit: between(params, "limit", 100, 0, 1000, &problems), skip: whole(params, "skip", 0, &problems)}
	switch order := last(params, "order"); order {
	case "", "-sys.createdAt", "-sys.updatedAt":
	case "sys.createdAt", "sys.updatedAt":
		q.ascending = true
	default:
		plain := strings.TrimPrefix(order, "-")
		problems = append(problems, fault.Detail{Name: "unknown", Path: anys(strings.Split(plain, ".")), Parameter: "order",
			Details:     fmt.Sprintf("The path %q is not recognized", plain),
			Suggestions: nearest.Likely(plain, slices.Values([]string{"sys.createdAt", "sys.updatedAt"}))})
	}
	for path := range strings.SplitSeq(last(params, "select"), ",") {
		path = strings.TrimSpace(path)
		if path == "" {
			continue
		}
		q.selected = append(q.selected, path)
		if root, _, _ := strings.Cut(path, "."); root != "sys" && root != "snapshot" {
			problems = append(problems, fault.Detail{Name: "unknown", Path: anys(strings.Split(path, ".")), Parameter: "select",
				Details:     fmt.Sprintf("The path %q is not recognized", path),
				Suggestions: nearest.Likely(root, slices.Values([]string{"sys", "snapshot"}))})
		}
	}
	if len(q.selected) > maxSelected {
		problems = append(problems, fault.Detail{Name: "select", Path: []any{"select"}, Details: fmt.Sprintf("At most %d properties can be selected.", maxSelected)})
	}
	if problems == nil {
		return q, nil
	}
	err := fault.Invalid(fault.InvalidQuery, problems...)
	if problems[0].Name == "value" {
		err.Message = problems[0].Details
	}
	return q, err
}
