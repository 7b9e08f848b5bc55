package authoring

import (
	"context"
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Arrival is an entry or asset as it comes from elsewhere, with the state it had
// there.
type Arrival struct {
	ID          string
	ContentType string // of an entry
	Latest      EntityInput
	Published   *EntityInput // what is published, when that is not Latest
	Publish     bool         // something is
	Locales     []string     // codes of the locales that are published; nil: all
	Archive     bool
	Keep        *cms.Sys      // to be kept, see Keeping; nil: it is as if it was written now
	Past        []ArrivedStep // with Keep: how it came to be, the oldest first; nil: not known
}

// Receipt says what became of an arrival.
type Receipt struct {
	Created, Updated, Unchanged bool
	Published, Archived         bool
	PastLost                    bool  // its history could not be read: it has none from before
	Err                         error // why it is not as it should be
}

// incoming is an arrival on its way, with what there is in its place.
type incoming struct {
	Arrival
	ct     *cms.ContentType
	first  *cms.Document // what is published, or else the latest version
	latest *cms.Document // first itself, when there is nothing else
	head   store.Head    // zero: there is nothing
	now    *cms.Document // its latest version
	public *cms.Document // its published one
	base   *cms.Document // the draft of which first is published: that itself, or what else the past has
	past   []pastWrite
	lost   bool // the past was
	err    error
}

func (in *incoming) exists() bool { return in.head.ID != "" }

// Receive saves entries or assets that come from elsewhere, all in one transaction.
// One that cannot be saved is left out, and its receipt says why. They may link to
// each other and to what comes later, so it publishes nothing: Settle does, when
// all are there.
//
// Who arrives twice is received once: what is there with the same values is left
// as it is, so a transfer that was cut off can begin anew. What is there with other
// values gets a new version, or is a conflict when sys is to be kept.
func (s *Service) Receive(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, arrivals []Arrival) ([]Receipt, error) {
	var out []Receipt
	err := s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		all, err := s.incoming(ctx, p, model, kind, arrivals)
		if err != nil {
			return err
		}
		users, err := keptUsers(ctx, s.Store, all)
		if err != nil {
			return err
		}
		return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
			if err := sameModel(ctx, tx, p, model); err != nil {
				return err
			}
			out = make([]Receipt, len(all))
			for i, in := range all {
				if out[i], err = s.receive(ctx, tx, p, a, model, kind, in, users); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// receive saves one arrival. err is of the database; what is wrong with the arrival
// is in the receipt.
func (s *Service) receive(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, model *cms.Model, kind cms.Kind, in *incoming, users map[string]bool) (r Receipt, err error) {
	if in.err != nil {
		return Receipt{Err: in.err}, nil
	}
	for _, doc := range []*cms.Document{in.first, in.latest} {
		if err := checkTags(ctx, tx, p, doc.Metadata); fault.Is(err, fault.UnresolvedLinks) {
			return Receipt{Err: err}, nil
		} else if err != nil {
			return r, err
		}
	}
	next := in.first
	switch {
	case !in.exists():
		r.Created, r.PastLost = true, in.lost
	case in.settled(model.Locales):
		return Receipt{Unchanged: true}, nil
	case in.Keep != nil:
		if !in.underWay(model.Locales) {
			f := fault.New(fault.Conflict, "There is a %s %q already, at version %d, with other content or another sys.", kind, in.ID, in.head.Version)
			f.Hint = "sys can be kept only of what is not there yet. Import without keeping it to make a new version, or into another environment."
			return Receipt{Err: f}, nil
		}
		return Receipt{}, nil
	case in.publishedAlready(model.Locales):
		next = in.latest
		fallthrough
	default:
		if in.same(model.Locales, in.now, next) {
			return Receipt{}, nil // Settle does the rest
		}
		if in.head.Archived() {
			return Receipt{Err: editsArchived(kind, in.ID)}, nil
		}
		r.Updated = true
	}
	if r.Created {
		next = in.base
	}
	body, err := encode(next)
	if err != nil {
		return r, fault.Wrap(err, fault.ServerError, "encoding %s %s", kind, in.ID)
	}
	if r.Created && len(in.past) > 0 {
		return r, s.receivePast(ctx, tx, p, a, in, body, users)
	}
	at := s.Now()
	w := store.Write{Head: touched(in.head, a.User, at), Was: in.head.Version, Body: body, Action: store.Save, Actor: a.User, At: at}
	if r.Created {
		h := created(p.Environment, kind, in.ID, 1, a.User, at)
		h.ContentType = in.ContentType
		w.Head, w.Was, w.Action = h, store.Absent, store.Create
		if in.Keep != nil {
			w = kept(w, *in.Keep, users)
		}
	}
	_, err = tx.Put(ctx, w)
	if fault.Is(err, fault.VersionMismatch) { // somebody else was faster
		err = errOutdated
	}
	return r, err
}

// incoming checks arrivals by themselves and finds what is in their place.
func (s *Service) incoming(ctx context.Context, p access.Place, model *cms.Model, kind cms.Kind, arrivals []Arrival) ([]*incoming, error) {
	ids := make([]string, len(arrivals))
	for i, a := range arrivals {
		ids[i] = a.ID
	}
	heads, err := s.heads(ctx, p, kind, slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !cms.ValidID(id) }))
	if err != nil {
		return nil, err
	}
	there := map[string]store.Head{}
	var revs []store.Revision
	for _, h := range heads {
		there[h.ID] = h
		revs = append(revs, h.Draft, h.Published)
	}
	docs, err := s.documents(ctx, revs...)
	if err != nil {
		return nil, err
	}
	out := make([]*incoming, len(arrivals))
	for i, a := range arrivals {
		h := there[a.ID]
		in := &incoming{Arrival: a, head: h, now: docs[h.Draft], public: docs[h.Published]}
		if slices.Index(ids, a.ID) < i {
			in.err = fault.New(fault.Conflict, "The %s %q stands there twice.", kind, a.ID)
		} else if in.err = s.read(ctx, p, model, kind, in); fault.Is(in.err, fault.ServerError) || fault.Is(in.err, fault.Timeout) {
			return nil, in.err
		}
		out[i] = in
	}
	return out, nil
}

// read checks the versions of an arrival as every save does.
func (s *Service) read(ctx context.Context, p access.Place, model *cms.Model, kind cms.Kind, in *incoming) error {
	if !cms.ValidID(in.ID) {
		return invalidID(invalid(kind), in.ID)
	}
	if in.Keep != nil {
		if err := checkKept(*in.Keep); err != nil {
			return err
		}
	}
	in.ct = cms.AssetType
	if kind == cms.KindEntry {
		var err error
		if in.ct, err = activeType(model, in.ContentType); err != nil {
			return err
		}
		if in.exists() && in.head.ContentType != in.ContentType {
			return fault.New(fault.Conflict, "There is an entry %q already, of the content type %q.", in.ID, in.head.ContentType)
		}
	}
	document := func(input EntityInput) (*cms.Document, error) {
		doc, err := s.document(ctx, p, model, kind, in, input)
		if err != nil {
			return nil, err
		}
		doc.Locales = model.Locales.Keys()
		_, err = s.givenConcepts(ctx, p, in.head.Draft, doc.Metadata) // it had them elsewhere, deprecated or not
		return doc, err
	}
	var err error
	if in.latest, err = document(in.Latest); err != nil {
		return err
	}
	in.first = in.latest
	if in.Publish && in.Published != nil {
		if in.first, err = document(*in.Published); err != nil {
			return fmt.Errorf("the published version: %w", err)
		}
	}
	in.base = in.first
	if in.Keep != nil {
		in.past, in.lost, err = s.readPast(ctx, p, model, kind, in)
		switch base := in.pastBase(); {
		case !in.same(model.Locales, base, in.first):
			in.base = base
		case base == in.latest:
			in.first, in.base = base, base
		}
	}
	return err
}

// document is a checked version of an arrival, as it is to be stored.
func (s *Service) document(ctx context.Context, p access.Place, model *cms.Model, kind cms.Kind, in *incoming, input EntityInput) (*cms.Document, error) {
	var doc *cms.Document
	var err error
	if kind == cms.KindEntry {
		doc, err = s.entryDocument(ctx, model, in.ct, 0, input)
	} else {
		doc, err = s.assetDocument(ctx, p, model, in.ID, 0, input)
	}
	if err != nil {
		return nil, err
	}
	body, err := doc.Encode()
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "encoding %s %s", kind, in.ID)
	}
	if len(body) > maxDocument {
		return nil, tooLarge(kind)
	}
	return doc, nil
}

