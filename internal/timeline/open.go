package timeline

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// maxReleases is how many releases one look at the timeline goes through.
const maxReleases = 100

// maxPlans is how many scheduled actions it looks at for them.
const maxPlans = 1000

// Open lays over what is published in an environment what the release of a moment
// makes of it, and then, the latest first, the releases that are scheduled to be
// published by its time, or else before that release is. A release that does not
// exist is fault.NotFound.
func Open(ctx context.Context, ix *index.Index, env *index.Env, m query.Moment) (*Overlay, error) {
	o := &Overlay{Index: ix, Env: env, Stage: cms.Published}
	var ids []string
	until := m.At
	if m.Release != "" {
		ids = append(ids, m.Release)
		if until.IsZero() {
			plans, err := plansOf(ctx, ix, env, url.Values{"entity.sys.id": {m.Release}})
			if err != nil {
				return nil, err
			}
			if len(plans) > 0 {
				until = plans[0].At
			}
		}
	}
	if !until.IsZero() {
		plans, err := plansOf(ctx, ix, env, url.Values{"scheduledFor.datetime[lte]": {until.UTC().Format(time.RFC3339Nano)}})
		if err != nil {
			return nil, err
		}
		for _, p := range plans {
			if !slices.Contains(ids, p.Entity.ID) {
				ids = append(ids, p.Entity.ID)
			}
		}
	}
	if len(ids) > maxReleases {
		return nil, hinted("More than %d releases are scheduled by this time.", maxReleases)
	}
	releases, err := bodies[cms.Release](ctx, ix, env.Heads(cms.KindRelease, ids))
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		switch r, ok := releases[id]; {
		case ok && (id == m.Release || r.Status != cms.ReleaseArchived):
			o.lay(id, r)
		case id == m.Release:
			return nil, fault.New(fault.NotFound, "")
		}
	}
	return o, nil
}

// plansOf are those of the scheduled actions that are to publish releases which
// fulfil what else is asked of them, the latest first.
func plansOf(ctx context.Context, ix *index.Index, env *index.Env, also url.Values) ([]cms.ScheduledAction, error) {
	params := url.Values{"sys.status": {cms.ActionScheduled}, "action": {cms.ActionPublish}, "entity.sys.linkType": {string(cms.KindRelease)}, "limit": {fmt.Sprint(maxPlans)}}
	maps.Copy(params, also)
	q, err := query.Parse(params, query.Options{API: query.Management, Kind: cms.KindScheduledAction, Model: env.Model()})
	if err != nil {
		return nil, err
	}
	page, err := env.Search(ctx, cms.Draft, q)
	if err != nil {
		return nil, err
	}
	if page.Total > maxPlans {
		return nil, hinted("More than %d actions on releases are scheduled by this time.", maxPlans)
	}
	heads := make(map[string]store.Head, len(page.Heads))
	for _, h := range page.Heads {
		heads[h.ID] = h
	}
	byID, err := bodies[cms.ScheduledAction](ctx, ix, heads)
	if err != nil {
		return nil, err
	}
	plans := make([]cms.ScheduledAction, 0, len(byID))
	for _, h := range page.Heads {
		plans = append(plans, byID[h.ID])
	}
	slices.SortStableFunc(plans, func(a, b cms.ScheduledAction) int { return b.At.Compare(a.At) })
	return plans, nil
}

// bodies are the stored bodies of heads, decoded.
func bodies[T any](ctx context.Context, ix *index.Index, heads map[string]store.Head) (map[string]T, error) {
	revs := make([]store.Revision, 0, len(heads))
	for _, h := range heads {
		revs = append(revs, h.Draft)
	}
	raw, err := ix.Bodies(ctx, revs)
	if err != nil {
		return nil, err
	}
	out := make(map[string]T, len(heads))
	for id, h := range heads {
		var v T
		if err := json.Unmarshal(raw[h.Draft], &v); err != nil {
			return nil, fault.Wrap(err, fault.ServerError, "stored %s %s is unreadable", h.Kind, h.ID)
		}
		out[id] = v
	}
	return out, nil
}

// lay lays over what a release makes of its entities. One that is archived makes
// something of those only that it has versions of.
func (o *Overlay) lay(release string, r cms.Release) {
	ids, versionIDs := map[cms.Kind][]string{}, map[cms.Kind][]string{}
	for _, it := range r.Items {
		_, id := cms.VersionID(release, it.Kind, it.ID)
		ids[it.Kind], versionIDs[it.Kind] = append(ids[it.Kind], it.ID), append(versionIDs[it.Kind], id)
	}
	latest, versions := map[cms.Kind]map[string]store.Head{}, map[cms.Kind]map[string]store.Head{}
	for _, kind := range []cms.Kind{cms.KindEntry, cms.KindAsset} {
		of, _ := cms.VersionID(release, kind, "")
		latest[kind], versions[kind] = o.Env.Heads(kind, ids[kind]), o.Env.Heads(of, versionIDs[kind])
	}
	for _, it := range r.Items {
		_, id := cms.VersionID(release, it.Kind, it.ID)
		v, own := versions[it.Kind][id]
		h, exists := latest[it.Kind][it.ID]
		switch {
		case o.takesOut(it):
			o.Remove(cms.LinkTo(it.Kind, it.ID))
		case it.Action != cms.ActionPublish || len(it.Add) == 0 && len(it.Remove) > 0: // something of it stays as it is
		case own:
			o.Lay(Version(v, it.Kind))
		case exists && r.Status != cms.ReleaseArchived:
			o.Lay(h)
		}
	}
}

// takesOut reports whether nothing of an entity is published any more.
func (o *Overlay) takesOut(it cms.ActionItem) bool {
	if len(it.Add) > 0 || it.Action == cms.ActionPublish && len(it.Remove) == 0 {
		return false
	}
	return len(it.Remove) == 0 || !slices.ContainsFunc(o.Env.Model().Locales, func(l cms.Locale) bool { return l.Management && !slices.Contains(it.Remove, l.Code) })
}

// Version is the head of an entity, or of a release's version of it, as it is in a
// release: nothing of it is published there until the release is.
func Version(h store.Head, kind cms.Kind) store.Head {
	h.Kind, h.ID = kind, cms.OwnID(h.ID)
	h.Published, h.PublishedVersion, h.PublishedCounter, h.PublishedBy = 0, 0, 0, ""
	h.PublishedAt, h.FirstPublishedAt = time.Time{}, time.Time{}
	return h
}
