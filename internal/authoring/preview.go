package authoring

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Bounds of content previews.
const (
	maxPreviews       = 100 // in a space
	maxPreviewConfigs = 1000
	maxShort          = 2000 // characters of a name, a description and a URL; elsewhere too
)

// Previews lists the content previews of a space.
func (s *Service) Previews(ctx context.Context, p access.Place, params url.Values) (Listing[Resource[cms.PreviewPlatform]], error) {
	all, err := list[cms.PreviewPlatform](ctx, s.Store, p.Space, cms.KindPreviewPlatform)
	if err != nil {
		return Listing[Resource[cms.PreviewPlatform]]{}, err
	}
	return listing(all, params, maxListing, func(v cms.PreviewPlatform) string { return v.Name })
}

// Preview returns a content preview.
func (s *Service) Preview(ctx context.Context, p access.Place, id string) (Resource[cms.PreviewPlatform], error) {
	return get[cms.PreviewPlatform](ctx, s.Store, p.Space, cms.KindPreviewPlatform, id)
}

// CreatePreview makes a content preview.
func (s *Service) CreatePreview(ctx context.Context, p access.Place, a access.Actor, body []byte) (out Resource[cms.PreviewPlatform], err error) {
	next, err := parsePreview(body)
	if err != nil {
		return out, err
	}
	err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		out, err = s.addPreview(ctx, tx, p, a, s.IDs.New(), next)
		return err
	})
	return out, err
}

func (s *Service) addPreview(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, id string, next cms.PreviewPlatform) (out Resource[cms.PreviewPlatform], err error) {
	there, err := tx.List(ctx, p.Space, cms.KindPreviewPlatform, "", maxPreviews)
	if err != nil {
		return out, err
	}
	if len(there) == maxPreviews {
		return out, fault.New(fault.Forbidden, "The space has %d content previews, which is the most there can be.", maxPreviews)
	}
	now := s.Now()
	return put(ctx, tx, created(p.Space, cms.KindPreviewPlatform, id, 0, a.User, now), store.Absent, next, store.Create, a.User, now)
}

// PutPreview changes a content preview, or makes one with this id when there is none
// and no version of one was meant: they begin with 0, which is also what clients send
// for a new one. Of its configurations it adds those of other content types and
// replaces those of the same. Only another name or description makes another version.
// The version counts if it is sent.
func (s *Service) PutPreview(ctx context.Context, p access.Place, a access.Actor, id string, v Version, body []byte) (out Resource[cms.PreviewPlatform], err error) {
	if !cms.ValidID(id) {
		return out, invalidID(fault.ValidationFailed, id)
	}
	next, err := parsePreview(body)
	if err != nil {
		return out, err
	}
	err = s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		h, before, err := current[cms.PreviewPlatform](ctx, tx, p.Space, cms.KindPreviewPlatform, id)
		if fault.Is(err, fault.NotFound) && v.Number == 0 {
			out, err = s.addPreview(ctx, tx, p, a, id, next)
			return err
		}
		if err != nil {
			return err
		}
		if v.Sent {
			if err := v.check(h.Sys); err != nil {
				return err
			}
		}
		merged := next
		merged.Configurations = mergePreviews(before.Configurations, next.Configurations)
		if len(merged.Configurations) > maxPreviewConfigs {
			return fault.Invalid(fault.ValidationFailed, tooManyPreviews())
		}
		now, was := s.Now(), h.Version
		h = touched(h, a.User, now)
		if merged.Name == before.Name && merged.Description == before.Description {
			h.Version = was
		}
		out, err = put(ctx, tx, h, was, merged, store.Save, a.User, now)
		return err
	})
	return out, err
}

// mergePreviews is before with what next says of the same and of other content types.
func mergePreviews(before, next []cms.PreviewConfig) []cms.PreviewConfig {
	out := slices.Clone(before)
	for _, c := range next {
		if i := slices.IndexFunc(out, func(o cms.PreviewConfig) bool { return o.EntityID == c.EntityID }); i >= 0 {
			out[i] = c
		} else {
			out = append(out, c)
		}
	}
	return out
}

// DeletePreview removes a content preview.
func (s *Service) DeletePreview(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Space, cms.KindPreviewPlatform, id)
		if err != nil {
			return err
		}
		return tx.Delete(ctx, p.Space, cms.KindPreviewPlatform, id, h.Version, a.User, s.Now())
	})
}

func tooManyPreviews() fault.Detail {
	return fault.Detail{Name: "size", Path: []any{"configurations"}, Max: fault.Raw(maxPreviewConfigs), Details: fmt.Sprintf("Size must be at most %d", maxPreviewConfigs)}
}

// parsePreview reads a content preview.
func parsePreview(body []byte) (cms.PreviewPlatform, error) {
	var b bodyReader
	v := cms.PreviewPlatform{Configurations: []cms.PreviewConfig{}}
	members := b.object(body, nil, "sys", "name", "description", "configurations")
	if members == nil {
		return v, b.err()
	}
	v.Name = b.short(members["name"], []any{"name"}, 1)
	if raw := members["description"]; raw != nil && !isNull(raw) {
		v.Description = b.short(raw, []any{"description"}, 0)
	}
	var list []json.RawMessage
	if raw := members["configurations"]; raw != nil && !isNull(raw) {
		list, _ = read[[]json.RawMessage](&b, raw, "Array", []any{"configurations"})
	}
	if len(list) > maxPreviewConfigs {
		b.add(tooManyPreviews())
		return v, b.err()
	}
	seen := map[string]bool{}
	for i, raw := range list {
		at := []any{"configurations", i}
		c := b.previewConfig(raw, at)
		if seen[c.EntityID] && c.EntityID != "" {
			b.add(fault.Detail{Name: "array.unique", Path: at, Value: raw, Details: fmt.Sprintf("There are two configurations for %q", c.EntityID)})
		}
		seen[c.EntityID] = true
		v.Configurations = append(v.Configurations, c)
	}
	return v, b.err()
}

func (b *bodyReader) previewConfig(raw json.RawMessage, path []any) cms.PreviewConfig {
	c := cms.PreviewConfig{EntityType: string(cms.KindContentType), Enabled: true}
	members := b.object(raw, path, "entityType", "entityId", "url", "enabled", "example")
	if members == nil {
		return c
	}
	c.EntityType = b.oneOf(members["entityType"], below(path, "entityType"), string(cms.KindContentType))
	c.EntityID = b.short(members["entityId"], below(path, "entityId"), 1)
	c.URL = b.short(members["url"], below(path, "url"), 1)
	for name, dst := range map[string]*bool{"enabled": &c.Enabled, "example": &c.Example} {
		if raw := members[name]; raw != nil {
			*dst, _ = read[bool](b, raw, "Boolean", below(path, name))
		}
	}
	return c
}

// short reads a text of at least so many characters.
func (b *bodyReader) short(raw json.RawMessage, path []any, least int) string {
	text, ok := read[string](b, raw, "String", path)
	if n := utf8.RuneCountInString(text); ok && (n < least || n > maxShort) {
		b.add(fault.Detail{Name: "size", Path: path, Min: fault.Raw(least), Max: fault.Raw(maxShort), Details: fmt.Sprintf("Size must be at least %d and at most %d", least, maxShort)})
	}
	return text
}
