package delivery

import (
	"context"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// Locales answers a query over the locales that readers know of.
func (s *Service) Locales(ctx context.Context, r Request) (Answer, error) {
	return s.answer(ctx, r, cms.KindLocale, "", func(rd *reader) (*Body, error) {
		page, err := rd.env.Search(rd.ctx, cms.Draft, rd.query) // which asks for delivered ones only
		if err != nil {
			return nil, err
		}
		locales, err := bodies[cms.Locale](rd, page.Heads)
		if err != nil {
			return nil, err
		}
		items := make([]*fragment, len(locales))
		for i, l := range locales {
			items[i] = &fragment{json: rd.locale(&page.Heads[i], l)}
		}
		return rd.collection(page, items, included{})
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
