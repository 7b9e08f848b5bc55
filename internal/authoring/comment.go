package authoring

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// commentPlace is what a comment may be about: a field, or one in one locale.
var commentPlace = regexp.MustCompile(`^fields\.[a-zA-Z][a-zA-Z0-9_]{0,63}(\.[a-zA-Z0-9-]{2,11})?$`)

// CommentInput is a new comment, or what becomes of one.
type CommentInput struct {
	Body []byte
	Rich bool // the text is rich text

	// New comments only.
	Parent    string // id of the comment that it answers; "" begins a thread
	Reference string // the place that it is about; "" is none
	Version   int    // workflows: the version that it is about
}

// KindWorkflowVersion is how a version of a workflow is called where it is missing.
const KindWorkflowVersion cms.Kind = "WorkflowVersion"

// commented is the version of what comments are on. What was said about a workflow
// belongs to its changelog: it can be read, and added to, when the workflow has ended.
func commented(ctx context.Context, r store.Reader, p access.Place, kind cms.Kind, id string) (version int, err error) {
	h, err := r.Get(ctx, p.Environment, kind, id)
	if fault.Is(err, fault.NotFound) && kind == cms.KindWorkflow {
		latest, err := r.ChangesOf(ctx, p.Environment, kind, id, store.Point{}, 1)
		if err != nil {
			return 0, err
		}
		if len(latest) == 1 && latest[0].Scope == p.Environment {
			return latest[0].Version, nil
		}
	}
	return h.Version, missing(err, p, kind, id)
}

// Comments lists all comments on an entry, a content type or a workflow, the first
// one first: those that have the "status" that is asked for, and of workflows those
// on a version; 0 is any.
func (s *Service) Comments(ctx context.Context, p access.Place, kind cms.Kind, id string, on int, params url.Values) ([]Resource[cms.Comment], error) {
	status := params.Get("status")
	if params.Has("status") && status != cms.StatusActive && status != cms.StatusResolved {
		d := badParam("status", status, "Value must be one of expected values")
		d.Expected = []any{cms.StatusActive, cms.StatusResolved}
		return nil, fault.Invalid(fault.InvalidQuery, d)
	}
	version, err := commented(ctx, s.Store, p, kind, id)
	if err != nil {
		return nil, err
	}
	if on > version {
		return nil, fault.Missing(string(KindWorkflowVersion), strconv.Itoa(on), p.EnvironmentID, p.SpaceID)
	}
	all, err := partsOf[cms.Comment](ctx, s.Store, p, cms.KindComment, cms.CommentsOn(kind, id))
	return slices.DeleteFunc(all, func(c Resource[cms.Comment]) bool {
		return status != "" && c.Value.Status != status || on != 0 && c.Value.Version != on
	}), err
}

// Comment returns a comment.
func (s *Service) Comment(ctx context.Context, p access.Place, kind cms.Kind, of, id string) (Resource[cms.Comment], error) {
	return part[cms.Comment](ctx, s.Store, p, cms.KindComment, cms.CommentsOn(kind, of), id)
}

// CreateComment comments on an entry or a content type, or on a version of a
// workflow, which has one comment.
func (s *Service) CreateComment(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, of string, in CommentInput) (out Resource[cms.Comment], err error) {
	next, err := s.readComment(ctx, in)
	if err != nil {
		return out, err
	}
	next.Status, next.Parent, next.Reference, next.Version = cmp.Or(next.Status, cms.StatusActive), in.Parent, in.Reference, in.Version
	if in.Reference != "" && !commentPlace.MatchString(in.Reference) {
		return out, fault.New(fault.BadRequest, `The header "X-Contentful-Parent-Entity-Reference" must be a field, and may name a locale: fields.title.en-US.`)
	}
	if kind == cms.KindEntry && in.Reference != "" {
		if err := s.hasPlace(ctx, p, of, in.Reference); err != nil {
			return out, err
		}
	}
	id, owner := s.IDs.New(), cms.CommentsOn(kind, of)
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		version, err := commented(ctx, tx, p, kind, of)
		if err != nil {
			return err
		}
		if kind == cms.KindWorkflow {
			if err := freeVersion(ctx, tx, p, owner, version, in.Version); err != nil {
				return err
			}
		}
		if in.Parent != "" {
			if _, err := part[cms.Comment](ctx, tx, p, cms.KindComment, owner, in.Parent); err != nil {
				return err
			}
		}
		out, err = addPart(ctx, s, tx, p, cms.KindComment, owner, id, a.User, next)
		return err
	})
	return out, err
}

