package authoring

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

const (
	tagNames   = "tag.name" // key: a name belongs to one tag of an environment
	maxTagName = 256        // characters
)

// TagInput is what a write says of a tag.
type TagInput struct {
	Name             string
	Visibility       string // "" is private
	VisibilityHeader string // wins over Visibility unless it is ""

	Body map[string]json.RawMessage // what all of it stands in; nil is fine
}

// Tags answers a query over the tags of an environment.
func (s *Service) Tags(ctx context.Context, p access.Place, params url.Values) (Found[Resource[cms.Tag]], error) {
	return search(ctx, s, p, cms.KindTag, cms.Draft, params, decodeHit[cms.Tag])
}

// Tag returns a tag.
func (s *Service) Tag(ctx context.Context, p access.Place, id string) (Resource[cms.Tag], error) {
	tag, err := get[cms.Tag](ctx, s.Store, p.Environment, cms.KindTag, id)
	return tag, missing(err, p, cms.KindTag, id)
}

// PutTag renames a tag, or makes one with this id when there is none; created
// says which. Visibility counts for a new tag only: it never changes.
func (s *Service) PutTag(ctx context.Context, p access.Place, a access.Actor, id string, v Version, in TagInput) (tag Resource[cms.Tag], isNew bool, err error) {
	next, err := in.tag(id)
	if err != nil {
		return tag, false, err
	}
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		at := s.Now()
		h, before, err := current[cms.Tag](ctx, tx, p.Environment, cms.KindTag, id)
		w := store.Write{Was: h.Version, Action: store.Save}
		switch isNew = fault.Is(err, fault.NotFound); {
		case isNew:
			h = created(p.Environment, cms.KindTag, id, 1, a.User, at)
			w = store.Write{Was: store.Absent, Action: store.Create}
		case err != nil:
			return err
		default:
			if err := v.check(h.Sys); err != nil {
				return err
			}
			next.Visibility = before.Visibility
			h = touched(h, a.User, at)
		}
		conflicts, err := tx.SetKeys(ctx, p.Environment, store.OwnerOf(cms.KindTag, id), []store.Key{{Space: tagNames, Value: next.Name}})
		if err != nil {
			return err
		}
		if len(conflicts) > 0 {
			return tagTaken(next.Name)
		}
		tag, err = put(ctx, tx, h, w.Was, next, w.Action, a.User, at)
		return err
	})
	return tag, isNew, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// tagTaken says that another tag has the name.
func tagTaken(name string) error {
	return fault.Invalid(fault.ValidationFailed, fault.Detail{Name: "taken", Path: []any{"name"}, Value: fault.Raw(name),
		Details: fmt.Sprintf("There is a tag %q already.", name)})
}

// tag is what a checked write makes of a tag.
func (in TagInput) tag(id string) (cms.Tag, error) {
	var problems []fault.Detail
	if !cms.ValidID(id) {
		problems = append(problems, fault.Of(invalidID(fault.ValidationFailed, id)).Details.Errors...)
	}
	for _, key := range slices.Sorted(maps.Keys(in.Body)) {
		if known := []string{"name", "sys"}; !slices.Contains(known, key) {
			problems = append(problems, unknown(in.Body[key], known, key))
		}
	}
	switch n := utf8.RuneCountInString(in.Name); {
	case n == 0:
		problems = append(problems, fault.Detail{Name: "required", Path: []any{"name"}, Details: `The property "name" is required here`})
	case n > maxTagName:
		problems = append(problems, fault.Detail{Name: "size", Path: []any{"name"}, Max: fault.Raw(maxTagName),
			Details: fmt.Sprintf("Size must be at most %d", maxTagName)})
	}
	t := cms.Tag{Name: in.Name, Visibility: cmp.Or(in.VisibilityHeader, in.Visibility, cms.TagPrivate)}
	if t.Visibility != cms.TagPrivate && t.Visibility != cms.TagPublic {
		problems = append(problems, fault.Detail{Name: "in", Path: []any{"sys", "visibility"}, Value: fault.Raw(t.Visibility), Elsewhere: in.VisibilityHeader != "",
			Expected: []any{cms.TagPrivate, cms.TagPublic}, Details: "Value must be one of expected values"})
	}
	if problems != nil {
		return cms.Tag{}, fault.Invalid(fault.ValidationFailed, problems...)
	}
	return t, nil
}

