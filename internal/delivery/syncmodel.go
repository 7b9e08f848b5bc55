package delivery

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// reshaped is the step for what is shown differently because of changes of the
// model after a position: entries of content types whose fields are called
// otherwise, omitted, taken back or localized otherwise, and everything when
// that happens to a locale. A new field or locale changes nothing: nobody has
// values in it. Where there is more to read than one answer may, everything is
// taken for different.
func (rd *reader) reshaped(since int64) ([]syncStep, error) {
	if rd.model.Seq <= since {
		return nil, nil
	}
	everything := []syncStep{{kind: stepEntities}}
	if rd.seq-since > maxScan {
		return everything, nil
	}
	types := map[string]bool{}
	for after := since; after < rd.seq; {
		upTo := min(after+logBatch, rd.seq)
		changes, err := rd.log(rd.ctx, logPart{rd.Place.Environment, after, upTo})
		if err != nil {
			return nil, err
		}
		after = upTo
		for i := range changes {
			different, err := rd.reshapes(&changes[i])
			switch {
			case err != nil:
				return nil, err
			case different && changes[i].Kind == cms.KindLocale:
				return everything, nil
			case different:
				types[changes[i].ID] = true
			}
		}
	}
	switch {
	case len(types) == 0:
		return nil, nil
	case len(types) > maxTypes:
		return everything, nil
	}
	return []syncStep{{kind: stepEntities, types: slices.Sorted(maps.Keys(types))}}, nil
}

// reshapes reports whether a change makes a difference to how entities are
// shown.
func (rd *reader) reshapes(c *store.Change) (bool, error) {
	switch c.Kind {
	case cms.KindLocale:
		before, after, err := pair[cms.Locale](rd, c.DraftBefore, c.DraftAfter)
		return before != nil && face(before) != face(after), err
	case cms.KindContentType:
		if c.PublishedBefore == c.PublishedAfter {
			return false, nil
		}
		before, after, err := pair[cms.ContentType](rd, c.PublishedBefore, c.PublishedAfter)
		if err != nil || before == nil || after == nil { // no entries then
			return false, err
		}
		was, is := faces(before), faces(after)
		for key, f := range was {
			if f != is[key] {
				return true, nil
			}
		}
	}
	return false, nil
}

// pair reads two versions of a body; nil for none.
func pair[T any](rd *reader, revs ...store.Revision) (before, after *T, err error) {
	raw, err := rd.index.Bodies(rd.ctx, revs)
	if err != nil {
		return nil, nil, err
	}
	var out [2]*T
	for i, rev := range revs {
		if rev == 0 {
			continue
		}
		if err := json.Unmarshal(raw[rev], &out[i]); err != nil {
			return nil, nil, fault.Wrap(err, fault.ServerError, "stored revision %d is unreadable", rev)
		}
	}
	return out[0], out[1], nil
}

// localeFace is what a locale means to readers.
type localeFace struct {
	code      string
	main      bool
	delivered bool
}

func face(l *cms.Locale) localeFace {
	if l == nil || !l.Delivered() {
		return localeFace{}
	}
	return localeFace{l.Code, l.Default, true}
}

// fieldFace is what a field means to readers; the zero value is one they do not
// see.
type fieldFace struct {
	id        string
	localized bool
}

// faces are the fields of a content type by key.
func faces(ct *cms.ContentType) map[string]fieldFace {
	out := make(map[string]fieldFace, len(ct.Fields))
	for _, f := range ct.Fields {
		out[f.Key] = fieldFace{}
		if !f.Omitted {
			out[f.Key] = fieldFace{f.ID, f.Localized}
		}
	}
	return out
}
