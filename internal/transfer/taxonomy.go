package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// named notes the concepts and schemes that a resource names.
func (x *export) named(links ...cms.LinkSys) {
	for _, l := range links {
		switch cms.Kind(l.LinkType) {
		case cms.KindConcept:
			x.concepts[l.ID] = true
		case cms.KindConceptScheme:
			x.schemes[l.ID] = true
		}
	}
}

// namedByType notes what the metadata of a content type names. They are as somebody
// sent them.
func (x *export) namedByType(metadata json.RawMessage) {
	var m struct {
		Taxonomy []cms.Link `json:"taxonomy"`
	}
	if json.Unmarshal(metadata, &m) == nil { // else it names nothing
		for _, l := range m.Taxonomy {
			x.named(l.Sys)
		}
	}
}

func (x *export) namedByEntity(e authoring.Entity) {
	for _, doc := range []*cms.Document{e.Document, e.PublishedDocument} {
		if doc == nil {
			continue
		}
		for _, id := range doc.Metadata.Concepts {
			x.concepts[id] = true
		}
	}
}

// taxonomy writes the part of the organization's taxonomy that is connected with what
// the content names. It comes last, when all of that is known.
func (x *export) taxonomy(ctx context.Context) error {
	organization := x.p.Organization
	inUse, schemes, err := x.Authoring.Connected(ctx, organization, slices.Sorted(maps.Keys(x.concepts)), slices.Sorted(maps.Keys(x.schemes)))
	if err != nil {
		return err
	}
	if !x.faces {
		x.leave(len(inUse), "concepts")
		x.leave(len(schemes), "concept schemes")
		return nil
	}
	x.r.count(concepts)
	x.r.count(conceptSchemes)
	if err := x.out.begin(concepts); err != nil {
		return err
	}
	for ids := range slices.Chunk(inUse, batch) {
		found, err := x.Authoring.ConceptsByID(ctx, organization, ids)
		if err != nil {
			return err
		}
		for _, c := range found {
			if err := x.add(concepts, c, ""); err != nil {
				return err
			}
		}
	}
	if err := x.out.begin(conceptSchemes); err != nil {
		return err
	}
	for _, id := range schemes {
		s, err := x.Authoring.ConceptScheme(ctx, organization, id)
		if err == nil {
			err = x.add(conceptSchemes, s, "")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// taxa are the concepts or the concept schemes that an import makes: those that are
// missing. What is there stays as it is, whatever it says: it belongs to the
// organization, and so to other spaces too.
type taxa struct {
	name      string
	kind      cms.Kind
	relations []string // members that name others of the taxonomy
	get       func(id string) (resource any, version int, err error)
	put       func(s *authoring.Service, id string, v authoring.Version, body []byte) (resource any, version int, err error)

	made  map[string]int // versions of those that were made, by id
	other int            // that are there and say something else
}

// concepts first go in without what they name, since that comes in any order, and
// then with it, and as deprecated as they were.
func (x *importer) concepts(ctx context.Context) error {
	t := taxa{name: concepts, kind: cms.KindConcept, relations: []string{"broader", "related"}, made: map[string]int{},
		get: func(id string) (any, int, error) {
			c, err := x.Authoring.Concept(ctx, x.p.Organization, id)
			return c, c.Version, err
		},
		put: func(s *authoring.Service, id string, v authoring.Version, body []byte) (any, int, error) {
			c, _, err := s.PutConcept(ctx, x.p.Organization, x.a, id, v, body)
			return c, c.Version, err
		}}
	if err := x.taxa(ctx, &t, t.relations); err != nil {
		return err
	}
	if x.opt.DryRun {
		x.Authoring = x.Authoring.SupposingConcepts(x.p.Organization, slices.Collect(maps.Keys(t.made)))
		return nil
	}
	return x.relate(ctx, &t)
}

func (x *importer) conceptSchemes(ctx context.Context) error {
	t := taxa{name: conceptSchemes, kind: cms.KindConceptScheme, relations: []string{"topConcepts", "concepts"}, made: map[string]int{},
		get: func(id string) (any, int, error) {
			s, err := x.Authoring.ConceptScheme(ctx, x.p.Organization, id)
			return s, s.Version, err
		},
		put: func(s *authoring.Service, id string, v authoring.Version, body []byte) (any, int, error) {
			scheme, _, err := s.PutConceptScheme(ctx, x.p.Organization, x.a, id, v, body)
			return scheme, scheme.Version, err
		}}
	if x.opt.DryRun { // then there are no concepts that it could name
		return x.taxa(ctx, &t, t.relations)
	}
	return x.taxa(ctx, &t, nil)
}

// taxa makes those that are missing, without some of their members.
func (x *importer) taxa(ctx context.Context, t *taxa, left []string) error {
	n := 0
	err := x.src.each(ctx, t.name, func(raw json.RawMessage) error {
		n++
		c := x.r.count(t.name)
		c.Total++
		defer x.pace(t.name, t.name, n)
		var r resource
		body, err := without(raw, append([]string{"sys", "conceptSchemes", "totalConcepts"}, left...)...)
		err = errors.Join(json.Unmarshal(raw, &r), err)
		if err == nil && r.Sys.ID == "" {
			err = errors.New("it has no id")
		}
		if err != nil {
			x.r.problem(t.name, orNumber(r.Sys.ID, n), "read", unreadable(err))
			return nil
		}
		if err := x.taxon(c, t, r.Sys, raw, body); err != nil {
			if whole(ctx, err) {
				return err
			}
			x.r.problem(t.name, r.Sys.ID, "save", x.Words(err))
		}
		return nil
	})
	if err == nil && t.other > 0 {
		x.r.notice("%d %s are there already with other values, and stay as they are: they belong to the organization, not to the space alone.", t.other, t.name)
	}
	return err
}

func (x *importer) taxon(c *Count, t *taxa, s sys, raw, body json.RawMessage) error {
	there, version, err := t.get(s.ID)
	if err == nil {
		c.Unchanged++
		return x.compare(t, s, there, version, raw)
	}
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	to, err := x.keeping(s, t.kind, cms.TaxonomyID(x.p.Organization, s.ID))
	if err != nil {
		return err
	}
	if x.opt.DryRun {
		to = to.Trial()
	}
	_, version, err = t.put(to, s.ID, authoring.Version{}, body)
	if err == nil {
		t.made[s.ID] = version
		c.Created++
	}
	return err
}

// compare notes one that is there with other values. When only what it names or its
// deprecation is missing, it is one whose import was cut off, and gets that; but one
// that has changed since may have had its deprecation taken back.
func (x *importer) compare(t *taxa, s sys, there any, version int, raw json.RawMessage) error {
	shown, err := x.Wire(x.p, "", there)
	if err != nil {
		return err
	}
	now, err := said(shown)
	if err != nil {
		return err
	}
	want, err := said(raw)
	if err != nil {
		return err
	}
	if maps.Equal(now, want) {
		return nil
	}
	untouched := version <= 2 // it was made, and given what it names
	if x.opt.KeepSys {
		untouched = version == s.Version
	}
	if now[deprecation] == "" && untouched {
		now[deprecation] = want[deprecation]
	}
	if !maps.Equal(now, want) {
		for _, name := range t.relations {
			if now[name] != "[]" {
				t.other++
				return nil
			}
			now[name] = want[name]
		}
	}
	if maps.Equal(now, want) && t.kind == cms.KindConcept {
		t.made[s.ID] = version
	} else {
		t.other++
	}
	return nil
}

// deprecation is what said calls the deprecation of a concept.
const deprecation = "sys.deprecated"

// said are the members of a concept or concept scheme, each in one spelling, without
// those that others make, and whether it is deprecated, and for what.
func said(raw json.RawMessage) (map[string]string, error) {
	var members map[string]any
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, value := range members {
		if name == "sys" || name == "conceptSchemes" || name == "totalConcepts" {
			continue
		}
		spelled, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		out[name] = string(spelled)
	}
	var r resource
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	out[deprecation] = ""
	if !r.Sys.DeprecatedAt.IsZero() {
		out[deprecation] = "for " + r.Sys.ReplacedBy.Sys.ID
	}
	return out, nil
}

// relate gives those that were made what they name, and deprecates them.
func (x *importer) relate(ctx context.Context, t *taxa) error {
	return x.src.each(ctx, t.name, func(raw json.RawMessage) error {
		var r resource
		if json.Unmarshal(raw, &r) != nil {
			return nil // which was said before
		}
		version, made := t.made[r.Sys.ID]
		if !made {
			return nil
		}
		delete(t.made, r.Sys.ID)
		named, err := said(raw)
		if err != nil {
			return err
		}
		body, err := without(raw, "sys", "conceptSchemes")
		if err != nil {
			return err
		}
		to, err := x.keeping(r.Sys, t.kind, cms.TaxonomyID(x.p.Organization, r.Sys.ID))
		if err == nil && slices.ContainsFunc(t.relations, func(name string) bool { return len(named[name]) > len("[]") }) {
			_, version, err = t.put(to, r.Sys.ID, authoring.Version{Number: version, Sent: true}, body)
		}
		if err == nil && !r.Sys.DeprecatedAt.IsZero() {
			err = x.deprecate(ctx, to, r.Sys, version)
		}
		if err != nil && whole(ctx, err) {
			return err
		}
		if err != nil {
			x.r.problem(t.name, r.Sys.ID, "save", x.Words(err))
		}
		return nil
	})
}

// deprecate makes a concept as deprecated as it was: since when and by whom too, if
// sys is to be kept.
func (x *importer) deprecate(ctx context.Context, to *authoring.Service, s sys, version int) error {
	d := cms.Deprecation{At: to.Now(), By: x.a.User, ReplacedBy: s.ReplacedBy.Sys.ID}
	if x.opt.KeepSys {
		d.At, d.By = s.DeprecatedAt.UTC().Truncate(time.Millisecond), s.DeprecatedBy.Sys.ID
	}
	_, err := to.ReceiveDeprecation(ctx, x.p.Organization, x.a, s.ID, authoring.Version{Number: version, Sent: true}, d)
	return err
}
