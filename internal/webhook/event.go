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
// trash was told to be deleted, so it is created again. The first version that a
// release has of an entity is saved like all others. A scheduled action is told to be
// deleted when it is canceled, and not when it is forgotten long after its end.
func actionOf(c store.Change) string {
	switch {
	case c.Action == store.Restore:
		return string(store.Create)
	case c.Action == store.Create && (c.Kind == cms.KindReleaseEntry || c.Kind == cms.KindReleaseAsset):
		return string(store.Save)
	case c.Action == store.Cancel:
		return string(store.Delete)
	case c.Action == store.Delete && c.Kind == cms.KindScheduledAction:
		return "forget" // which is no event
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

// payload is the body that is told of a change, before any transformation: the
// delivered form for a publication, only sys for what is gone, and the form of
// the management API for everything else.
func (s *Service) payload(ctx context.Context, p access.Place, m *cms.Model, c store.Change, then past) ([]byte, error) {
	switch {
	case !needsPast(c):
		return deleted(p, c), nil
	case then.head.Published != 0 && (c.Action == store.Publish || c.Action == store.Unpublish): // some locales may stay
		return s.Delivered(ctx, p, m, then.head, then.published)
	}
	return s.Authored(ctx, p, m, then.head, then.draft, then.published)
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

// causes are the headers that name the actions a change is part of.
var causes = map[string]string{
	"BulkAction":      "X-Contentful-Bulk-Action-Id",
	"ScheduledAction": "X-Contentful-Scheduled-Action-Id",
	"Release":         "X-Contentful-Release-Id",
	"ReleaseVersion":  "X-Contentful-Release-Version-Id",
	"ReleaseAction":   "X-Contentful-Release-Action-Id",
}

// contextHeaders are the headers that say what a change is part of.
func contextHeaders(c store.Change) map[string]string {
	out := map[string]string{}
	if c.Kind == cms.KindReleaseEntry || c.Kind == cms.KindReleaseAsset {
		out[causes["Release"]] = cms.OwnerOf(c.ID)
	}
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
