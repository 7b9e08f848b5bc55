package delivery

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// farEntry is the linkType of links to entries of other spaces.
const farEntry = "Contentful:Entry"

// farURN is how such a link names its target.
var farURN = regexp.MustCompile(`^crn:contentful:::content:spaces/([a-zA-Z0-9\-_.]{1,64})(?:/environments/([a-zA-Z0-9\-_.]{1,64}))?/entries/([a-zA-Z0-9\-_.]{1,64})$`)

// farPlace is an environment of another space and what is linked to there.
type farPlace struct {
	space, environment string
	ids                []string
	urns               map[string][]string // by id: it may be named with and without the environment
}

// includeFar follows the links of items into other spaces, one level: what is
// found there is not followed further.
func (rd *reader) includeFar(items []*fragment, in *included) error {
	for _, p := range in.places(items) {
		if err := rd.includeFrom(p, in); err != nil {
			return err
		}
	}
	slices.Sort(in.lost)
	return nil
}

// places are the environments that items link to, in order; links that name none
// are lost.
func (in *included) places(items []*fragment) []*farPlace {
	byName := map[[2]string]*farPlace{}
	seen := map[string]bool{}
	for _, f := range items {
		for _, urn := range f.far {
			if seen[urn] {
				continue
			}
			seen[urn] = true
			m := farURN.FindStringSubmatch(urn)
			if m == nil {
				in.lost = append(in.lost, urn)
				continue
			}
			name := [2]string{m[1], cmp.Or(m[2], cms.MainEnvironment)}
			p := byName[name]
			if p == nil {
				p = &farPlace{space: name[0], environment: name[1], urns: map[string][]string{}}
				byName[name] = p
			}
			if p.urns[m[3]] == nil {
				p.ids = append(p.ids, m[3])
			}
			p.urns[m[3]] = append(p.urns[m[3]], urn)
		}
	}
	places := make([]*farPlace, 0, len(byName))
	for _, p := range byName {
		slices.Sort(p.ids)
		places = append(places, p)
	}
	slices.SortFunc(places, func(a, b *farPlace) int {
		return cmp.Or(cmp.Compare(a.space, b.space), cmp.Compare(a.environment, b.environment))
	})
	return places
}

// includeFrom adds what is linked to in one environment. A space that does not
// know the locale has nothing to show in it.
func (rd *reader) includeFrom(p *farPlace, in *included) error {
	there, ok, err := rd.farReader(p)
	if err != nil {
		return err
	}
	known := map[string]store.Head{}
	if ok {
		known = there.env.Heads(cms.KindEntry, p.ids)
	}
	var heads []store.Head
	for _, id := range p.ids {
		h, found := known[id]
		if !found || !there.visible(&h) {
			in.lost = append(in.lost, p.urns[id]...)
			continue
		}
		heads = append(heads, h)
	}
	if len(heads) == 0 {
		return nil
	}
	room := MaxAnswer
	fragments, err := there.within(&room, heads)
	if err != nil {
		return err
	}
	for i, f := range fragments {
		if there.hidden(f) {
			in.lost = append(in.lost, p.urns[heads[i].ID]...)
			continue
		}
		in.far = append(in.far, part{heads[i].ID, f})
	}
	return nil
}

// farReader opens an environment of another space; false if the client does not
// see it.
func (rd *reader) farReader(p *farPlace) (*reader, bool, error) {
	place, ok, err := rd.Far(p.space, p.environment)
	if err != nil || !ok {
		rd.seenFar = append(rd.seenFar, p.space, p.environment, "")
		return nil, false, err
	}
	there, err := rd.open(rd.ctx, Request{Place: place, Stage: rd.Stage, Base: rd.Base, Gzip: rd.Gzip, LocaleBased: rd.LocaleBased})
	if fault.Is(err, fault.NotFound) {
		rd.seenFar = append(rd.seenFar, p.space, p.environment, "")
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	rd.seenFar = append(rd.seenFar, p.space, p.environment, strconv.FormatInt(int64(place.Environment), 10)+"."+strconv.FormatInt(there.seq, 10))
	there.view, err = newView(there.model.Locales, rd.query.Locale)
	if fault.Is(err, fault.BadRequest) {
		return nil, false, nil
	}
	return there, err == nil, err
}
