package validate

import (
	"encoding/json"
	"fmt"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// Asset checks the fields of an asset on save and returns them as they are
// stored, files as JSON of cms.File. fields are the request's, by field name.
//
// Error: fault.ValidationFailed with every problem.
func Asset(locales cms.Locales, fields map[string]json.RawMessage) (cms.Fields, error) {
	var p problems
	for _, id := range sortedKeys(fields) {
		if cms.AssetType.Field(id) == nil {
			p.add(unknown(fields[id], []any{"fields", id}, nearest.Likely(id, fieldIDs(cms.AssetType))))
		}
	}
	out := cms.Fields{}
	for i := range cms.AssetType.Fields {
		f := &cms.AssetType.Fields[i]
		raw, ok := fields[f.ID]
		if !ok || isNull(raw) {
			continue
		}
		values := localized(&p, f, locales, raw, func(v any, raw json.RawMessage, code string) json.RawMessage {
			if f.ID == cms.AssetFile {
				return file(&p, raw, place(f, code))
			}
			p.add(valueType(f, v, raw, code)...)
			return raw
		})
		for key, value := range values {
			if f.ID == cms.AssetFile && isNull(value) { // no file is no value
				delete(values, key)
			}
		}
		if len(values) > 0 {
			out[f.Key] = values
		}
	}
	if err := p.err(fault.ValidationFailed); err != nil {
		return nil, err
	}
	return out, nil
}

// sources are the places a file can come from, one per file.
var sources = []string{"upload", "uploadFrom", "url"}

// file reads the file of one locale and returns it in stored form.
func file(p *problems, raw json.RawMessage, at []any) json.RawMessage {
	o, ok := rawObject(p, raw, at)
	if !ok {
		return nil
	}
	o.only("contentType", "fileName", "upload", "uploadFrom", "url", "details")
	f := cms.File{ContentType: text(o, "contentType"), FileName: text(o, "fileName")}
	if name := fault.Raw(f.FileName); !hasType(typed{Type: cms.Symbol}, f.FileName) {
		p.add(wrongSize(atMost(MaxSymbol), name, join(at, "fileName")))
	}
	given := 0
	for _, name := range sources {
		if _, ok := o.members[name]; !ok {
			continue
		}
		if given++; given > 1 {
			p.add(unexpected("A file has only one of upload, uploadFrom and url", join(at, name)))
		}
	}
	if given == 0 {
		p.add(required("upload", join(at, "upload")))
	}
	if _, ok := o.members["upload"]; ok {
		f.Upload = text(o, "upload")
	}
	if _, ok := o.members["url"]; ok {
		f.URL = text(o, "url")
	}
	if raw, ok := o.members["uploadFrom"]; ok {
		v, err := decode(raw)
		l, ok := linkOf(v)
		if err != nil || !ok || l.LinkType != string(cms.KindUpload) {
			p.add(wrongType("uploadFrom", "Link", raw, join(at, "uploadFrom")))
		}
		f.UploadFrom = &cms.Link{Sys: l}
	}
	if raw, ok := o.members["details"]; ok && !isNull(raw) {
		f.Details = fileDetails(p, raw, join(at, "details"))
	}
	return fault.Raw(f)
}

// fileDetails reads what processing found out, put back by a client.
func fileDetails(p *problems, raw json.RawMessage, at []any) *cms.FileDetails {
	o, ok := rawObject(p, raw, at)
	if !ok {
		return nil
	}
	o.only("size", "image")
	d := &cms.FileDetails{Size: count(o, "size")}
	if raw, ok := o.members["image"]; ok && !isNull(raw) {
		if image, ok := rawObject(p, raw, join(at, "image")); ok {
			image.only("width", "height")
			d.Image = &cms.ImageSize{Width: int(count(image, "width")), Height: int(count(image, "height"))}
		}
	}
	return d
}

// count reads a number of bytes or pixels that has to be there.
func count(o object[json.RawMessage], name string) int64 {
	raw, ok := o.members[name]
	if !ok {
		o.p.add(required(name, join(o.at, name)))
		return 0
	}
	v, err := decode(raw)
	n, ok := v.(json.Number)
	if err != nil || !ok || !whole(n) || float(n) < 0 || float(n) > 1<<53 {
		o.p.add(wrongType(name, string(cms.Integer), raw, join(o.at, name)))
		return 0
	}
	return int64(float(n))
}

// AssetPublish checks the body of an asset before it is published: it has files,
// and all of them are processed and our own. isOwnURL judges the URL of a file.
// Files of locales that are not among added were published before and are not
// looked at again.
//
// Error: fault.ValidationFailed with every problem.
func AssetPublish(locales, added cms.Locales, doc *cms.Document, isOwnURL func(url string) bool) error {
	var p problems
	files := 0
	for l, raw := range values(cms.AssetType.Field(cms.AssetFile), locales, doc) {
		files++
		if !added.Has(l.Key) {
			continue
		}
		at := []any{"fields", cms.AssetFile, l.Code}
		var f cms.File
		switch {
		case json.Unmarshal(raw, &f) != nil:
			p.add(wrongValue(cms.Object, raw, at))
		case f.URL == "":
			d := required("url", join(at, "url"))
			if f.Upload != "" || f.UploadFrom != nil {
				d.Details += fmt.Sprintf(". The file is not processed: PUT …/files/%s/process starts that, and the file gets its url some time after. "+
					"Where it gets none, processing has failed, and the log of the server says why.", l.Code)
			}
			p.add(d)
		case !isOwnURL(f.URL):
			p.add(fault.Detail{Name: "hasHostname", Value: fault.Raw(f.URL), Path: join(at, "url"),
				Details: "The file is not on an asset host of this server"})
		}
	}
	if files == 0 {
		p.add(fault.Detail{Name: "required", Path: []any{"fields", cms.AssetFile}, Details: "The asset has no files"})
	}
	return p.err(fault.ValidationFailed)
}
