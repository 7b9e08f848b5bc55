// Package delivery is what readers of content get: the delivery API's published
// entities and the preview API's latest drafts, as finished JSON.
//
// It only reads. Everything comes from package index; answers are spliced from
// fragments (the finished JSON of one entity in one locale) that are kept in a
// cache bounded in bytes, so a warm answer neither asks the database nor
// encodes anything. It knows nothing of HTTP: its errors are faults, its
// answers bytes with an ETag.
//
// Start reading at Service and Request, then collection.go for what an answer
// is made of, fragment.go for its parts and body.go for how it leaves; sync.go
// and feed.go are about what has changed.
package delivery

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"

	"github.com/maypok86/otter/v2"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

const (
	// MaxAnswer is the largest answer in bytes; a larger one is fault.BadRequest.
	MaxAnswer = 7 << 20

	defaultCache    = 128 << 20 // bytes of fragments and answers
	maxEnvironments = 1024      // whose public tags are remembered
	maxVariants     = 16_384    // of fragments
	maxLog          = 16_384    // changes that are remembered, about 200 bytes each
)

// Store is what a service needs of a store.Store.
type Store interface {
	store.Reader
	Moved(store.Scope) <-chan struct{}
}

// Service answers reads. It is safe for concurrent use.
type Service struct {
	index     *index.Index
	store     Store
	fragments *otter.Cache[fragmentKey, *fragment]
	answers   *otter.Cache[answerKey, *Body]
	variants  *otter.Cache[variant, uint64]
	tagSets   *otter.Cache[store.Scope, *tagSet]
	flights   flights
	logs      *otter.Cache[logPart, []store.Change]

	hits, misses             atomic.Int64 // see Stats
	answerHits, answerMisses atomic.Int64
	syncKey                  []byte
	last                     atomic.Uint64 // number given to a variant or a tag set; none is given twice
}

// New makes a service. cacheBytes bounds the fragments and the answers kept in
// memory, half of it each; 0 means 128 MiB. secret protects the tokens of syncs: they are good for all services
// with the same one.
func New(ix *index.Index, st Store, cacheBytes int64, secret []byte) *Service {
	if cacheBytes <= 0 {
		cacheBytes = defaultCache
	}
	return &Service{
		index: ix, store: st, flights: flights{byKey: map[answerKey]*flight{}}, syncKey: syncKey(secret),
		fragments: otter.Must(&otter.Options[fragmentKey, *fragment]{
			MaximumWeight: uint64(cacheBytes / 2),
			Weigher:       func(_ fragmentKey, f *fragment) uint32 { return f.weight() },
		}),
		answers: otter.Must(&otter.Options[answerKey, *Body]{
			MaximumWeight: uint64(cacheBytes / 2),
			Weigher:       func(_ answerKey, b *Body) uint32 { return b.weight() },
		}),
		variants: otter.Must(&otter.Options[variant, uint64]{MaximumSize: maxVariants}),
		tagSets:  otter.Must(&otter.Options[store.Scope, *tagSet]{MaximumSize: maxEnvironments}),
		logs: otter.Must(&otter.Options[logPart, []store.Change]{
			MaximumWeight: maxLog,
			Weigher:       func(_ logPart, changes []store.Change) uint32 { return uint32(len(changes)) },
		}),
	}
}

// Drop frees what is held for an environment.
func (s *Service) Drop(environment store.Scope) {
	gone := map[uint64]bool{}
	for v, number := range s.variants.All() {
		if v.scope == environment {
			gone[number] = true
			s.variants.Invalidate(v)
		}
	}
	for k := range s.fragments.Keys() {
		if gone[k.variant] {
			s.fragments.Invalidate(k)
		}
	}
	for k := range s.answers.Keys() {
		if k.environment == environment {
			s.answers.Invalidate(k)
		}
	}
	for part := range s.logs.Keys() {
		if part.scope == environment {
			s.logs.Invalidate(part)
		}
	}
	s.tagSets.Invalidate(environment)
}

