package delivery

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Space is the space with the locales of an environment: r.Place is the space's
// main environment. It asks the database twice.
func (s *Service) Space(ctx context.Context, r Request) (Answer, error) {
	h, err := s.store.Get(ctx, store.Server, cms.KindSpace, r.Place.SpaceID)
	if fault.Is(err, fault.NotFound) {
		err = fault.Missing(string(cms.KindSpace), r.Place.SpaceID, "", "")
	}
	if err != nil {
		return Answer{}, err
	}
	rd, err := s.open(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if rd.view, err = newView(rd.model.Locales, ""); err != nil {
		return Answer{}, err
	}
	return rd.finish(rd.etag(cms.KindSpace, h.ID, strconv.Itoa(h.Version)), func() (*Body, error) {
		raw, err := s.store.Bodies(ctx, []store.Revision{h.Draft})
		if err != nil {
			return nil, err
		}
		var body cms.Space
		if err := json.Unmarshal(raw[h.Draft], &body); err != nil {
			return nil, fault.Wrap(err, fault.ServerError, "stored Space %s is unreadable", h.ID)
		}
		return plainBody(rd.space(body.Name)), nil
	})
}

func (rd *reader) space(name string) []byte {
	w := &writer{[]byte("{")}
	w.raw(`"sys":{`)
	w.strMember("type", string(cms.KindSpace))
	w.strMember("id", rd.Place.SpaceID)
	w.raw("}")
	w.strMember("name", name)
	w.key("locales")
	w.raw("[")
	for _, l := range rd.view.locales {
		w.next()
		w.raw("{")
		w.strMember("code", l.Code)
		w.boolMember("default", l.Default)
		w.strMember("name", l.Name)
		w.optMember("fallbackCode", l.FallbackCode)
		w.raw("}")
	}
	w.raw("]}")
	return w.buf
}