// keptUsers are the users of this server that some arrivals name.
func keptUsers(ctx context.Context, r store.Reader, all []*incoming) (map[string]bool, error) {
	var named []cms.Sys
	for _, in := range all {
		if in.Keep != nil {
			named = append(named, *in.Keep)
			for _, st := range in.past {
				named = append(named, cms.Sys{CreatedBy: st.By})
			}
		}
	}
	return knownUsers(ctx, r, named...)
}

// same reports whether two versions have the same values and metadata.
func (in *incoming) same(locales cms.Locales, a, b *cms.Document) bool {
	return a == b || sameMetadata(a.Metadata, b.Metadata) && !slices.ContainsFunc(locales, func(l cms.Locale) bool { return !in.sameIn(l, a, b) })
}

func (in *incoming) sameIn(l cms.Locale, a, b *cms.Document) bool {
	for i := range in.ct.Fields {
		f := &in.ct.Fields[i]
		if f.InLocale(l) && !cms.SameValue(a.Fields[f.Key][l.Key], b.Fields[f.Key][l.Key]) {
			return false
		}
	}
	return true
}

func sameMetadata(a, b cms.Metadata) bool {
	return slices.Equal(a.Tags, b.Tags) && slices.Equal(a.Concepts, b.Concepts)
}

// publishedAlready reports whether that is published which should be.
func (in *incoming) publishedAlready(locales cms.Locales) bool {
	if !in.Publish || in.public == nil || !sameMetadata(in.first.Metadata, in.public.Metadata) {
		return false
	}
	return !slices.ContainsFunc(locales, func(l cms.Locale) bool {
		wanted := in.Locales == nil || slices.Contains(in.Locales, l.Code)
		return in.public.For(l.Key) != wanted || wanted && !in.sameIn(l, in.first, in.public)
	})
}

