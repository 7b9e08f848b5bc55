package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// The history of a resource stands in a list of its own, one change a line, in the
// order of the resources and, for each, from its creation on.

// histories are the lists with the histories of what other lists have.
var histories = map[string]string{contentTypes: "contentTypeHistory", assets: "assetHistory", entries: "entryHistory"}

// maxHistory is how much of the history of one resource an import takes, in bytes: the
// newest.
const maxHistory = 16 << 20

// pastLine is one change.
type pastLine struct {
	Sys pastSys `json:"sys"`
	// Is says that what was saved is the latest version or the published one, which
	// the resource has itself; else Content is it.
	Is          string             `json:"is,omitempty"`
	Content     json.RawMessage    `json:"content,omitempty"`
	Published   json.RawMessage    `json:"published,omitempty"`   // with some locales only
	PublishedIn []string           `json:"publishedIn,omitempty"` // codes of those
	Files       map[string]fileSum `json:"files,omitempty"`       // of assets, as far as Content has them alone

	size int // bytes of the line it was read from
}

type pastSys struct {
	Type      string       `json:"type"`
	Entity    cms.Link     `json:"entity"`
	Version   int          `json:"version"`
	Action    store.Action `json:"action"`
	CreatedAt time.Time    `json:"createdAt"`
	CreatedBy cms.Link     `json:"createdBy"`
}

const (
	isLatest    = "latest"
	isPublished = "published"
)

// history writes the histories of all resources of a kind.
func (x *export) history(ctx context.Context, name string, kind cms.Kind) error {
	list := histories[name]
	x.r.count(list)
	if err := x.out.begin(list); err != nil {
		return err
	}
	return x.each(ctx, kind, func(id string, own map[string]bool) error {
		return x.Authoring.EachPast(ctx, x.p, kind, id, func(st authoring.PastStep) error {
			l, err := x.pastLine(ctx, kind, id, st, own)
			if err != nil {
				return err
			}
			raw, err := json.Marshal(l)
			if err == nil {
				err = x.out.add(raw, "")
			}
			x.r.count(list).Total++
			return err
		})
	})
}

