package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

const (
	maxActiveBulk = 5 // bulk actions of an environment that have not ended
	bulkSlots     = "bulkaction.slot"
	bulkKept      = 7 * 24 * time.Hour // how long a bulk action can be read

	jobExpireAction = "action.expire" // removes a bulk action
)

// BulkAction returns a bulk action.
func (s *Service) BulkAction(ctx context.Context, p access.Place, id string) (Resource[cms.Action], error) {
	a, err := get[cms.Action](ctx, s.Store, p.Environment, cms.KindBulkAction, id)
	if fault.Is(err, fault.NotFound) {
		err = fault.Missing(string(cms.KindBulkAction), id, "", "")
	}
	return a, err
}

// CreateBulkAction begins a bulk action whose body was read by ParseBulkAction.
// All entities have to exist, in the versions that are named.
func (s *Service) CreateBulkAction(ctx context.Context, p access.Place, a access.Actor, in cms.Action) (out Resource[cms.Action], err error) {
	if err := s.present(ctx, p, in); err != nil {
		return out, err
	}
	id := s.IDs.New()
	run, err := actionJob(jobRunAction, p, cms.KindBulkAction, id)
	if err != nil {
		return out, err
	}
	expire := run
	expire.Name = jobExpireAction
	in.Status = cms.ActionCreated
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		key, free, err := slot(ctx, tx, p.Environment, bulkSlots, maxActiveBulk)
		if err != nil {
			return err
		}
		if !free {
			f := fault.New(fault.RateLimitExceeded, "There are %d bulk actions in progress, which is the most there can be. Please wait for one of them to end.", maxActiveBulk)
			f.RetryAfter = time.Second
			return f
		}
		now := s.Now()
		if out, err = put(ctx, tx, created(p.Environment, cms.KindBulkAction, id, 1, a.User, now), store.Absent, in, store.Create, a.User, now); err != nil {
			return err
		}
		if err := hold(ctx, tx, p.Environment, store.OwnerOf(cms.KindBulkAction, id), key); err != nil {
			return err
		}
		run.Due, expire.Due = now, now.Add(bulkKept)
		if err := tx.Enqueue(ctx, run); err != nil {
			return err
		}
		return tx.Enqueue(ctx, expire)
	})
	if err != nil {
		return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	s.Wake()
	return out, nil
}

// present refuses items that do not exist, or not in the version they name.
func (s *Service) present(ctx context.Context, p access.Place, a cms.Action) error {
	heads, err := s.itemHeads(ctx, s.Store, p, a.Items)
	if err != nil {
		return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	var absent, outdated []string
	var problems []fault.Detail
	var path func(i int) []any
	for i, it := range a.Items {
		name := strings.ToLower(string(it.Kind)) + " " + it.ID
		switch h, ok := heads[cms.LinkTo(it.Kind, it.ID)]; {
		case !ok:
			absent = append(absent, name)
			if path == nil { // which reads the whole body
				path = itemPath(a.Payload)
			}
			problems = append(problems, absentEntity(it, path(i)...))
		case it.Version != 0 && it.Version != h.Version:
			outdated = append(outdated, fmt.Sprintf("%s is at version %d and not %d", name, h.Version, it.Version))
		}
	}
	switch {
	case absent != nil:
		return absentEntities(some(absent, " and no "), problems...)
	case outdated != nil:
		f := fault.New(fault.VersionMismatch, "")
		f.Hint = fmt.Sprintf("Read them again: %s.", some(outdated, ", "))
		return f
	}
	return nil
}

// itemPath is where items stand in the body of a bulk action, which is of one form or
// the other.
func itemPath(body json.RawMessage) func(i int) []any {
	var list struct{ Entities []json.RawMessage }
	if json.Unmarshal(body, &list) == nil {
		return func(i int) []any { return []any{"entities", i, "entity"} }
	}
	return func(i int) []any { return []any{"entities", "items", i} }
}

// absentEntities refuses an action on what does not exist, as the original does.
func absentEntities(names string, problems ...fault.Detail) error {
	f := fault.New(fault.BadRequest, "The resource could not be found.")
	f.Hint = fmt.Sprintf("There is no %s.", names)
	f.Details = &fault.Details{Errors: problems}
	return f
}

// absentEntity is the problem of an entity that does not exist.
func absentEntity(it cms.ActionItem, path ...any) fault.Detail {
	at := fault.Pointer(path)
	return fault.Detail{Name: "notResolvable", Path: path, Pointer: &at, Link: cms.LinkTo(it.Kind, it.ID).Sys,
		Details: fmt.Sprintf("There is no %s %q.", strings.ToLower(string(it.Kind)), it.ID)}
}

// some are the first of a few names, as a list.
func some(names []string, between string) string {
	const most = 10
	if len(names) > most {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(names, between)
}

// expireAction is the handler of jobExpireAction.
func (s *Service) expireAction(ctx context.Context, j store.Job) error {
	ref, p, err := refOf(j)
	if err != nil {
		return err
	}
	return ended(s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, ref.Kind, ref.ID)
		if err != nil {
			return err
		}
		return tx.Delete(ctx, p.Environment, ref.Kind, ref.ID, h.Version, h.CreatedBy, s.Now())
	}))
}
