package delivery

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Shape is the published face of an entry, an asset or a content type as delivery
// shows it, with the values of all locales: what a webhook says of a publication.
// It is for receivers that the owner of the space chose, so private tags are in
// it. It reads nothing; h.Published has the given body.
func Shape(p access.Place, base string, model *cms.Model, h store.Head, body cms.Body) ([]byte, error) {
	rd := &reader{Request: Request{Place: p, Stage: cms.Published, Base: base}, model: model}
	if h.Kind == cms.KindContentType {
		ct := &cms.ContentType{}
		if err := json.Unmarshal(body.JSON, ct); err != nil {
			return nil, unreadable(err, h)
		}
		return rd.contentType(&h, ct, nil), nil
	}
	doc, err := body.Read()
	if err != nil {
		return nil, unreadable(err, h)
	}
	if rd.view, err = newView(model.Locales, allLocales); err != nil {
		return nil, err
	}
	rd.tags = &tagSet{public: map[string]bool{}}
	for _, id := range doc.Metadata.Tags {
		rd.tags.public[id] = true
	}
	e := rd.entity(&h, doc)
	if e.schema == nil { // its type was deactivated since
		e.schema = &cms.ContentType{}
	}
	return e.append(make([]byte, 0, doc.Fields.Size()+500), nil), nil
}

func unreadable(err error, h store.Head) error {
	return fault.Wrap(err, fault.ServerError, "the stored body of %s %s is unreadable", h.Kind, h.ID)
}
