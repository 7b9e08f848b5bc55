package delivery

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// tagSet is the tags of an environment that readers know of.
type tagSet struct {
	number    uint64           // another one whenever the tags of an environment change
	seq       int64            // of the environment they were read at
	revisions []store.Revision // of all tags
	public    map[string]bool  // ids
}

// needTags makes rd.tags the tags as they are now. As long as the environment
// stands still that costs nothing, and as long as no tag changes no bodies.
func (rd *reader) needTags() error {
	if rd.tags != nil {
		return nil
	}
	last, ok := rd.tagSets.GetIfPresent(rd.Place.Environment)
	if ok && last.seq == rd.seq {
		rd.tags = last
		return nil
	}
	heads, err := rd.all(cms.KindTag)
	if err != nil {
		return err
	}
	now := &tagSet{seq: rd.seq, revisions: make([]store.Revision, len(heads))}
	for i := range heads {
		now.revisions[i] = heads[i].Draft
	}
	if ok && slices.Equal(last.revisions, now.revisions) {
		now.number, now.public = last.number, last.public
	} else if err := rd.readTags(now, heads); err != nil {
		return err
	}
	rd.tagSets.Set(rd.Place.Environment, now)
	rd.tags = now
	return nil
}

func (rd *reader) readTags(t *tagSet, heads []store.Head) error {
	t.number = rd.last.Add(1)
	t.public = map[string]bool{}
	tags, err := bodies[cms.Tag](rd, heads)
	if err != nil {
		return err
	}
	for i, tag := range tags {
		if tag.Visibility == cms.TagPublic {
			t.public[heads[i].ID] = true
		}
	}
	return nil
}

// hidePrivateTags makes conditions on tags look at public ones only: what
// readers cannot see they cannot search for either.
func (rd *reader) hidePrivateTags() error {
	for i := range rd.query.Conds {
		c := &rd.query.Conds[i]
		if c.Column.Source != query.SourceMetadata || c.Column.Name != "tags" {
			continue
		}
		if err := rd.needTags(); err != nil {
			return err
		}
		rd.tags.restrict(c)
	}
	return nil
}

// restrict rewrites a condition on all tags into one on public tags.
func (t *tagSet) restrict(c *query.Cond) {
	var public []query.Value
	for _, v := range c.Args {
		if t.public[v.Str] {
			public = append(public, v)
		}
	}
	switch c.Op {
	case query.Exists:
		exists := c.Args[0].Num == 1
		c.Op, c.Args = query.Nin, nil
		if exists {
			c.Op = query.In
		}
		for _, id := range slices.Sorted(maps.Keys(t.public)) {
			c.Args = append(c.Args, query.Value{Str: id})
		}
	case query.Equals, query.In:
		c.Op, c.Args = query.In, public
	case query.Ne, query.Nin:
		c.Op, c.Args = query.Nin, public
	case query.All:
		if len(public) < len(c.Args) {
			c.Op, c.Args = query.In, nil // nobody has them all
		}
	}
}

// all returns the heads of a kind of which an environment has few.
func (rd *reader) all(kind cms.Kind) ([]store.Head, error) {
	q := &query.Query{Kind: kind, Limit: math.MaxInt, Order: []query.Order{{Column: query.Column{Source: query.SourceSys, Name: "id"}}}}
	page, err := rd.env.Search(rd.ctx, cms.Draft, q)
	return page.Heads, err
}

// bodies returns the decoded bodies of kinds that are never published.
func bodies[T any](rd *reader, heads []store.Head) ([]T, error) {
	revs := make([]store.Revision, len(heads))
	for i := range heads {
		revs[i] = heads[i].Draft
	}
	raw, err := rd.index.Bodies(rd.ctx, revs)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(heads))
	for i := range heads {
		if err := json.Unmarshal(raw[revs[i]], &out[i]); err != nil {
			return nil, fault.Wrap(err, fault.ServerError, "stored %s %s is unreadable", heads[i].Kind, heads[i].ID)
		}
	}
	return out, nil
}

// Tags answers a query over the public tags.
func (s *Service) Tags(ctx context.Context, r Request) (Answer, error) {
	return s.answer(ctx, r, cms.KindTag, "", func(rd *reader) (*Body, error) {
		page, err := rd.env.Search(rd.ctx, cms.Draft, rd.query) // which asks for public ones only
		if err != nil {
			return nil, err
		}
		tags, err := bodies[cms.Tag](rd, page.Heads)
		if err != nil {
			return nil, err
		}
		items := make([]*fragment, len(tags))
		for i, tag := range tags {
			items[i] = &fragment{json: rd.tag(&page.Heads[i], tag)}
		}
		return rd.collection(page, items, included{})
	})
}

// Tag is one public tag.
func (s *Service) Tag(ctx context.Context, r Request, id string) (Answer, error) {
	return s.answer(ctx, r, cms.KindTag, id, func(rd *reader) (*Body, error) {
		h, ok := rd.env.Heads(cms.KindTag, []string{id})[id]
		if !ok {
			return nil, rd.missing(cms.KindTag, id)
		}
		tags, err := bodies[cms.Tag](rd, []store.Head{h})
		if err != nil {
			return nil, err
		}
		if tags[0].Visibility != cms.TagPublic {
			return nil, rd.missing(cms.KindTag, id)
		}
		return plainBody(rd.tag(&h, tags[0])), nil
	})
}

func (rd *reader) tag(h *store.Head, t cms.Tag) []byte {
	w := &writer{[]byte(`{"sys":{`)}
	w.linkMember("space", cms.KindSpace, rd.Place.SpaceID)
	w.strMember("id", h.ID)
	w.strMember("type", string(cms.KindTag))
	w.timeMember("createdAt", h.CreatedAt)
	w.timeMember("updatedAt", h.UpdatedAt)
	w.linkMember("environment", cms.KindEnvironment, rd.Place.EnvironmentID)
	w.linkMember("createdBy", cms.KindUser, h.CreatedBy)
	w.linkMember("updatedBy", cms.KindUser, h.UpdatedBy)
	w.intMember("version", int64(h.Version))
	w.strMember("visibility", t.Visibility)
	w.raw("}")
	w.strMember("name", t.Name)
	w.raw("}")
	return w.buf
}
