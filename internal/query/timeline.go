package query

import (
	"net/url"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// Moment is a place on the timeline of releases, of which at least one part is
// given.
type Moment struct {
	Release string    // as of this release
	At      time.Time // as of all that is scheduled by then
}

// The parameters of a moment.
const (
	releaseParam   = "release[lte]"
	timestampParam = "timestamp[lte]"
)

// ParseMoment reads the parameters of a moment, and returns those of the query.
func ParseMoment(values url.Values) (m Moment, others url.Values, err error) {
	p := &parser{}
	m.Release = last(values, releaseParam)
	sent := last(values, timestampParam)
	if at, ok := parseDate(sent); ok {
		m.At = time.UnixMilli(int64(at.Num)).UTC()
	} else if sent != "" {
		p.sent = timestampParam
		p.add(valueDetail([]string{"timestamp"}, sent, dateClass.name, Lte))
	}
	if m.Release == "" && sent == "" {
		p.sent = releaseParam
		p.add(fault.Detail{Name: "required", Path: []any{"release"},
			Details: `The timeline is read as of a release or a time: "` + releaseParam + `" names a release, "` + timestampParam + `" a time, and both can be given.`})
	}
	return m, without(values, releaseParam, timestampParam), p.err()
}

// Params are the parameters of a moment.
func (m Moment) Params() url.Values {
	values := url.Values{}
	if m.Release != "" {
		values.Set(releaseParam, m.Release)
	}
	if !m.At.IsZero() {
		values.Set(timestampParam, m.At.Format("2006-01-02T15:04:05.000Z"))
	}
	return values
}
