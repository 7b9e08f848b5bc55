package delivery

import (
	"net/url"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/timeline"
)

// later is what a read of the timeline is about.
type later struct {
	moment query.Moment
	over   *timeline.Overlay
}

// params are the parameters of the query, and for the timeline its moment.
func (rd *reader) params() (url.Values, error) {
	if !rd.Timeline {
		return rd.Params, nil
	}
	m, others, err := query.ParseMoment(rd.Params)
	rd.later = &later{moment: m}
	return others, err
}

// look lays over what the moment makes of the environment as it is now.
func (rd *reader) look() error {
	if rd.later == nil {
		return nil
	}
	var err error
	rd.later.over, err = timeline.Open(rd.ctx, rd.index, rd.env, rd.later.moment)
	if fault.Is(err, fault.NotFound) {
		err = rd.missing(cms.KindRelease, rd.later.moment.Release)
	}
	return err
}

// heads are those resources of a kind that exist among ids, by id.
func (rd *reader) heads(kind cms.Kind, ids []string) map[string]store.Head {
	if rd.later != nil {
		return rd.later.over.Heads(kind, ids)
	}
	return rd.env.Heads(kind, ids)
}

// matches answers the query.
func (rd *reader) matches() (index.Page, error) {
	if rd.later != nil {
		return rd.later.over.Search(rd.ctx, rd.query)
	}
	return rd.env.Search(rd.ctx, rd.Stage, rd.query)
}
