package authoring

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

const (
	OnlyID     = "default" // id of what there is one of
	maxFolders = 200       // folders of views, and views in one
)

var noViews = json.RawMessage("[]")

// uiConfig is the configuration for all editors of an environment or, with a user,
// for one.
func uiConfig(p access.Place, user string) single[cms.UIConfig] {
	if user != "" {
		return single[cms.UIConfig]{p.Environment, cms.Sys{Kind: cms.KindUserUIConfig, ID: user}, cms.UIConfig{AssetListViews: noViews, EntryListViews: noViews}}
	}
	return single[cms.UIConfig]{p.Environment, cms.Sys{Kind: cms.KindUIConfig, ID: OnlyID}, cms.UIConfig{AssetListViews: noViews, EntryListViews: noViews, HomeViews: noViews}}
}

// UIConfig returns the configuration for all editors or, with a user, for one.
func (s *Service) UIConfig(ctx context.Context, p access.Place, user string) (Resource[cms.UIConfig], error) {
	return uiConfig(p, user).get(ctx, s.Store)
}

// PutUIConfig replaces a configuration.
func (s *Service) PutUIConfig(ctx context.Context, p access.Place, a access.Actor, user string, v Version, body []byte) (Resource[cms.UIConfig], error) {
	next, err := parseUIConfig(body, user == "")
	if err != nil {
		return Resource[cms.UIConfig]{}, err
	}
	out, err := uiConfig(p, user).put(ctx, s, a, v, next)
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// parseUIConfig reads a configuration. What is known of its parts is checked.
func parseUIConfig(body []byte, forAll bool) (cms.UIConfig, error) {
	var b bodyReader
	c := cms.UIConfig{AssetListViews: noViews, EntryListViews: noViews}
	known := []string{"sys", "assetListViews", "entryListViews"}
	if forAll {
		known = append(known, "homeViews", "livePreview", "publish", "timeline")
		c.HomeViews = noViews
	}
	members := b.object(body, nil, known...)
	part := func(dst *json.RawMessage, name string, check func(raw json.RawMessage, path []any)) {
		if raw := members[name]; raw != nil && !isNull(raw) {
			*dst = raw
			check(raw, []any{name})
		}
	}
	part(&c.AssetListViews, "assetListViews", b.folders)
	part(&c.EntryListViews, "entryListViews", b.folders)
	if forAll {
		part(&c.HomeViews, "homeViews", func(raw json.RawMessage, path []any) {
			b.each(raw, path, func(raw json.RawMessage, path []any) { b.texts(raw, path, "widgetId", "widgetNamespace") })
		})
		mode := func(name string, modes ...string) func(raw json.RawMessage, path []any) {
			return func(raw json.RawMessage, path []any) {
				if m := b.object(raw, path, name); m != nil {
					b.oneOf(m[name], below(path, name), modes...)
				}
			}
		}
		part(&c.LivePreview, "livePreview", mode("previewMode", "livePreview", "legacyPreview"))
		part(&c.Publish, "publish", mode("publishMode", "entryPublishing", "localePublishing"))
		part(&c.Timeline, "timeline", func(raw json.RawMessage, path []any) { b.object(raw, path) })
	}
	return c, b.err()
}

// folders reads folders of views.
func (b *bodyReader) folders(raw json.RawMessage, path []any) {
	b.each(raw, path, func(raw json.RawMessage, path []any) {
		if folder := b.texts(raw, path, "id", "title"); folder != nil {
			b.each(folder["views"], below(path, "views"), func(raw json.RawMessage, path []any) { b.texts(raw, path, "id", "title") })
		}
	})
}

// each reads a list.
func (b *bodyReader) each(raw json.RawMessage, path []any, item func(raw json.RawMessage, path []any)) {
	list, _ := read[[]json.RawMessage](b, raw, "Array", path)
	if len(list) > maxFolders {
		b.add(fault.Detail{Name: "size", Path: path, Max: fault.Raw(maxFolders), Details: fmt.Sprintf("Size must be at most %d", maxFolders)})
		return
	}
	for i, raw := range list {
		item(raw, below(path, i))
	}
}

// texts reads an object that has these texts.
func (b *bodyReader) texts(raw json.RawMessage, path []any, names ...string) map[string]json.RawMessage {
	members := b.object(raw, path)
	if members != nil {
		for _, name := range names {
			read[string](b, members[name], "String", below(path, name))
		}
	}
	return members
}
