package authoring

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// ArrivedStep is one change in the history of an arrival.
type ArrivedStep struct {
	Step
	Draft     *EntityInput // what was saved; nil: the draft was left as it was
	Published *EntityInput // with Publish: what was published, when that was not the draft
	Locales   []string     // with Published: codes of its locales
}

// pastWrite is a step as it is to be written.
type pastWrite struct {
	Step
	draft     []byte // nil: as it was
	doc       *cms.Document
	published []byte // nil: the draft, if it publishes
}

// readPast prepares the history of an arrival. It is what was valid once: only its
// form is checked, and what names fields and locales that are gone is left out. A
// history that cannot be read, or whose versions do not grow, is left out whole; lost
// says so.
func (s *Service) readPast(ctx context.Context, p access.Place, model *cms.Model, kind cms.Kind, in *incoming) (out []pastWrite, lost bool, err error) {
	read := func(input *EntityInput, locales []string) (*cms.Document, []byte, error) {
		if input == nil {
			return nil, nil, nil
		}
		doc, err := s.document(ctx, p, model, kind, in, presentFields(in.ct, model.Locales, *input))
		if err != nil {
			return nil, nil, err
		}
		doc.Locales = model.Locales.Keys()
		if locales != nil {
			doc.Locales = nil
			for _, code := range locales {
				if l := byCode(model.Locales, code); l != nil {
					doc.Locales = append(doc.Locales, l.Key)
				}
			}
		}
		body, err := doc.Encode()
		return doc, body, err
	}
	last := 0
	for _, st := range in.Past {
		grows := st.Version > last
		last = st.Version
		w := pastWrite{Step: st.Step}
		if w.doc, w.draft, err = read(st.Draft, nil); err == nil {
			_, w.published, err = read(st.Published, st.Locales)
		}
		switch {
		case fault.Is(err, fault.ServerError) || fault.Is(err, fault.Timeout):
			return nil, false, err
		case err != nil || !grows:
			return nil, true, nil
		case out == nil && w.draft == nil: // its beginning is not in the export
			continue
		}
		out = append(out, w)
	}
	return out, false, nil
}

// pastBase is the draft that was there when it was published last. When that were some
// locales only, it may have other values in all others.
func (in *incoming) pastBase() *cms.Document {
	if !in.Publish {
		return in.first
	}
	if !in.Keep.Changed() {
		return in.latest
	}
	base := in.first
	for _, st := range in.past {
		if st.Version <= in.Keep.PublishedVersion && st.doc != nil {
			base = st.doc
		}
	}
	return base
}

// presentFields is an input without fields and locales that there are not.
func presentFields(ct *cms.ContentType, locales cms.Locales, in EntityInput) EntityInput {
	fields := map[string]json.RawMessage{}
	for id, raw := range in.Fields {
		f := ct.Field(id)
		if f == nil {
			continue
		}
		var values map[string]json.RawMessage
		if json.Unmarshal(raw, &values) != nil {
			fields[id] = raw // which is not what a field has, and is refused
			continue
		}
		for code := range values {
			if l := byCode(locales, code); l == nil || !f.InLocale(*l) {
				delete(values, code)
			}
		}
		kept, err := json.Marshal(values)
		if err != nil {
			continue // raw messages that were read can be written
		}
		fields[id] = kept
	}
	in.Fields = fields
	return in
}

func byCode(locales cms.Locales, code string) *cms.Locale {
	i := slices.IndexFunc(locales, func(l cms.Locale) bool { return l.Code == code })
	if i < 0 {
		return nil
	}
	return &locales[i]
}