// Stats say what the finished JSON of entities and whole answers take, and how
// often they were there.
type Stats struct{ Fragments, Answers CacheStats }

// CacheStats are those of one cache.
type CacheStats struct {
	Bytes, Budget int64 // of memory, estimated
	Hits, Misses  int64 // so far
}

// Stats says how it is now.
func (s *Service) Stats() Stats {
	s.fragments.CleanUp() // counts what was added lately
	s.answers.CleanUp()
	return Stats{
		Fragments: CacheStats{
			Bytes: int64(s.fragments.WeightedSize()), Budget: int64(s.fragments.GetMaximum()),
			Hits: s.hits.Load(), Misses: s.misses.Load(),
		},
		Answers: CacheStats{
			Bytes: int64(s.answers.WeightedSize()), Budget: int64(s.answers.GetMaximum()),
			Hits: s.answerHits.Load(), Misses: s.answerMisses.Load(),
		},
	}
}

// Held is how many fragments and answers are in memory.
func (s *Service) Held() int {
	s.fragments.CleanUp() // counts what was added lately
	s.answers.CleanUp()
	return s.fragments.EstimatedSize() + s.answers.EstimatedSize()
}

// Request is one read.
type Request struct {
	Place  access.Place
	Stage  cms.Stage // Published for delivery, Draft for preview
	Params url.Values
	Base   string // what goes before the path of a file's URL, see blob.PublicURL

	// DraftBase is Base for the files of drafts that are not published as they are
	// shown; "" means Base.
	DraftBase string

	// LocaleBased shows entries and assets only in locales they are published in.
	// Otherwise one that is published in some locale is shown in all of them, with
	// the values it has there or takes from fallbacks. It means nothing to drafts,
	// to syncs, which show all locales, and to other resources.
	LocaleBased bool

	// Timeline shows entries and assets as releases make them by a moment, see
	// query.Moment, instead of their drafts.
	Timeline bool

	// SyncURL is the absolute URL of the sync endpoint as the client reaches it,
	// without a query; the answers of Sync lead there.
	SyncURL string

	// Known reports whether the client has the answer with this ETag already.
	// nil: it has none.
	Known func(etag string) bool

	Gzip bool // the client takes gzip
	Keys bool // the answer is to have keys

	// Far finds an environment of another space for entries that items link to
	// there; false if the client may not read it. nil: such links stay as they are.
	Far func(space, environment string) (access.Place, bool, error)
}

// Answer is finished JSON.
type Answer struct {
	ETag string // unquoted
	Body *Body  // nil when the client has it already
}

// reader is the state of one read.
type reader struct {
	*Service
	Request
	ctx   context.Context
	env   *index.Env
	seq   int64 // of the environment before anything was read
	model *cms.Model
	query *query.Query
	view  view
	tags  *tagSet
	named string // ETag, without what seenFar adds

	variant uint64 // see fragmentKey; 0 until it is needed

	later *later // nil unless it is the timeline that is read

	seenFar []string // what an answer with entries of other spaces depends on besides
}

// open begins a read.
func (s *Service) open(ctx context.Context, r Request) (*reader, error) {
	env, err := s.index.Open(ctx, r.Place.Environment, false)
	if fault.Is(err, fault.NotFound) {
		err = fault.Missing(string(cms.KindEnvironment), r.Place.EnvironmentID, "", r.Place.SpaceID)
	}
	if err != nil {
		return nil, err
	}
	// The position comes first: what is answered may be newer than its ETag
	// says, which costs one more answer, but never older.
	seq := env.Seq()
	return &reader{Service: s, Request: r, ctx: ctx, env: env, seq: seq, model: env.Model()}, nil
}

