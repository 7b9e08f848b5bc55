package authoring

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// openTasks is the key of an entry that has unresolved tasks, which publishing asks
// for: to find out costs one statement, however many tasks there are.
const openTasks = "entry.tasks"

// maxRemark is the size of a task and of a comment, in bytes of plain text.
const maxRemark = 512

// tasksOf is the key that an entry with unresolved tasks has.
func tasksOf(entry string) store.Key { return store.Key{Space: openTasks, Value: entry} }

// holdBack notes whether an entry has unresolved tasks. The owner of the key is not
// a task but all of them, and is not copied with an environment either.
func holdBack(ctx context.Context, tx store.Tx, p access.Place, entry string, open bool) error {
	var keys []store.Key
	if open {
		keys = []store.Key{tasksOf(entry)}
	}
	_, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindTask, entry), keys) // nobody else wants it
	return err
}

// tasksDone refuses to publish an entry that has unresolved tasks.
func tasksDone(ctx context.Context, r store.Reader, p access.Place, pub *publication) error {
	if pub.head.Kind != cms.KindEntry || len(pub.added) == 0 {
		return nil
	}
	holder, err := r.Owner(ctx, p.Environment, tasksOf(pub.head.ID))
	if err != nil {
		return err
	}
	return pub.heldBack(holder)
}

// heldBack refuses to publish an entry that has unresolved tasks: whose key has a
// holder.
func (pub *publication) heldBack(holder string) error {
	if pub.head.Kind != cms.KindEntry || len(pub.added) == 0 || holder == "" {
		return nil
	}
	return unresolvedTasks(pub.head.ID)
}

// withTasks are the keys that those entries of an action hold which have unresolved
// tasks.
func (s *Service) withTasks(ctx context.Context, p access.Place, items []cms.ActionItem) (map[store.Key]string, error) {
	var keys []store.Key
	for _, it := range items {
		if it.Kind == cms.KindEntry && (it.Action != cms.ActionUnpublish || localeChange(it) != nil) {
			keys = append(keys, tasksOf(it.ID))
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	return s.Store.Owners(ctx, p.Environment, keys)
}

func unresolvedTasks(entry string) error {
	return hinted("Cannot publish with unresolved tasks", "Resolve them first: %s lists the tasks of the entry.", route("GET", cms.KindEntry, entry, "tasks"))
}

// Tasks lists the tasks of an entry.
func (s *Service) Tasks(ctx context.Context, p access.Place, entry string, params url.Values) (Listing[Resource[cms.Task]], error) {
	var none Listing[Resource[cms.Task]]
	if _, err := s.Store.Get(ctx, p.Environment, cms.KindEntry, entry); err != nil {
		return none, missing(err, p, cms.KindEntry, entry)
	}
	all, err := partsOf[cms.Task](ctx, s.Store, p, cms.KindTask, entry)
	if err != nil {
		return none, err
	}
	return listing(all, params, maxListing, func(t cms.Task) string { return t.Body })
}

// Task returns a task of an entry.
func (s *Service) Task(ctx context.Context, p access.Place, entry, id string) (Resource[cms.Task], error) {
	return part[cms.Task](ctx, s.Store, p, cms.KindTask, entry, id)
}

// CreateTask gives an entry a task.
func (s *Service) CreateTask(ctx context.Context, p access.Place, a access.Actor, entry string, body []byte) (out Resource[cms.Task], err error) {
	next, err := s.readTask(ctx, body)
	if err != nil {
		return out, err
	}
	next.Status = cmp.Or(next.Status, cms.StatusActive)
	id := s.IDs.New()
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		if _, err := tx.Get(ctx, p.Environment, cms.KindEntry, entry); err != nil {
			return missing(err, p, cms.KindEntry, entry)
		}
		if out, err = addPart(ctx, s, tx, p, cms.KindTask, entry, id, a.User, next); err != nil {
			return err
		}
		return s.countTasks(ctx, tx, p, entry)
	})
	return out, err
}

// countTasks finds out whether any task of an entry is unresolved.
func (s *Service) countTasks(ctx context.Context, tx store.Tx, p access.Place, entry string) error {
	tasks, err := partsOf[cms.Task](ctx, tx, p, cms.KindTask, entry)
	if err != nil {
		return err
	}
	return holdBack(ctx, tx, p, entry, slices.ContainsFunc(tasks, func(t Resource[cms.Task]) bool { return t.Value.Status == cms.StatusActive }))
}