// receivePast makes a resource by its history, up to the version that is to be
// published or archived: like every arrival it is a draft then, whatever was published
// before. What the history does not have is made as if there was none.
func (s *Service) receivePast(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, in *incoming, first []byte, users map[string]bool) error {
	until := firstVersion(*in.Keep)
	steps := slices.Clone(in.past)
	for len(steps) > 0 && steps[len(steps)-1].Version > until {
		steps = steps[:len(steps)-1]
	}
	if n := len(steps); n == 0 || steps[n-1].Version != until {
		steps = append(steps, pastWrite{Step: Step{Version: until, Action: store.Save, By: in.Keep.UpdatedBy, At: in.Keep.UpdatedAt}})
	}
	var draft []byte
	for _, st := range steps {
		if st.draft != nil {
			draft = st.draft
		}
	}
	if !bytes.Equal(draft, first) {
		steps[len(steps)-1].draft = first
	}
	var h store.Head
	for i, st := range steps {
		w := st.write(p, *in.Keep, h, a.User, users)
		if i == len(steps)-1 {
			ready(&w.Head, *in.Keep)
		}
		var err error
		if h, err = tx.Put(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// ready makes a head that of a resource that is about to be published or archived.
func ready(h *store.Head, keep cms.Sys) {
	h.PublishedVersion, h.Published, h.PublishedBy, h.PublishedAt = 0, 0, "", time.Time{}
	h.ArchivedVersion, h.ArchivedBy, h.ArchivedAt = 0, "", time.Time{}
	h.PublishedCounter, h.FirstPublishedAt = keep.PublishedCounter, keep.FirstPublishedAt
	if keep.Published() {
		h.PublishedCounter = max(0, keep.PublishedCounter-1)
	}
}

// write is the write that a step was, of a resource that has sys in the end. h is what
// the steps before it left. The beginning of a history may be missing, so that the
// steps that end what began there do not fit; they are plain saves then.
func (st pastWrite) write(p access.Place, sys cms.Sys, h store.Head, importer string, users map[string]bool) store.Write {
	user := func(id string) string {
		if users[id] {
			return id
		}
		return importer
	}
	if h.ID == "" {
		h = created(p.Environment, sys.Kind, sys.ID, st.Version, user(sys.CreatedBy), sys.CreatedAt)
		h.ContentType = sys.ContentType
		h.UpdatedAt, h.UpdatedBy = st.At, user(st.By)
		return store.Write{Head: h, Was: store.Absent, Body: st.draft, Action: store.Create, Actor: user(st.By), At: st.At}
	}
	w := store.Write{Head: h, Action: store.Save}
	switch {
	case st.Action == store.Publish && !h.Archived():
		w = publish(h)
		w.PublishedBody = st.published
	case st.Action == store.Unpublish:
		if next, err := unpublish(h); err == nil {
			w = next
		}
	case st.Action == store.Archive:
		if next, err := toArchive(h); err == nil {
			w = next
		}
	case st.Action == store.Unarchive && h.Archived():
		w = toUnarchive(h)
	}
	w.Body = st.draft
	w = stamped(w, user(st.By), st.At)
	w.Head.Version = st.Version
	return w
}

// settlePast writes the steps between the publication and the latest version.
func (s *Service) settlePast(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, in *incoming, h store.Head, users map[string]bool) (store.Head, error) {
	for _, st := range in.past {
		if st.Version <= h.Version || st.Version >= in.Keep.Version || st.draft == nil {
			continue
		}
		st.Action = store.Save // anything else would have changed what is published
		var err error
		if h, err = tx.Put(ctx, st.write(p, *in.Keep, h, a.User, users)); err != nil {
			return h, err
		}
	}
	return h, nil
}

// TypeStep is one change in the history of a content type.
type TypeStep struct {
	Step
	Draft json.RawMessage // what was saved; nil: the draft was left as it was
}

// ReceiveTypePast gives a content type that comes from elsewhere the part of its
// history that follows on what there is, up to a version. When there is nothing yet it
// is made, and is not active afterwards. sys is what it has in the end.
func (s *Service) ReceiveTypePast(ctx context.Context, p access.Place, a access.Actor, sys cms.Sys, steps []TypeStep, until int) error {
	if err := checkKept(sys); err != nil {
		return err
	}
	if !cms.ValidID(sys.ID) {
		return invalidID(fault.ValidationFailed, sys.ID)
	}
	return s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		var draft, activated *cms.ContentType
		h, err := tx.Get(ctx, p.Environment, cms.KindContentType, sys.ID)
		isNew := fault.Is(err, fault.NotFound)
		if isNew {
			h = store.Head{}
		} else if err == nil {
			draft, activated, err = faces(ctx, tx, h)
		}
		if err != nil && !isNew {
			return err
		}
		known := []cms.Sys{sys}
		for _, st := range steps {
			known = append(known, cms.Sys{CreatedBy: st.By})
		}
		users, err := knownUsers(ctx, tx, known...)
		if err != nil {
			return err
		}
		for i, st := range steps {
			if st.Version <= h.Version || st.Version > until || h.ID == "" && st.Draft == nil {
				continue
			}
			past := pastWrite{Step: st.Step}
			if st.Draft != nil {
				request, err := validate.ContentType(st.Draft)
				if err != nil {
					return err
				}
				if draft, err = validate.ContentTypeChange(request, draft, activated); err != nil {
					return err
				}
				if past.draft, err = encode(draft); err != nil {
					return err
				}
			}
			switch st.Action {
			case store.Publish:
				activated = draft
			case store.Unpublish:
				activated = nil
			}
			w := past.write(p, sys, h, a.User, users)
			if isNew && (i+1 == len(steps) || steps[i+1].Version > until) {
				ready(&w.Head, sys)
			}
			if h, err = tx.Put(ctx, w); err != nil {
				return err
			}
		}
		if isNew && h.Version != until {
			return fault.New(fault.BadRequest, "The history of %s ends at version %d, not at version %d.", sys.ID, h.Version, until)
		}
		return nil
	})
}