// settled reports whether nothing is left to do. Like the official tool an import
// takes nothing back: what is published stays so.
func (in *incoming) settled(locales cms.Locales) bool {
	return in.same(locales, in.now, in.latest) && in.head.Archived() == in.Archive &&
		(!in.Publish || in.publishedAlready(locales)) && (in.Keep == nil || in.head.Version == in.Keep.Version)
}

// underWay reports whether what is there is what Receive made of the arrival.
func (in *incoming) underWay(locales cms.Locales) bool {
	return in.head.Version == firstVersion(*in.Keep) && !in.head.Sys.Published() && !in.head.Archived() && in.same(locales, in.now, in.base)
}

// Settle publishes and archives what Receive has saved, all in one transaction, and
// puts changes on top of what is published. What cannot be published stays as it
// is, and its receipt says why. Of what was not received as it came it says
// nothing: Receive has.
func (s *Service) Settle(ctx context.Context, p access.Place, a access.Actor, kind cms.Kind, arrivals []Arrival) ([]Receipt, error) {
	var out []Receipt
	err := s.withModel(ctx, p, func(ctx context.Context, model *cms.Model) error {
		out = make([]Receipt, len(arrivals))
		all, err := s.incoming(ctx, p, model, kind, arrivals)
		if err != nil {
			return err
		}
		byID, instead := map[string]int{}, map[cms.Link]*cms.Document{}
		var items []cms.ActionItem
		var finish []int
		for i, in := range all {
			if in.err != nil || !in.exists() || in.settled(model.Locales) || in.Keep != nil && !in.underWay(model.Locales) {
				continue
			}
			switch {
			case in.Publish && !in.publishedAlready(model.Locales):
				if in.same(model.Locales, in.now, in.base) {
					byID[in.ID] = i
					if in.base != in.first {
						instead[cms.LinkTo(kind, in.ID)] = in.first
					}
					items = append(items, cms.ActionItem{Kind: kind, ID: in.ID, Version: in.head.Version, Action: cms.ActionPublish, Add: in.Locales})
				}
			case in.same(model.Locales, in.now, in.latest):
				finish = append(finish, i)
			}
		}
		pl, err := s.planSome(ctx, p, a.User, model, items, instead, func(id string, err error) { out[byID[id]].Err = err })
		if err != nil {
			return err
		}
		users, err := keptUsers(ctx, s.Store, all)
		if err != nil {
			return err
		}
		failed := slices.Clone(out)
		return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
			copy(out, failed)
			if err := s.begin(ctx, tx, p, a.User, pl); err != nil {
				return err
			}
			for _, d := range pl.deeds {
				i := byID[d.head.ID]
				if out[i], err = s.settle(ctx, tx, p, a, all[i], d, users); err != nil {
					return err
				}
			}
			for _, i := range finish {
				if out[i], err = s.shelve(ctx, tx, p, a, all[i], users); err != nil {
					return err
				}
			}
			return nil
		}, pl.asks())
	})
	return out, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// planSome plans what is possible of items. What is not may have been counted on by
