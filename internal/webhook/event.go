package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// event is a change as it is told.
type event struct {
	change  store.Change
	topic   string // ContentManagement.Entry.publish
	key     string
	payload []byte
}

// actionOf is the action that topics have for a change. What comes back from the
// trash was told to be deleted, so it is created again.
func actionOf(c store.Change) string {
	if c.Action == store.Restore {
		return string(store.Create)
	}
	return string(c.Action)
}

// topicOf is the topic that receivers see.
func topicOf(c store.Change) string {
	return "ContentManagement." + string(c.Kind) + "." + actionOf(c)
}

// keyOf is the idempotency key of a change for a webhook: whenever and however
// often it is told, it is the same.
func keyOf(webhook string, c store.Change) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%d", webhook, c.Scope, c.Seq))
	return hex.EncodeToString(sum[:])
}

// eventID names the change of an event in the records of a space; see
// cms.WebhookCall.
func eventID(log store.Scope, seq int64) string { return fmt.Sprintf("%d-%d", log, seq) }

// errGone is the fault of an event whose body the database does not keep any more.
func errGone(c store.Change) error {
	return fault.New(fault.NotFound, "The version %d of %s %s is not kept any more.", c.Version, c.Kind, c.ID)
}

// payload is the body that is told of a change, before any transformation: the
// delivered form for a publication, only sys for what is gone, and the form of
// the management API for everything else.
func (s *Service) payload(ctx context.Context, p access.Place, m *cms.Model, c store.Change) ([]byte, error) {
	if c.Action == store.Delete || c.Action == store.Unpublish && c.PublishedAfter == 0 {
		return deleted(p, c), nil
	}
	h, err := s.headAt(ctx, c)
	if err != nil {
		return nil, err
	}
	bodies, err := s.Store.Bodies(ctx, []store.Revision{h.Draft, h.Published})
	if err != nil {
		return nil, err
	}
	if bodies[h.Draft] == nil || h.Published != 0 && bodies[h.Published] == nil {
		return nil, errGone(c)
	}
	if h.Published != 0 && (c.Action == store.Publish || c.Action == store.Unpublish) { // some locales may stay
		return s.Delivered(p, m, h, bodies[h.Published])
	}
	return s.Authored(p, m, h, bodies[h.Draft], bodies[h.Published])
}

// deleted is the payload of what is not there any more.
func deleted(p access.Place, c store.Change) []byte {
	at := stamp(c.At)
	sys := map[string]any{
		"type": "Deleted" + string(c.Kind), "id": cms.OwnID(c.ID), "space": cms.LinkTo(cms.KindSpace, p.SpaceID),
		"createdAt": at, "updatedAt": at, "deletedAt": at, "deletedBy": cms.LinkTo(cms.KindUser, c.Actor),
	}
	if p.EnvironmentID != "" {
		sys["environment"] = cms.LinkTo(cms.KindEnvironment, p.EnvironmentID)
	}
	if c.ContentType != "" {
		sys["contentType"] = cms.LinkTo(cms.KindContentType, c.ContentType)
	}
	if c.Publications > 0 {
		sys["revision"] = c.Publications
	}
	b, _ := json.Marshal(map[string]any{"sys": sys}) // texts and numbers always encode
	return b
}

// headAt is the head of a resource as a change left it. Mostly it is still the
// newest; of older ones the log says what the head says no more.
func (s *Service) headAt(ctx context.Context, c store.Change) (store.Head, error) {
	now, err := s.Store.Get(ctx, c.Scope, c.Kind, c.ID)
	gone := fault.Is(err, fault.NotFound)
	if err != nil && !gone {
		return now, err
	}
	if gone || now.CreatedAt.After(c.At) { // or another of the same id
		now = store.Head{}
	}
	if now.Version == c.Version && now.Draft == c.DraftAfter && now.Published == c.PublishedAfter {
		return now, nil
	}
	h := store.Head{Scope: c.Scope, Draft: c.DraftAfter, Published: c.PublishedAfter, Child: now.Child, Sys: cms.Sys{
		Kind: c.Kind, ID: c.ID, ContentType: c.ContentType, Version: c.Version,
		CreatedAt: now.CreatedAt, CreatedBy: now.CreatedBy, UpdatedAt: c.At, UpdatedBy: c.Actor, PublishedCounter: c.Publications,
	}}
	if !now.FirstPublishedAt.After(c.At) {
		h.FirstPublishedAt = now.FirstPublishedAt
	}
	if c.Publications == now.PublishedCounter && c.PublishedAfter != 0 {
		h.PublishedAt, h.PublishedBy, h.PublishedVersion = now.PublishedAt, now.PublishedBy, now.PublishedVersion
	}
	return h, s.fromLog(ctx, &h, c)
}

// fromLog completes a head from the changes that led to it, as far back as that
// takes.
func (s *Service) fromLog(ctx context.Context, h *store.Head, c store.Change) error {
	take(h, c, c)
	const page = 100
	for at := c.Point(); h.CreatedAt.IsZero() || h.Published != 0 && h.PublishedAt.IsZero() || c.Publications > 0 && h.FirstPublishedAt.IsZero(); {
		before, err := s.Store.ChangesOf(ctx, c.Scope, c.Kind, c.ID, at, page)
		if err != nil {
			return err
		}
		for _, b := range before {
			if take(h, c, b); b.Action == store.Create {
				return nil // what is before it was another resource of the same id
			}
			at = b.Point()
		}
		if len(before) < page {
			return nil
		}
	}
	return nil
}

// take adds to a head, which is as c left it, what the change b says, which is c or
// one before it. They come from the latest to the first.
func take(h *store.Head, c, b store.Change) {
	switch b.Action {
	case store.Create:
		h.CreatedAt, h.CreatedBy = b.At, b.Actor
	case store.Archive:
		if b.Point() == c.Point() { // nothing else happens to what is archived
			h.ArchivedAt, h.ArchivedBy, h.ArchivedVersion = b.At, b.Actor, b.Version-1
		}
	case store.Publish:
		if h.Published != 0 && h.PublishedAt.IsZero() {
			h.PublishedAt, h.PublishedBy, h.PublishedVersion = b.At, b.Actor, b.Version-1
		}
		if b.Publications == 1 {
			h.FirstPublishedAt = b.At
		}
	}
}

// causes are the headers that name the actions a change is part of.
var causes = map[string]string{
	"BulkAction":      "X-Contentful-Bulk-Action-Id",
	"ScheduledAction": "X-Contentful-Scheduled-Action-Id",
	"Release":         "X-Contentful-Release-Id",
	"ReleaseAction":   "X-Contentful-Release-Action-Id",
}

// contextHeaders are the headers that say what a change is part of.
func contextHeaders(c store.Change) map[string]string {
	out := map[string]string{}
	for cause := range strings.FieldsSeq(c.Cause) {
		kind, id, _ := strings.Cut(cause, "/")
		if header := causes[kind]; header != "" {
			out[header] = id
		}
	}
	return out
}

// stamp is a time as headers and payloads have it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
