package validate

import (
	"encoding/json"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// keyword is one validation a field can have.
type keyword struct {
	// on reports whether a field, or the items of one, may carry it.
	on func(t typed, item bool) bool
	// shape checks the argument when the content type is saved.
	shape shape
	// holds checks a value on publish and returns what is wrong; nil when that
	// is checked elsewhere. The value has its type.
	holds func(c *publication, arg any, v value) []fault.Detail
}

// keywords are all validations by name.
var keywords = map[string]keyword{
	"size":                 {on: is(cms.Symbol, cms.Text, cms.RichText, cms.Array, cms.Object), shape: sizeShape, holds: size},
	"range":                {on: is(cms.Integer, cms.Number), shape: rangeShape, holds: numberRange},
	"in":                   {on: is(cms.Symbol, cms.Text, cms.Integer, cms.Number), shape: inShape, holds: in},
	"regexp":               {on: is(cms.Symbol, cms.Text), shape: regexpShape, holds: matches},
	"prohibitRegexp":       {on: is(cms.Symbol, cms.Text), shape: regexpShape, holds: avoids},
	"unique":               {on: mayBeUnique, shape: uniqueShape},
	"dateRange":            {on: is(cms.Date), shape: dateRangeShape, holds: dateRange},
	"linkContentType":      {on: linksTo(cms.KindEntry), shape: linkContentTypeShape, holds: linkContentType},
	"linkMimetypeGroup":    {on: linksTo(cms.KindAsset), shape: linkMimetypeGroupShape, holds: linkMimetypeGroup},
	"assetImageDimensions": {on: linksTo(cms.KindAsset), shape: imageDimensionsShape, holds: imageDimensions},
	"assetFileSize":        {on: linksTo(cms.KindAsset), shape: fileSizeShape, holds: fileSize},
	"enabledNodeTypes":     {on: is(cms.RichText), shape: enabledNodeTypesShape, holds: enabledNodeTypes},
	"enabledMarks":         {on: is(cms.RichText), shape: enabledMarksShape, holds: enabledMarks},
	"nodes":                {on: is(cms.RichText), shape: nodesShape, holds: nodes},
}

// is makes a condition on the type alone.
func is(types ...cms.FieldType) func(typed, bool) bool {
	return func(t typed, _ bool) bool {
		for _, want := range types {
			if t.Type == want {
				return true
			}
		}
		return false
	}
}

// linksTo makes a condition on links.
func linksTo(kind cms.Kind) func(typed, bool) bool {
	return func(t typed, _ bool) bool { return t.Type == cms.TypeLink && t.LinkType == string(kind) }
}

// message is a validation's own text for the user, or "".
func message(v cms.Validation) string {
	var s string
	if raw, ok := v["message"]; ok && json.Unmarshal(raw, &s) != nil {
		return "" // its type was checked when the content type was saved
	}
	return s
}
