package delivery

import (
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// fragment is the finished JSON of one resource, and what it links to.
type fragment struct {
	json   []byte
	links  []link   // in order of appearance, without repeats
	far    []string // URNs of linked entries of other spaces, likewise
	packed *packed  // the same for clients that take gzip; nil until one asks
	shown  bool     // also to who asks for published locales only
}

// weight is about what a fragment occupies with its key.
func (f *fragment) weight() uint32 {
	n := len(f.json) + 48*len(f.links) + 256
	for _, urn := range f.far {
		n += len(urn) + 16
	}
	if f.packed != nil {
		n += cap(f.packed.deflated)
	}
	return uint32(n)
}

// pack is f with its packed form.
func (f *fragment) pack() *fragment { return &fragment{f.json, f.links, f.far, pack(f.json), f.shown} }

// fragmentKey is everything a fragment depends on. A revision is the body of one
// resource only, so it stands for kind and id too.
type fragmentKey struct {
	variant  uint64 // number of a variant
	revision store.Revision
	// The same body goes through several states: a resource is published and
	// archived without a new one.
	version, publications int
}

// variant is what all fragments of one read depend on. Variants are numbered so
// that a fragment's key is quick to find.
type variant struct {
	scope        store.Scope
	stage        cms.Stage
	locale       string // as view.code
	model        int64  // cms.Model.Seq
	tags         uint64 // tagSet.number
	environment  string // id as addressed
	base, drafts string // as Request.Base and DraftBase
}

func (rd *reader) key(h *store.Head) fragmentKey {
	k := fragmentKey{variant: rd.variant, revision: rd.revision(h), version: h.Version}
	if rd.Stage == cms.Published { // saving a draft leaves the published face as it is
		k.version, k.publications = h.PublishedVersion, h.PublishedCounter
	}
	return k
}

// prepare finds the number of the read's variant.
func (rd *reader) prepare() error {
	if rd.variant != 0 {
		return nil
	}
	if err := rd.needTags(); err != nil {
		return err
	}
	rd.variant, _ = rd.variants.ComputeIfAbsent(variant{
		scope: rd.Place.Environment, stage: rd.Stage, locale: rd.view.code, model: rd.model.Seq,
		tags: rd.tags.number, environment: rd.Place.EnvironmentID, base: rd.Base, drafts: rd.DraftBase,
	}, func() (uint64, bool) { return rd.last.Add(1), false })
	return nil
}

// entities returns the fragments of entries and assets, in order. Bodies of
// those that are not in the cache are fetched together.
func (rd *reader) entities(heads []store.Head) ([]*fragment, error) {
	if err := rd.prepare(); err != nil {
		return nil, err
	}
	out := make([]*fragment, len(heads))
	var cold []int
	for i := range heads {
		key := rd.key(&heads[i])
		if f, ok := rd.fragments.GetIfPresent(key); ok {
			if rd.Gzip && f.packed == nil {
				f = f.pack()
				rd.fragments.Set(key, f)
			}
			out[i] = f
			continue
		}
		cold = append(cold, i)
	}
	rd.hits.Add(int64(len(heads) - len(cold)))
	rd.misses.Add(int64(len(cold)))
	if len(cold) == 0 {
		return out, nil
	}
	missing := make([]store.Head, len(cold))
	for n, i := range cold {
		missing[n] = heads[i]
	}
	docs, err := rd.documents(missing)
	if err != nil {
		return nil, err
	}
	for n, i := range cold {
		e := rd.entity(&heads[i], docs[n])
		out[i] = e.fragment(nil)
		if rd.Gzip {
			out[i] = out[i].pack()
		}
		rd.fragments.Set(rd.key(&heads[i]), out[i])
	}
	return out, nil
}

// fragment is an entity, or what select leaves of it.
func (e entity) fragment(sel *query.Select) *fragment {
	f := &fragment{json: e.append(nil, sel), shown: e.view.published(e.doc)}
	f.links, f.far = e.links(sel)
	return f
}

// hidden reports whether an entity is not published in a locale that it would be
// shown in, to a reader who minds.
func (rd *reader) hidden(f *fragment) bool { return rd.localeBased() && !f.shown }

// selected is entities for a select parameter: nothing of it is kept.
func (rd *reader) selected(heads []store.Head) ([]*fragment, error) {
	if err := rd.needTags(); err != nil {
		return nil, err
	}
	docs, err := rd.documents(heads)
	if err != nil {
		return nil, err
	}
	out := make([]*fragment, len(heads))
	for i := range heads {
		e := rd.entity(&heads[i], docs[i])
		out[i] = e.fragment(rd.query.Select)
	}
	return out, nil
}

// documents returns the documents readers see of these heads, in order: at most
// one request to the index.
func (rd *reader) documents(heads []store.Head) ([]*cms.Document, error) {
	revs := make([]store.Revision, len(heads))
	for i := range heads {
		revs[i] = rd.revision(&heads[i])
	}
	byRevision, err := rd.index.Documents(rd.ctx, revs)
	if err != nil {
		return nil, err
	}
	docs := make([]*cms.Document, len(heads))
	for i, rev := range revs {
		if docs[i] = byRevision[rev]; docs[i] == nil {
			return nil, fault.New(fault.ServerError, "the body %d of %s %s is gone", rev, heads[i].Kind, heads[i].ID)
		}
	}
	return docs, nil
}
