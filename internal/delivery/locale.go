package delivery

import (
	"context"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
)

// Locales answers with a page of the locales readers know of. An environment
// has few: all are found first, and the hidden ones left out before counting.
func (s *Service) Locales(ctx context.Context, r Request) (Answer, error) {
	return s.answer(ctx, r, cms.KindLocale, "", func(rd *reader) (*Body, error) {
		heads, err := rd.all(cms.KindLocale)
		if err != nil {
			return nil, err
		}
		locales, err := bodies[cms.Locale](rd, heads)
		if err != nil {
			return nil, err
		}
		total := 0
		var items []*fragment
		for i, l := range locales {
			if !l.Delivered() {
				continue
			}
			if total >= rd.query.Skip && len(items) < rd.query.Limit {
				items = append(items, &fragment{json: rd.locale(&heads[i], l)})
			}
			total++
		}
		return rd.collection(index.Page{Total: total}, items, included{})
	})
}

func (rd *reader) locale(h *store.Head, l cms.Locale) []byte {
	w := &writer{[]byte("{")}
	w.strMember("code", l.Code)
	w.strMember("name", l.Name)
	w.boolMember("default", l.Default)
	w.optMember("fallbackCode", l.FallbackCode)
	w.key("sys")
	w.raw("{")
	w.strMember("id", h.ID)
	w.strMember("type", string(cms.KindLocale))
	w.intMember("version", int64(h.Version))
	w.raw("}}")
	return w.buf
}