// answer makes the answer to a query over a kind of resource or, when id is not
// "", for one of them, unless the client has it already.
func (s *Service) answer(ctx context.Context, r Request, kind cms.Kind, id string, write func(*reader) (*Body, error)) (Answer, error) {
	rd, err := s.open(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	more, err := rd.taxonomySeq()
	if err != nil {
		return Answer{}, err
	}
	if rd.localeBased() {
		more = append(more, "locale-based")
	}
	if rd.Timeline {
		more = append(more, "timeline")
	}
	rd.named = rd.etag(kind, id, more...)
	if rd.localeBased() {
		rd.named = tagOf("published locales", rd.named)
	}
	made := func() (*Body, error) {
		if err := rd.parse(kind, id != ""); err != nil {
			return nil, err
		}
		b, err := write(rd)
		if err == nil && rd.Keys && b.Keys == "" {
			b.Keys = rd.keysOfModel()
		}
		return b, err
	}
	return rd.finish(rd.named, func() (*Body, error) {
		if rd.Far != nil { // not everyone may see it
			return made()
		}
		return rd.kept(made)
	})
}

// finish calls write unless the client has the answer with this ETag.
func (rd *reader) finish(etag string, write func() (*Body, error)) (Answer, error) {
	a := Answer{ETag: etag}
	if rd.Known != nil && rd.Far == nil && rd.Known(etag) {
		return a, nil
	}
	var err error
	if a.Body, err = write(); err != nil {
		return Answer{}, err
	}
	if a.Body.Len() > MaxAnswer {
		return Answer{}, TooLarge("The answer has %d bytes. Ask for less of each item with select, or with a locale.", a.Body.Len())
	}
	if rd.Far != nil { // only now is it known where it comes from
		a.ETag = tagOf(append(rd.seenFar, etag)...)
		if rd.Known != nil && rd.Known(a.ETag) {
			a.Body = nil
		}
	}
	return a, nil
}

// TooLarge is the error for an answer over MaxAnswer, with what may help; the
// management API has the same bound.
func TooLarge(hint string, args ...any) error {
	f := fault.New(fault.BadRequest, "Response size too big. Maximum allowed response size: %dB.", MaxAnswer)
	f.Hint = fmt.Sprintf(hint, args...)
	return f
}

// parse checks the parameters.
func (rd *reader) parse(kind cms.Kind, single bool) error {
	params, err := rd.params()
	if err != nil {
		return err
	}
	if rd.query, err = query.Parse(params, rd.options(kind, single)); err != nil {
		return err
	}
	if err := rd.hidePrivateTags(); err != nil {
		return err
	}
	if err := rd.widen(); err != nil {
		return err
	}
	rd.view, err = newView(rd.model.Locales, rd.query.Locale)
	return err
}

// options say in whose name a query is parsed.
func (rd *reader) options(kind cms.Kind, single bool) query.Options {
	opt := query.Options{API: query.Delivery, Kind: kind, Model: rd.model, Single: single, LocaleBased: rd.localeBased()}
	if rd.Stage == cms.Draft && kind != cms.KindContentType { // of which preview shows the published version too
		opt.API = query.Preview
	}
	if kind == cms.KindLocale {
		opt.DefaultLimit = 1000
	}
	return opt
}

// visible reports whether readers see a resource at all.
func (rd *reader) visible(h *store.Head) bool {
	switch {
	case h.Kind == cms.KindEntry && rd.model.Types[h.ContentType] == nil:
		return false
	case rd.Stage == cms.Published:
		return h.Published != 0
	}
	return !h.Archived()
}

func (rd *reader) localeBased() bool { return rd.LocaleBased && rd.Stage == cms.Published }

// revision is the body that readers see.
func (rd *reader) revision(h *store.Head) store.Revision {
	if rd.Stage == cms.Published {
		return h.Published
	}
	return h.Draft
}

// missing is the error for a resource that readers do not see.
func (rd *reader) missing(kind cms.Kind, id string) error {
	return fault.Missing(string(kind), id, rd.Place.EnvironmentID, rd.Place.SpaceID)
}
