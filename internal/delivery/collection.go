package delivery

import (
	"context"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// Entries answers a query over entries, with what they link to.
func (s *Service) Entries(ctx context.Context, r Request) (Answer, error) {
	return s.answer(ctx, r, cms.KindEntry, "", (*reader).search)
}

// Assets answers a query over assets.
func (s *Service) Assets(ctx context.Context, r Request) (Answer, error) {
	return s.answer(ctx, r, cms.KindAsset, "", (*reader).search)
}

// Entry is one entry, without what it links to.
func (s *Service) Entry(ctx context.Context, r Request, id string) (Answer, error) {
	return s.answer(ctx, r, cms.KindEntry, id, func(rd *reader) (*Body, error) { return rd.single(id) })
}

// Asset is one asset.
func (s *Service) Asset(ctx context.Context, r Request, id string) (Answer, error) {
	return s.answer(ctx, r, cms.KindAsset, id, func(rd *reader) (*Body, error) { return rd.single(id) })
}

// single is one entry or asset.
func (rd *reader) single(id string) (*Body, error) {
	if err := rd.look(); err != nil {
		return nil, err
	}
	h, ok := rd.heads(rd.query.Kind, []string{id})[id]
	if !ok || !rd.visible(&h) {
		return nil, rd.missing(rd.query.Kind, id)
	}
	fragments, err := rd.entities([]store.Head{h})
	if err != nil {
		return nil, err
	}
	if rd.hidden(fragments[0]) {
		return nil, rd.missing(rd.query.Kind, id)
	}
	return &Body{cuts: []cut{{0, fragments[0]}}, size: len(fragments[0].json), Keys: rd.keysOf(&h)}, nil
}

// search is a collection of entries or assets. Those who ask for the same at the
// same time get the same, unless it has entries that not everyone may see.
func (rd *reader) search() (*Body, error) {
	if rd.Far != nil {
		return rd.find()
	}
	return rd.flights.do(rd.ctx, rd.answerKey(), rd.find)
}

// find makes a collection of entries or assets. The items and what they link to
// are looked for one after the other; when entities that were published together
// became so in between, it begins again, so that all or none of them are seen.
func (rd *reader) find() (*Body, error) {
	for {
		before := rd.env.Together()
		b, err := rd.gather()
		if err != nil || rd.env.Together() == before {
			return b, err
		}
	}
}

// gather makes a collection of what there is.
func (rd *reader) gather() (*Body, error) {
	if err := rd.look(); err != nil {
		return nil, err
	}
	page, err := rd.matches()
	if err != nil {
		return nil, err
	}
	// a content type may have been deactivated since the model was read
	heads := slices.DeleteFunc(page.Heads, func(h store.Head) bool { return !rd.visible(&h) })
	fetch := rd.entities
	if rd.query.Select != nil {
		fetch = rd.selected
	}
	items, err := fetch(heads)
	if err != nil {
		return nil, err
	}
	in, err := rd.include(heads, items, rd.query.Include)
	if err != nil {
		return nil, err
	}
	if rd.Far != nil && rd.query.Include > 0 {
		if err := rd.includeFar(items, &in); err != nil {
			return nil, err
		}
	}
	b, err := rd.collection(page, items, in)
	if err != nil {
		return nil, err
	}
	b.Keys = rd.keysOfSearch(in)
	return b, nil
}

// collection writes the envelope around its parts.
func (rd *reader) collection(page index.Page, items []*fragment, in included) (*Body, error) {
	size := 512
	for _, f := range items {
		size += len(f.json) + 1
	}
	for _, group := range [][]part{in.entries, in.far, in.assets} {
		for _, p := range group {
			size += len(p.json) + 1
		}
	}
	if size > MaxAnswer+512 { // without putting it together first
		return nil, tooMany(size, items, in)
	}
	all := len(items) + len(in.entries) + len(in.far) + len(in.assets)
	b := &Body{cuts: make([]cut, 0, all)}
	w := &writer{make([]byte, 0, 512+all+160*len(in.unresolved))}
	w.raw(`{"sys":{"type":"Array"}`)
	if !rd.query.Cursor {
		w.intMember("total", int64(page.Total))
		w.intMember("skip", int64(rd.query.Skip))
	}
	w.intMember("limit", int64(rd.query.Limit))
	w.raw(`,"items":[`)
	for i, f := range items {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		b.splice(w, f)
	}
	w.raw("]")
	if rd.query.Cursor {
		rd.pages(w, page, map[cms.Kind]string{cms.KindEntry: "entries", cms.KindAsset: "assets"}[rd.query.Kind])
	}
	if len(in.unresolved)+len(in.lost) > 0 {
		w.raw(`,"errors":[`)
		for _, l := range in.unresolved {
			w.next()
			// lower-case "error" is how the original tells these from whole errors
			w.raw(`{"sys":{"id":"notResolvable","type":"error"},"details":{"type":"Link","linkType":`)
			w.str(string(l.kind))
			w.strMember("id", l.id)
			w.raw("}}")
		}
		for _, urn := range in.lost {
			w.next()
			w.raw(`{"sys":{"id":"notResolvable","type":"error"},"details":{"type":"ResourceLink","linkType":"` + farEntry + `"`)
			w.strMember("urn", urn)
			w.raw("}}")
		}
		w.raw("]")
	}
	if len(in.entries)+len(in.far)+len(in.assets) > 0 {
		w.raw(`,"includes":{`)
		b.group(w, cms.KindEntry, append(in.entries, in.far...))
		b.group(w, cms.KindAsset, in.assets)
		w.raw("}")
	}
	b.text = append(w.buf, '}')
	return b, nil
}

// tooMany says how many of the items would fit, with all that they link to.
func tooMany(size int, items []*fragment, in included) error {
	fits, left := len(items), size+160*len(in.unresolved)
	for fits > 0 && left > MaxAnswer {
		fits--
		left -= len(items[fits].json) + 1
	}
	if fits == 0 {
		return TooLarge("The answer would have %d bytes. Ask for fewer items with limit, for fewer levels of links with include, or for less of each item with select.", size)
	}
	return TooLarge("The answer would have %d bytes. With limit=%d it fits.", size, fits)
}

// pages writes where the pages of a list beside this one are, as relative URLs.
func (rd *reader) pages(w *writer, page index.Page, list string) {
	list += "?"
	if rd.later != nil {
		list = "timeline/" + list + rd.later.moment.Params().Encode() + "&"
	}
	link := func(name, parameter string, p *query.Position) {
		if p != nil {
			w.strMember(name, "/spaces/"+rd.Place.SpaceID+"/environments/"+rd.Place.EnvironmentID+"/"+list+parameter+"="+rd.query.Token(p))
		}
	}
	w.key("pages")
	w.raw("{")
	link("next", "pageNext", page.Next)
	link("prev", "pagePrev", page.Prev)
	w.raw("}")
}

// group writes the included entities of a kind, if there are any.
func (b *Body) group(w *writer, kind cms.Kind, parts []part) {
	if len(parts) == 0 {
		return
	}
	w.key(string(kind))
	w.raw("[")
	for i, p := range parts {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		b.splice(w, p.fragment)
	}
	w.raw("]")
}
