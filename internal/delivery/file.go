package delivery

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
)

// file writes the file of an asset with a public URL, its members in the order
// of the original. A file that is not processed yet has upload or uploadFrom
// instead of url and details.
func (w *writer) file(raw json.RawMessage, base string) {
	var f *cms.File
	if json.Unmarshal(raw, &f) != nil || f == nil {
		w.buf = append(w.buf, raw...) // null, or a draft that is no file
		return
	}
	w.raw("{")
	if f.URL != "" {
		w.strMember("url", blob.PublicURL(base, f.URL))
	}
	if d := f.Details; d != nil {
		w.key("details")
		w.raw("{")
		w.intMember("size", d.Size)
		if d.Image != nil {
			w.key("image")
			w.raw("{")
			w.intMember("width", int64(d.Image.Width))
			w.intMember("height", int64(d.Image.Height))
			w.raw("}")
		}
		w.raw("}")
	}
	if f.Upload != "" {
		w.strMember("upload", f.Upload)
	}
	if f.UploadFrom != nil {
		w.linkMember("uploadFrom", cms.Kind(f.UploadFrom.Sys.LinkType), f.UploadFrom.Sys.ID)
	}
	if f.FileName != "" {
		w.strMember("fileName", f.FileName)
	}
	if f.ContentType != "" {
		w.strMember("contentType", f.ContentType)
	}
	w.raw("}")
}
