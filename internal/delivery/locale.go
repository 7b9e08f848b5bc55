package delivery

import (
	"context"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// Locales answers a query over the locales readers know of.
func (s *Service) Locales(ctx context.Context, r Request) (Answer, error) {
	return s.answer(ctx, r, cms.KindLocale, "", func(rd *reader) ([]byte, error) {
		return list(rd, delivered, (*reader).locale)
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
