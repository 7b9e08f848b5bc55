package cma

import (
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
)

// sysJSON is the sys object of the management API, with the members every kind
// of resource picks from.
type sysJSON struct {
	Space            *cms.Link `json:"space,omitempty"`
	ID               string    `json:"id,omitempty"`
	Type             string    `json:"type"`
	CreatedAt        string    `json:"createdAt,omitempty"`
	UpdatedAt        string    `json:"updatedAt,omitempty"`
	Environment      *cms.Link `json:"environment,omitempty"`
	PublishedVersion int       `json:"publishedVersion,omitempty"`
	PublishedAt      string    `json:"publishedAt,omitempty"`
	FirstPublishedAt string    `json:"firstPublishedAt,omitempty"`
	ArchivedVersion  int       `json:"archivedVersion,omitempty"`
	ArchivedAt       string    `json:"archivedAt,omitempty"`
	CreatedBy        *cms.Link `json:"createdBy,omitempty"`
	UpdatedBy        *cms.Link `json:"updatedBy,omitempty"`
	PublishedBy      *cms.Link `json:"publishedBy,omitempty"`
	ArchivedBy       *cms.Link `json:"archivedBy,omitempty"`
	PublishedCounter *int      `json:"publishedCounter,omitempty"`
	Version          int       `json:"version"`
}

// contentSys is the sys of the content service: entries, assets, content
// types, editor interfaces, tags. Times have milliseconds. publishable kinds
// carry publishedCounter.
func contentSys(p access.Place, s cms.Sys, publishable bool) sysJSON {
	j := sysJSON{
		Space: link("Space", p.SpaceID), ID: s.ID, Type: string(s.Kind),
		Environment: link("Environment", p.EnvironmentID),
		CreatedAt:   millis(s.CreatedAt), UpdatedAt: millis(s.UpdatedAt),
		CreatedBy: link("User", s.CreatedBy), UpdatedBy: link("User", s.UpdatedBy),
		PublishedVersion: s.PublishedVersion, PublishedAt: millis(s.PublishedAt), PublishedBy: link("User", s.PublishedBy),
		FirstPublishedAt: millis(s.FirstPublishedAt),
		ArchivedVersion:  s.ArchivedVersion, ArchivedAt: millis(s.ArchivedAt), ArchivedBy: link("User", s.ArchivedBy),
		Version: s.Version,
	}
	if publishable {
		j.PublishedCounter = &s.PublishedCounter
	}
	return j
}

// organizationSys is the sys of the organization service: spaces,
// environments, locales, keys, webhooks. Times have whole seconds. The place
// may lack a space or an environment.
func organizationSys(p access.Place, s cms.Sys) sysJSON {
	return sysJSON{
		Space: link("Space", p.SpaceID), ID: s.ID, Type: string(s.Kind), Environment: link("Environment", p.EnvironmentID),
		CreatedAt: seconds(s.CreatedAt), UpdatedAt: seconds(s.UpdatedAt),
		CreatedBy: link("User", s.CreatedBy), UpdatedBy: link("User", s.UpdatedBy),
		Version: s.Version,
	}
}

func link(kind cms.Kind, id string) *cms.Link {
	if id == "" {
		return nil
	}
	l := cms.LinkTo(kind, id)
	return &l
}

func millis(t time.Time) string { return format(t, "2006-01-02T15:04:05.000Z") }

func seconds(t time.Time) string { return format(t, "2006-01-02T15:04:05Z") }

func format(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(layout)
}

// collection is the envelope of a list.
type collection[T any] struct {
	Sys   arraySys `json:"sys"`
	Total int      `json:"total"`
	Skip  int      `json:"skip"`
	Limit int      `json:"limit"`
	Items []T      `json:"items"`
}

type arraySys struct {
	Type string `json:"type"`
}

// collect makes a collection; items is never null in JSON.
func collect[T any](items []T, total, skip, limit int) collection[T] {
	if items == nil {
		items = []T{}
	}
	return collection[T]{Sys: arraySys{"Array"}, Total: total, Skip: skip, Limit: limit, Items: items}
}
