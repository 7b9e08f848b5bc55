package cma

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/query"
)

// entityJSON is an entry or asset of the management API.
type entityJSON struct {
	Metadata cms.MetadataLinks `json:"metadata"`
	Sys      entitySys         `json:"sys"`
	Fields   json.RawMessage   `json:"fields"`
}

type entitySys struct {
	sysJSON
	ContentType    *cms.Link                    `json:"contentType,omitempty"`
	AutomationTags *[]cms.Link                  `json:"automationTags,omitempty"`
	FieldStatus    map[string]map[string]string `json:"fieldStatus"`
	URN            string                       `json:"urn"`
	Release        *cms.Link                    `json:"release,omitempty"`
}

// entityOf encodes an entry or asset. Files' addresses become public ones of
// the host that was asked.
func (a *api) entityOf(c *httpapi.Call, e authoring.Entity) entityJSON {
	return entityAt(c.Place, httpapi.FileBase(c.Request, a.publicURL), e)
}

// entityAt encodes an entry or asset; base goes before the paths of files.
func entityAt(p access.Place, base string, e authoring.Entity) entityJSON {
	out, fields := withoutFields(p, base, e)
	out.Fields = cms.AppendFields(nil, e.Type, e.Locales, fields)
	return out
}

// encodeEntity is entityAt as JSON. The fields are JSON already, and most of it: they
// are put in as they are, and not read again.
func encodeEntity(p access.Place, base string, e authoring.Entity) ([]byte, error) {
	head, fields := withoutFields(p, base, e)
	b, err := encode(head)
	if err != nil {
		return nil, err
	}
	b, ok := bytes.CutSuffix(b, []byte(`"fields":null}`)) // they are the last member
	if !ok {
		return nil, errors.New("the fields are not the last member")
	}
	b = append(b, `"fields":`...)
	return append(cms.AppendFields(b, e.Type, e.Locales, fields), '}'), nil
}

// withoutFields is an entry or asset without its fields, and these with public URLs.
func withoutFields(p access.Place, base string, e authoring.Entity) (entityJSON, cms.Fields) {
	sys := entitySys{
		sysJSON:     contentSys(p, e.Sys, true),
		FieldStatus: fieldStatus(e),
		URN:         urn(p, e.Sys),
		Release:     link(cms.KindRelease, e.Release),
	}
	if e.Kind == cms.KindEntry {
		sys.ContentType = link(cms.KindContentType, e.ContentType)
		sys.AutomationTags = &[]cms.Link{}
	}
	fields := e.Document.Fields
	if e.Kind == cms.KindAsset {
		fields = publicFiles(newBases(p, base, e.PublishedDocument), fields)
	}
	return entityJSON{Metadata: e.Document.Metadata.Links(), Sys: sys}, fields
}

// fileBases are what goes before the paths of an asset's files.
type fileBases struct {
	published, other string
	document         *cms.Document // that is published; nil for none
}

// newBases is for a place where base goes before the paths of files that need no
// asset key.
func newBases(p access.Place, base string, published *cms.Document) fileBases {
	b := fileBases{document: published}
	b.published, b.other = embargo.Bases(base, p.Protection)
	return b
}

// url is the URL to show for the stored one of a file.
func (b fileBases) url(stored string) string {
	base := b.other
	if b.published != b.other && b.document != nil && b.document.HasFile(stored) {
		base = b.published
	}
	return blob.PublicURL(base, stored)
}

// publicFiles is fields with the addresses of files made public.
func publicFiles(bases fileBases, fields cms.Fields) cms.Fields {
	files := fields[cms.AssetFile]
	if len(files) == 0 {
		return fields
	}
	public := make(map[string]json.RawMessage, len(files))
	for locale, raw := range files {
		public[locale] = publicFile(bases, raw)
	}
	out := maps.Clone(fields)
	out[cms.AssetFile] = public
	return out
}

// publicFile is a file with a public URL; a null or a file without one of our
// URLs stays as it is.
func publicFile(bases fileBases, raw json.RawMessage) json.RawMessage {
	var f cms.File
	if json.Unmarshal(raw, &f) != nil {
		return raw
	}
	url := bases.url(f.URL)
	if url == f.URL {
		return raw
	}
	f.URL = url
	b, _ := json.Marshal(f) // strings and numbers always encode
	return b
}

// fieldStatus says per locale whether an entity is published, and if its fields
// are published as they are. Changes of metadata do not count.
func fieldStatus(e authoring.Entity) map[string]map[string]string {
	locales := map[string]string{}
	for _, l := range e.Locales {
		switch {
		case !l.Management:
		case e.PublishedDocument == nil || !e.PublishedDocument.For(l.Key):
			locales[l.Code] = "draft"
		case sameFields(e, l):
			locales[l.Code] = "published"
		default:
			locales[l.Code] = "changed"
		}
	}
	return map[string]map[string]string{"*": locales}
}

// sameFields reports whether a document and the published one have the same
// values in a locale.
func sameFields(e authoring.Entity, l cms.Locale) bool {
	if e.Document == e.PublishedDocument {
		return true
	}
	for i := range e.Type.Fields {
		f := &e.Type.Fields[i]
		if f.InLocale(l) && !cms.SameValue(e.Document.Fields[f.Key][l.Key], e.PublishedDocument.Fields[f.Key][l.Key]) {
			return false
		}
	}
	return true
}

var urnPlural = map[cms.Kind]string{cms.KindEntry: "entries", cms.KindAsset: "assets", cms.KindContentType: "content_types"}

func urn(p access.Place, s cms.Sys) string {
	return "crn:contentful:::content:spaces/" + p.SpaceID + "/environments/" + p.EnvironmentID + "/" + urnPlural[s.Kind] + "/" + s.ID
}

// whole refuses select, which is for collections.
func whole(c *httpapi.Call, kind cms.Kind) error {
	params := c.URL.Query()
	if !params.Has("select") {
		return nil
	}
	_, err := query.Parse(url.Values{"select": params["select"]}, query.Options{API: query.Management, Kind: kind, Single: true, Model: &cms.Model{}})
	return err
}

// entities answers with a page of entries or assets, as far as select asks for
// them.
func (a *api) entities(c *httpapi.Call, find find[authoring.Entity]) (httpapi.Reply, error) {
	return answer(c, find, func(e authoring.Entity) any { return a.entityOf(c, e) })
}
