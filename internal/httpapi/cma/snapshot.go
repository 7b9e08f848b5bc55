package cma

import (
	"encoding/json"
	"strings"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// snapshotJSON is a snapshot of the management API.
type snapshotJSON struct {
	Sys      snapshotSys `json:"sys"`
	Snapshot any         `json:"snapshot"`
}

type snapshotSys struct {
	Space              *cms.Link `json:"space"`
	ID                 string    `json:"id"`
	Type               string    `json:"type"`
	CreatedAt          string    `json:"createdAt"`
	UpdatedAt          string    `json:"updatedAt"`
	Environment        *cms.Link `json:"environment"`
	CreatedBy          *cms.Link `json:"createdBy,omitempty"`
	UpdatedBy          *cms.Link `json:"updatedBy,omitempty"`
	SnapshotType       string    `json:"snapshotType"`
	SnapshotEntityType cms.Kind  `json:"snapshotEntityType"`
}

// publishedEntry is an entry as a snapshot holds it, which is without metadata.
type publishedEntry struct {
	Sys    entitySys       `json:"sys"`
	Fields json.RawMessage `json:"fields"`
}

func (a *api) snapshotOf(c *httpapi.Call, kind cms.Kind, s authoring.Snapshot) snapshotJSON {
	content := a.contentOf(c, s.Content)
	if e, ok := content.(entityJSON); ok {
		content = publishedEntry{e.Sys, e.Fields}
	}
	at, by := millis(s.At), link(cms.KindUser, s.By)
	return snapshotJSON{Sys: snapshotSys{
		Space: link(cms.KindSpace, c.Place.SpaceID), ID: s.ID, Type: "Snapshot", CreatedAt: at, UpdatedAt: at,
		Environment: link(cms.KindEnvironment, c.Place.EnvironmentID), CreatedBy: by, UpdatedBy: by,
		SnapshotType: "publish", SnapshotEntityType: kind,
	}, Snapshot: content}
}

func (a *api) listSnapshots(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		found, err := a.s.Snapshots(c.Context(), c.Place, kind, c.PathValue("id"), c.URL.Query())
		if err != nil {
			return httpapi.Reply{}, err
		}
		items := make([]any, len(found.Items))
		for i, snap := range found.Items {
			if items[i], err = selectedPaths(found.Select, a.snapshotOf(c, kind, snap)); err != nil {
				return httpapi.Reply{}, err
			}
		}
		return sized(collect(items, found.Total, found.Skip, found.Limit), items)
	}
}

func (a *api) getSnapshot(kind cms.Kind) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		s, err := a.s.Snapshot(c.Context(), c.Place, kind, c.PathValue("id"), c.PathValue("snapshot"))
		if err != nil {
			return httpapi.Reply{}, err
		}
		return httpapi.OK(a.snapshotOf(c, kind, s)), nil
	}
}

// selectedPaths is what paths of any depth leave of an item; nil leaves everything.
func selectedPaths(paths []string, item any) (any, error) {
	if paths == nil {
		return item, nil
	}
	raw, err := json.Marshal(item)
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "encoding an item")
	}
	out := map[string]any{}
	for _, path := range paths {
		keep(out, raw, strings.Split(path, "."))
	}
	return out, nil
}

// keep copies the value at a path, if there is one. What has been copied whole
// stays whole.
func keep(into map[string]any, from json.RawMessage, path []string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(from, &members) != nil { // no object: it has no members
		return
	}
	value, ok := members[path[0]]
	if !ok {
		return
	}
	if len(path) == 1 {
		into[path[0]] = value
		return
	}
	inner, ok := into[path[0]].(map[string]any)
	if !ok {
		if into[path[0]] != nil {
			return
		}
		inner = map[string]any{}
	}
	keep(inner, value, path[1:])
	if len(inner) > 0 {
		into[path[0]] = inner
	}
}