// others, so they are planned again without it.
func (s *Service) planSome(ctx context.Context, p access.Place, user string, model *cms.Model, items []cms.ActionItem, instead map[cms.Link]*cms.Document, failed func(id string, err error)) (plan, error) {
	for {
		pl, failures, err := s.plan(ctx, p, user, model, "", items, instead)
		if err != nil || len(failures) == 0 {
			return pl, err
		}
		gone := map[string]bool{}
		for _, f := range failures {
			gone[f.ID] = true
			failed(f.ID, f.Error)
		}
		items = slices.DeleteFunc(slices.Clone(items), func(it cms.ActionItem) bool { return gone[it.ID] })
	}
}

// settle publishes one arrival and saves what it has on top.
func (s *Service) settle(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, in *incoming, d deed, users map[string]bool) (Receipt, error) {
	if err := checkTags(ctx, tx, p, in.latest.Metadata); fault.Is(err, fault.UnresolvedLinks) {
		return Receipt{Err: err}, nil
	} else if err != nil {
		return Receipt{}, err
	}
	w, err := d.write(ctx, tx, p)
	if err != nil {
		return Receipt{}, err
	}
	w = stamped(w, a.User, s.Now())
	if in.Keep != nil {
		w = kept(w, *in.Keep, users)
	}
	h, err := tx.Put(ctx, w)
	if err != nil || in.latest == in.base {
		return Receipt{Published: true}, err
	}
	if h, err = s.settlePast(ctx, tx, p, a, in, h, users); err != nil {
		return Receipt{}, err
	}
	body, err := encode(in.latest)
	if err != nil {
		return Receipt{}, fault.Wrap(err, fault.ServerError, "encoding %s %s", h.Kind, h.ID)
	}
	at := s.Now()
	w = store.Write{Head: touched(h, a.User, at), Was: h.Version, Body: body, Action: store.Save, Actor: a.User, At: at}
	if in.Keep != nil {
		w = kept(w, *in.Keep, users)
	}
	_, err = tx.Put(ctx, w)
	return Receipt{Published: true}, err
}

// shelve archives one arrival, if that is what is left to do.
func (s *Service) shelve(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, in *incoming, users map[string]bool) (Receipt, error) {
	h, err := tx.Get(ctx, p.Environment, in.head.Kind, in.ID)
	if err == nil && h.Version != in.head.Version || fault.Is(err, fault.NotFound) {
		err = errOutdated
	}
	if err != nil || !in.Archive || h.Archived() {
		return Receipt{}, err
	}
	w, err := toArchive(h)
	if err != nil {
		return Receipt{Err: err}, nil
	}
	w = stamped(w, a.User, s.Now())
	if in.Keep != nil {
		w = kept(w, *in.Keep, users)
	}
	_, err = tx.Put(ctx, w)
	return Receipt{Archived: true}, err
}