// DeleteTag removes a tag that no entry or asset has, neither in its draft nor
// in its published version nor in a release.
func (s *Service) DeleteTag(ctx context.Context, p access.Place, a access.Actor, id string, v Version) error {
	env, err := s.Index.Open(ctx, p.Environment, true)
	if err != nil {
		return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	seq := env.Seq()
	used, err := tagged(ctx, env, id)
	if err == nil && !used {
		used, err = taggedInReleases(ctx, s.Store, p.Environment, id)
	}
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		h, err := tx.Get(ctx, p.Environment, cms.KindTag, id)
		if err != nil {
			return missing(err, p, cms.KindTag, id)
		}
		if err := v.check(h.Sys); err != nil {
			return err
		}
		if !used {
			if used, err = taggedSince(ctx, tx, p.Environment, seq, id); err != nil {
				return err
			}
		}
		if used {
			return fault.Invalid(fault.ActionPreconditionsFailed, fault.Detail{Name: "reference", Details: "Tag is referenced by another entity"})
		}
		return s.discard(ctx, tx, p, h, a.User)
	})
}

// tagged reports whether any entry or asset has the tag.
func tagged(ctx context.Context, env *index.Env, id string) (bool, error) {
	params := url.Values{"metadata.tags.sys.id[in]": {id}, "limit": {"0"}}
	for _, kind := range []cms.Kind{cms.KindEntry, cms.KindAsset} {
		q, err := query.Parse(params, query.Options{API: query.Management, Kind: kind, Model: env.Model()})
		if err != nil {
			return false, err
		}
		for _, stage := range []cms.Stage{cms.Draft, cms.Published} {
			page, err := env.Search(ctx, stage, q)
			if err != nil || page.Total > 0 {
				return page.Total > 0, err
			}
		}
	}
	return false, nil
}

// taggedInReleases reports whether any release's version of an entry or asset has
// the tag. Queries do not find them by their tags.
func taggedInReleases(ctx context.Context, r store.Reader, env store.Scope, id string) (bool, error) {
	for _, kind := range []cms.Kind{cms.KindReleaseEntry, cms.KindReleaseAsset} {
		for after := ""; ; {
			heads, err := r.List(ctx, env, kind, after, lifePage)
			if err != nil {
				return false, err
			}
			if used, err := anyTagged(ctx, r, revisions(heads, cms.Draft), id); used || err != nil {
				return used, err
			}
			if len(heads) < lifePage {
				break
			}
			after = heads[len(heads)-1].ID
		}
	}
	return false, nil
}

// taggedSince reports whether an entry or asset, or a release's version of one, got
// the tag after seq.
func taggedSince(ctx context.Context, tx store.Tx, env store.Scope, seq int64, id string) (bool, error) {
	const page = 1000
	for {
		changes, err := tx.Changes(ctx, env, seq, page)
		if err != nil {
			return false, err
		}
		var revs []store.Revision
		for _, c := range changes {
			seq = c.Seq
			switch c.Kind {
			case cms.KindEntry, cms.KindAsset, cms.KindReleaseEntry, cms.KindReleaseAsset:
				if c.DraftAfter != 0 {
					revs = append(revs, c.DraftAfter)
				}
			}
		}
		if used, err := anyTagged(ctx, tx, revs, id); used || err != nil {
			return used, err
		}
		if len(changes) < page {
			return false, nil
		}
	}
}

// anyTagged reports whether any of these revisions of entries and assets has the tag.
func anyTagged(ctx context.Context, r store.Reader, revs []store.Revision, id string) (bool, error) {
	bodies, err := r.Bodies(ctx, revs)
	if err != nil {
		return false, err
	}
	for rev, body := range bodies {
		var doc cms.Document
		if err := json.Unmarshal(body, &doc); err != nil {
			return false, fault.Wrap(err, fault.ServerError, "stored revision %d is unreadable", rev)
		}
		if slices.Contains(doc.Metadata.Tags, id) {
			return true, nil
		}
	}
	return false, nil
}