// each calls f with the ids of all resources of a kind; own are the URLs of files that
// an asset has itself.
func (x *export) each(ctx context.Context, kind cms.Kind, f func(id string, own map[string]bool) error) error {
	if kind == cms.KindContentType {
		return x.Authoring.EachContentType(ctx, x.p, func(t authoring.TypeFaces) error { return f(t.Draft.ID, nil) })
	}
	for after := ""; ; {
		page, err := x.Authoring.EntitiesAfter(ctx, x.p, kind, after, batch)
		if err != nil {
			return err
		}
		for _, e := range page {
			own := map[string]bool{}
			if kind == cms.KindAsset {
				for url := range x.filesOf(e) {
					own[url] = true
				}
			}
			if err := f(e.ID, own); err != nil {
				return err
			}
		}
		if len(page) < batch {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

func (x *export) pastLine(ctx context.Context, kind cms.Kind, id string, st authoring.PastStep, own map[string]bool) (pastLine, error) {
	l := pastLine{Sys: pastSys{Type: "Version", Entity: cms.LinkTo(kind, id), Version: st.Version, Action: st.Action, CreatedAt: st.At, CreatedBy: cms.LinkTo(cms.KindUser, st.By)}}
	switch {
	case st.Latest:
		l.Is = isLatest
	case st.Public:
		l.Is = isPublished
	case st.Saved && st.ContentType != nil:
		raw, err := x.Wire(x.p, x.FileBase, *st.ContentType)
		if err == nil {
			raw, err = without(raw, "sys")
		}
		l.Content = raw
		return l, err
	case st.Saved:
		face, err := x.face(*st.Entity, st.Entity.Document)
		if err != nil {
			return l, err
		}
		l.Content = json.RawMessage(face)
		if kind == cms.KindAsset {
			then := *st.Entity
			then.PublishedDocument = nil // which has a step of its own
			if l.Files, err = x.copyFiles(ctx, then, own); err != nil {
				return l, err
			}
		}
	}
	if st.Partly && st.Entity != nil && st.Entity.PublishedDocument != nil {
		face, err := x.face(*st.Entity, st.Entity.PublishedDocument)
		if err != nil {
			return l, err
		}
		l.Published, l.PublishedIn = json.RawMessage(face), []string{}
		for _, locale := range st.Entity.Locales {
			if st.Entity.PublishedDocument.For(locale.Key) {
				l.PublishedIn = append(l.PublishedIn, locale.Code)
			}
		}
	}
	return l, nil
}

// pasts gives out the histories of a list, in its order.
type pasts struct {
	x     *importer
	list  string
	next  func() (json.RawMessage, bool)
	close func()
	err   error // of the source
	ahead *pastLine
}

var errEnough = errors.New("no more is wanted")

// pasts begins to read the histories of a list. They go in only when sys is kept.
func (x *importer) pasts(ctx context.Context, name string) *pasts {
	p := &pasts{x: x, list: histories[name]}
	if !x.opt.KeepSys || x.src.count(p.list) == 0 {
		p.next, p.close = func() (json.RawMessage, bool) { return nil, false }, func() {}
		return p
	}
	p.next, p.close = iter.Pull(func(yield func(json.RawMessage) bool) {
		err := x.src.each(ctx, p.list, func(raw json.RawMessage) error {
			if !yield(raw) {
				return errEnough
			}
			return nil
		})
		if !errors.Is(err, errEnough) {
			p.err = err
		}
	})
	return p
}

// of are the changes to a resource and how many bytes they take. Those of resources
// before it are passed over.
func (p *pasts) of(id string) (lines []pastLine, size int, err error) {
	for {
		if p.ahead == nil {
			raw, ok := p.next()
			if !ok {
				return lines, size, p.err
			}
			l := &pastLine{}
			if err := json.Unmarshal(slices.Clone(raw), l); err != nil {
				return nil, 0, damaged(p.list+lineExt, "%s", unreadable(err))
			}
			l.size = len(raw)
			p.ahead = l
		}
		if at := p.ahead.Sys.Entity.Sys.ID; at > id {
			return lines, size, nil
		} else if at == id {
			lines = append(lines, *p.ahead)
			for size += p.ahead.size; size > maxHistory; lines = lines[1:] {
				size -= lines[0].size
			}
		}
		p.ahead = nil
	}
}

func (l pastLine) step() authoring.Step {
	return authoring.Step{Version: l.Sys.Version, Action: l.Sys.Action, By: l.Sys.CreatedBy.Sys.ID, At: l.Sys.CreatedAt.UTC().Truncate(time.Millisecond)}
}

// arrived is the change as authoring takes it, of what arrives as a, whose versions it
// shares.
func (l pastLine) arrived(a *authoring.Arrival) (st authoring.ArrivedStep, err error) {
	st.Step = l.step()
	switch {
	case l.Is == isPublished && a.Published != nil:
		st.Draft = a.Published
	case l.Is != "":
		st.Draft = &a.Latest
	case l.Content != nil:
		st.Draft = &authoring.EntityInput{}
		err = json.Unmarshal(l.Content, (*content)(st.Draft))
	}
	if err == nil && l.Published != nil {
		st.Published, st.Locales = &authoring.EntityInput{}, l.PublishedIn
		err = json.Unmarshal(l.Published, (*content)(st.Published))
	}
	return st, err
}

// give gives an arrival its history and returns how many bytes that takes.
func (p *pasts) give(one *pending) (size int, err error) {
	lines, size, err := p.of(one.ID)
	if err != nil || len(lines) == 0 {
		return 0, err
	}
	sums := maps.Clone(one.sums)
	if sums == nil {
		sums = map[string]fileSum{}
	}
	for _, l := range lines {
		st, err := l.arrived(&one.Arrival)
		if err != nil {
			return 0, damaged(p.list+lineExt, "%s: %s", one.ID, unreadable(err))
		}
		one.Past = append(one.Past, st)
		maps.Copy(sums, l.Files)
	}
	one.sums = sums
	return size, nil
}

// content is an input as exports spell it.
type content authoring.EntityInput

func (c *content) UnmarshalJSON(raw []byte) error {
	var parts struct {
		Metadata json.RawMessage            `json:"metadata"`
		Fields   map[string]json.RawMessage `json:"fields"`
	}
	err := json.Unmarshal(raw, &parts)
	c.Metadata, c.Fields = parts.Metadata, parts.Fields
	return err
}

// typeSteps are changes as authoring takes them; first and latest are the versions that
// the content type has itself.
func typeSteps(lines []pastLine, first, latest json.RawMessage) []authoring.TypeStep {
	var out []authoring.TypeStep
	for _, l := range lines {
		st := authoring.TypeStep{Step: l.step(), Draft: l.Content}
		switch l.Is {
		case isLatest:
			st.Draft = latest
		case isPublished:
			st.Draft = first
		}
		out = append(out, st)
	}
	return out
}

// came counts what of the history of a resource went in: all of it or none.
func (x *importer) came(name string, steps int, created, failed bool) {
	if steps == 0 {
		return
	}
	c := x.r.count(histories[name])
	c.Total += steps
	switch {
	case failed:
		c.Failed += steps
	case created:
		c.Created += steps
	default:
		c.Unchanged += steps
	}
}