// PutTask replaces a task. Who it is assigned to may do no more than resolve it and
// open it again, which is all that can be done with a resolved one.
func (s *Service) PutTask(ctx context.Context, p access.Place, a access.Actor, entry, id string, v Version, body []byte) (out Resource[cms.Task], err error) {
	next, err := s.readTask(ctx, body)
	if err != nil {
		return out, err
	}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		now, err := part[cms.Task](ctx, tx, p, cms.KindTask, entry, id)
		if err != nil {
			return err
		}
		if err := v.check(now.Sys); err != nil {
			return err
		}
		next := next
		next.Status = cmp.Or(next.Status, now.Value.Status)
		onlyStatus := now.Value
		onlyStatus.Status = next.Status
		switch {
		case next == onlyStatus && now.Value.AssignedTo == a.User:
		case next != onlyStatus && now.Value.Status == cms.StatusResolved:
			return hinted("Cannot edit resolved", `Open the task again first: save it with nothing changed but the status, which is then "active".`)
		default:
			if err := ownersOnly(ctx, tx, a, now.Sys, "change a task; who it is assigned to may resolve it and open it again"); err != nil {
				return err
			}
		}
		now.Value = next
		if out, err = changePart(ctx, s, tx, p, cms.KindTask, entry, a.User, now); err != nil {
			return err
		}
		return s.countTasks(ctx, tx, p, entry)
	})
	return out, missing(err, p, cms.KindTask, id)
}

// DeleteTask removes a task.
func (s *Service) DeleteTask(ctx context.Context, p access.Place, a access.Actor, entry, id string, v Version) error {
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		now, err := part[cms.Task](ctx, tx, p, cms.KindTask, entry, id)
		if err != nil {
			return err
		}
		if err := v.check(now.Sys); err != nil {
			return err
		}
		if err := ownersOnly(ctx, tx, a, now.Sys, "delete a task"); err != nil {
			return err
		}
		if err := tx.Delete(ctx, p.Environment, cms.KindTask, cms.PartID(entry, id), now.Version, a.User, s.Now()); err != nil {
			return err
		}
		return s.countTasks(ctx, tx, p, entry)
	})
}

// readTask reads the body of a task.
func (s *Service) readTask(ctx context.Context, body []byte) (cms.Task, error) {
	var b bodyReader
	var t cms.Task
	members := b.object(body, nil, "sys", "body", "assignedTo", "status", "dueDate")
	if members == nil {
		return t, b.err()
	}
	t.Body = b.remark(members["body"], []any{"body"})
	t.Status = b.status(members["status"])
	if raw := members["dueDate"]; raw != nil && !isNull(raw) {
		due, ok := read[string](&b, raw, "Date", []any{"dueDate"})
		if t.DueDate = due; ok && !validate.IsDate(due) {
			b.add(wrongType("dueDate", "Date", raw, "dueDate"))
		}
	}
	assignee := b.link(members["assignedTo"], []any{"assignedTo"}, false, string(cms.KindUser), "Team")
	if err := b.err(); err != nil {
		return t, err
	}
	t.AssignedTo = assignee.ID
	return t, s.assignable(ctx, assignee.LinkSys, "assignedTo")
}

// assignable refuses users that do not exist, and teams: there are none.
func (s *Service) assignable(ctx context.Context, l cms.LinkSys, path ...any) error {
	err := error(fault.New(fault.NotFound, ""))
	if l.LinkType == string(cms.KindUser) {
		_, err = s.Store.Get(ctx, store.Server, cms.KindUser, l.ID)
	}
	if fault.Is(err, fault.NotFound) {
		err = fault.Invalid(fault.ValidationFailed, fault.Detail{Name: "notResolvable", Path: path, Link: l, Details: fmt.Sprintf("There is no %s %q.", l.LinkType, l.ID)})
	}
	return err
}

// remark reads a short text.
func (b *bodyReader) remark(raw json.RawMessage, path []any) string {
	text, ok := read[string](b, raw, "String", path)
	if ok && (text == "" || len(text) > maxRemark) {
		b.add(fault.Detail{Name: "size", Path: path, Min: fault.Raw(1), Max: fault.Raw(maxRemark), Details: fmt.Sprintf("Size must be at least 1 and at most %d bytes", maxRemark)})
	}
	return text
}

// status reads the status of a task or comment, "" for none.
func (b *bodyReader) status(raw json.RawMessage) string {
	if raw == nil {
		return ""
	}
	return b.oneOf(raw, []any{"status"}, cms.StatusActive, cms.StatusResolved)
}