// hasPlace refuses a comment about a field or a locale that its entry cannot have, which
// no editor would show.
func (s *Service) hasPlace(ctx context.Context, p access.Place, entry, reference string) error {
	model, err := s.model(ctx, p)
	if err != nil {
		return err
	}
	h, err := s.head(ctx, p, cms.KindEntry, entry)
	if err != nil {
		return missing(err, p, cms.KindEntry, entry)
	}
	steps := strings.Split(reference, ".") // as commentPlace has them
	var problems []fault.Detail
	if ct := model.Types[h.ContentType]; ct != nil && ct.Field(steps[1]) == nil {
		ids := make([]string, len(ct.Fields))
		for i := range ct.Fields {
			ids[i] = ct.Fields[i].ID
		}
		problems = append(problems, unknown(fault.Raw(steps[1]), ids, "fields", steps[1]))
	}
	if len(steps) > 2 {
		problems = append(problems, unknownCodes(model.Locales, steps[2:])...)
	}
	if problems == nil {
		return nil
	}
	for i := range problems {
		problems[i].Path, problems[i].Elsewhere = []any{"X-Contentful-Parent-Entity-Reference"}, true
	}
	return fault.Invalid(fault.ValidationFailed, problems...)
}

// freeVersion refuses a second comment on a version of a workflow, and one on a
// version that it has not had.
func freeVersion(ctx context.Context, r store.Reader, p access.Place, owner string, latest, version int) error {
	if version < 1 || version > latest {
		return fault.Missing(string(KindWorkflowVersion), strconv.Itoa(version), p.EnvironmentID, p.SpaceID)
	}
	all, err := partsOf[cms.Comment](ctx, r, p, cms.KindComment, owner)
	if slices.ContainsFunc(all, func(c Resource[cms.Comment]) bool { return c.Value.Version == version }) {
		return fault.New(fault.Forbidden, "There is a comment on version %d of the workflow already, which is the most there can be.", version)
	}
	return err
}

// PutComment replaces the text of a comment, or its status, which everybody may
// change.
func (s *Service) PutComment(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, of, id string, v Version, in CommentInput) (out Resource[cms.Comment], err error) {
	next, err := s.readComment(ctx, in)
	if err != nil {
		return out, err
	}
	owner := cms.CommentsOn(kind, of)
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		now, err := part[cms.Comment](ctx, tx, p, cms.KindComment, owner, id)
		if err != nil {
			return err
		}
		if err := v.check(now.Sys); err != nil {
			return err
		}
		if next.Text != now.Value.Text || !sameJSON(next.Rich, now.Value.Rich) {
			if err := ownersOnly(ctx, tx, a, now.Sys, "change the text of a comment"); err != nil {
				return err
			}
		}
		now.Value.Text, now.Value.Rich, now.Value.Status = next.Text, next.Rich, cmp.Or(next.Status, now.Value.Status)
		out, err = changePart(ctx, s, tx, p, cms.KindComment, owner, a.User, now)
		return err
	})
	return out, err
}

// DeleteComment removes a comment with all answers to it.
func (s *Service) DeleteComment(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, of, id string, v Version) error {
	owner := cms.CommentsOn(kind, of)
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		now, err := part[cms.Comment](ctx, tx, p, cms.KindComment, owner, id)
		if err != nil {
			return err
		}
		if err := v.check(now.Sys); err != nil {
			return err
		}
		if err := ownersOnly(ctx, tx, a, now.Sys, "delete a comment"); err != nil {
			return err
		}
		all, err := partsOf[cms.Comment](ctx, tx, p, cms.KindComment, owner)
		if err != nil {
			return err
		}
		for _, c := range thread(all, now) {
			if err := tx.Delete(ctx, p.Environment, cms.KindComment, cms.PartID(owner, c.ID), c.Version, a.User, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// thread is a comment with the answers to it, and those to them, each before what
// answers it.
func thread(all []Resource[cms.Comment], first Resource[cms.Comment]) []Resource[cms.Comment] {
	out := []Resource[cms.Comment]{first}
	for i := 0; i < len(out); i++ {
		for _, c := range all {
			if c.Value.Parent == out[i].ID {
				out = append(out, c)
			}
		}
	}
	return out
}

// readComment reads the body of a comment.
func (s *Service) readComment(ctx context.Context, in CommentInput) (cms.Comment, error) {
	var b bodyReader
	var c cms.Comment
	members := b.object(in.Body, nil, "sys", "body", "status")
	if members == nil {
		return c, b.err()
	}
	c.Status = b.status(members["status"])
	if !in.Rich {
		c.Text = b.remark(members["body"], []any{"body"})
		return c, b.err()
	}
	doc := b.commentDocument(members["body"], []any{"body"})
	if err := b.err(); err != nil {
		return c, err
	}
	for _, m := range doc.mentions {
		if err := s.assignable(ctx, m.target, m.path...); err != nil {
			return c, err
		}
	}
	var rich bytes.Buffer
	if err := json.Compact(&rich, members["body"]); err != nil {
		return c, fault.Wrap(err, fault.ServerError, "reading a checked comment")
	}
	c.Text, c.Rich = doc.text, rich.Bytes()
	return c, nil
}
