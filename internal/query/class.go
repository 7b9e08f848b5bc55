package query

import (
	"slices"

	"github.com/typecase/typecase/internal/cms"
)

// class is what can be asked of a path: one row of the table of operators by
// field type.
type class struct {
	name  string // type name in errors
	typ   Type
	ops   []Op
	order bool
}

var (
	equality = []Op{Equals, Ne, In, Nin}
	ranges   = []Op{Lt, Lte, Gt, Gte}
)

// The classes. sys.id and the like also take ranges, compared as strings: lists
// by sys.id are continued with sys.id[gt].
var (
	symbolClass     = class{"Symbol", String, ops(equality, []Op{All, Exists, Match}), true}
	textClass       = class{"Text", String, ops(equality, []Op{All, Exists, Match}), false}
	integerClass    = class{"Integer", Number, ops(equality, []Op{Exists}, ranges), true}
	numberClass     = class{"Number", Number, ops(equality, []Op{Exists}, ranges), true}
	dateClass       = class{"Date", Date, ops(equality, []Op{Exists}, ranges), true}
	booleanClass    = class{"Boolean", Boolean, ops(equality, []Op{Exists}), true}
	symbolsClass    = class{"Array", String, ops(equality, []Op{All, Exists, Match}), false}
	locationClass   = class{"Location", Location, []Op{Exists, Near, Within}, false}
	richTextClass   = class{"RichText", Opaque, []Op{Exists, Match}, false}
	objectClass     = class{"Object", Opaque, []Op{Exists}, false}
	linkClass       = class{"Link", String, []Op{Exists}, false}
	linksClass      = class{"Array", String, []Op{Exists}, false}
	linkIDClass     = class{"Symbol", String, ops(equality, []Op{All, Exists, Match}), true}
	linksIDClass    = class{"Symbol", String, ops(equality, []Op{All, Exists, Match}), false}
	sysStringClass  = class{"Symbol", String, ops(equality, []Op{All, Exists, Match}, ranges), true}
	metadataClass   = class{"Array", String, []Op{Exists}, false}
	metadataIDClass = class{"Symbol", String, ops(equality, []Op{All, Exists}), false}

	// A concept counts among its descendants; which others do, see Query.Widen.
	descendantsClass = class{"Symbol", String, []Op{In}, false}
)

func ops(groups ...[]Op) []Op { return slices.Concat(groups...) }

func (c class) takes(op Op) bool { return slices.Contains(c.ops, op) }

// classOf is the class of a field's whole value.
func classOf(f *cms.Field) class {
	switch f.Type {
	case cms.Symbol:
		return symbolClass
	case cms.Text:
		return textClass
	case cms.Integer:
		return integerClass
	case cms.Number:
		return numberClass
	case cms.Date:
		return dateClass
	case cms.Boolean:
		return booleanClass
	case cms.Location:
		return locationClass
	case cms.RichText:
		return richTextClass
	case cms.TypeLink, cms.ResourceLink:
		return linkClass
	case cms.Array:
		if f.Items != nil && f.Items.Type != cms.Symbol {
			return linksClass
		}
		return symbolsClass
	default:
		return objectClass
	}
}

// linkPart is the Part under which a field's links are found: "sys.id",
// "sys.urn" for links to other spaces, "" for fields that hold no links.
func linkPart(f *cms.Field) string {
	t := f.Type
	if t == cms.Array && f.Items != nil {
		t = f.Items.Type
	}
	switch t {
	case cms.TypeLink:
		return partID
	case cms.ResourceLink:
		return partURN
	}
	return ""
}

// linkType is the kind a field's links lead to, "" for fields without links.
func linkType(f *cms.Field) string {
	if f.Type == cms.Array && f.Items != nil {
		return f.Items.LinkType
	}
	return f.LinkType
}

// Parts of a field's value.
const (
	partID    = "sys.id"
	partURN   = "sys.urn"
	partText  = "text"          // the plain text of rich text
	partURL   = "url"           // without scheme and host, as stored
	partGroup = "mimetypeGroup" // the groups of the file's media type

	partLabels      = "labels"      // texts by locale code, see cms.Labels
	partDescendants = "descendants" // of concepts, in paths only
)

// fileParts are the paths below an asset's file.
var fileParts = map[string]class{
	partURL:                symbolClass,
	"fileName":             symbolClass,
	"contentType":          symbolClass,
	"upload":               symbolClass,
	"details.size":         integerClass,
	"details.image.width":  integerClass,
	"details.image.height": integerClass,
}
