package delivery

import (
	"slices"
	"strconv"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

// Keys name what an answer depends on, so that a shared cache can be told, key by
// key, what to forget; see Purges for who tells. n is the number of the
// environment's scope, which its aliases have in common and no other environment
// ever gets:
//
//	env/s/master  anything: the name itself came to stand for something else
//	n/model       a locale, a content type or a tag
//	n/entry/id    the entry, also one that is not there yet
//	n/asset/id    likewise
//	n/type/id     any entry of the content type: a list of them may get longer
//	n/entries     any entry
//	n/assets      any asset
//	taxonomy/o    any concept or concept scheme of the organization o
//
// A list has the key of all it looks at in place of those of its items: whatever
// happens to an item has happened to one of its type. Only what comes with the
// items is named by id.

// maxKeys is the most bytes of keys an answer has: they leave in two headers, and
// many servers take no more than 4 KiB of all headers together. Ids beyond it
// give way to the keys of all entries and all assets.
const maxKeys = 1536

// keys is a list of keys in the making, with a space behind each.
type keys struct {
	buf   []byte
	scope store.Scope
}

func nameKey(p access.Place) string { return "env/" + p.SpaceID + "/" + p.EnvironmentID }

func taxonomyKey(p access.Place) string { return "taxonomy/" + p.Organization }

// keys begins the list of an answer: every one from an environment depends on these
// two.
func (rd *reader) keys() *keys {
	k := &keys{buf: make([]byte, 0, 128), scope: rd.Place.Environment}
	k.buf = append(append(k.buf, nameKey(rd.Place)...), ' ')
	k.group("model")
	return k
}

func (k *keys) group(name string) {
	k.buf = append(strconv.AppendInt(k.buf, int64(k.scope), 10), '/')
	k.buf = append(append(k.buf, name...), ' ')
}

func (k *keys) named(group, id string) {
	k.buf = append(strconv.AppendInt(k.buf, int64(k.scope), 10), '/')
	k.buf = append(append(append(append(k.buf, group...), '/'), id...), ' ')
}

func (k *keys) entity(kind cms.Kind, id string) {
	if kind == cms.KindAsset {
		k.named("asset", id)
	} else {
		k.named("entry", id)
	}
}

// String is the list, with a space between keys.
func (k *keys) String() string { return string(k.buf[:len(k.buf)-1]) }

// keysOfModel are those of an answer that shows the content model, a tag or a
// locale.
func (rd *reader) keysOfModel() string { return rd.keys().String() }

// keysOf are those of one entry or asset.
func (rd *reader) keysOf(h *store.Head) string {
	if !rd.Keys {
		return ""
	}
	k := rd.keys()
	k.entity(h.Kind, h.ID)
	return k.String()
}

// keysOfSearch are those of a list with what comes with its items.
func (rd *reader) keysOfSearch(in included) string {
	if !rd.Keys {
		return ""
	}
	k := rd.keys()
	allEntries := rd.query.Kind == cms.KindEntry && rd.query.ContentType == ""
	switch {
	case rd.query.Kind == cms.KindAsset:
		k.group("assets")
	case allEntries:
		k.group("entries")
	default:
		k.named("type", rd.query.ContentType)
	}
	if query.OfTaxonomy(rd.Params) {
		k.buf = append(append(k.buf, taxonomyKey(rd.Place)...), ' ')
	}
	var searched []string
	for _, c := range rd.query.Conds {
		if c.Ref != nil && !allEntries && c.Ref.ContentType != rd.query.ContentType && !slices.Contains(searched, c.Ref.ContentType) {
			searched = append(searched, c.Ref.ContentType)
			k.named("type", c.Ref.ContentType)
		}
	}
	before := len(k.buf)
	if rd.keysOfLinked(k, in, allEntries); len(k.buf) <= maxKeys {
		return k.String()
	}
	k.buf = k.buf[:before]
	if !allEntries {
		k.group("entries")
	}
	k.group("assets") // no list of assets links to anything
	return k.String()
}

// keysOfLinked adds what the items link to, also what is not there: it may come.
func (rd *reader) keysOfLinked(k *keys, in included, allEntries bool) {
	if !allEntries {
		for _, p := range in.entries {
			k.named("entry", p.id)
		}
	}
	for _, p := range in.assets {
		k.named("asset", p.id)
	}
	for _, l := range in.unresolved {
		// a draft may link to what can be no id, and hence never be there
		if (l.kind == cms.KindAsset || !allEntries) && cms.ValidID(l.id) {
			k.entity(l.kind, l.id)
		}
	}
}
