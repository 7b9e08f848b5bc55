package validate

import (
	"encoding/json"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// file is the file of a linked asset as readers of the value's locale see it:
// in that locale, else along its fallbacks, else in the default locale. found is
// false for a broken link, which is unresolved's to report; an asset without
// a file gives a zero File.
func (c *publication) file(v value) (f cms.File, found bool) {
	l, _ := linkOf(v.v)
	doc, ok := c.targets.Asset(l.ID)
	if !ok {
		return f, false
	}
	for _, key := range append(c.locales.Chain(v.code), c.locales.Default().Key) {
		raw, ok := doc.Fields[cms.AssetFile][key]
		if ok && !isNull(raw) && json.Unmarshal(raw, &f) == nil {
			return f, true
		}
	}
	return f, true
}

// linkMimetypeGroup: the linked asset's file is of one of the groups.
func linkMimetypeGroup(c *publication, arg any, v value) []fault.Detail {
	f, found := c.file(v)
	allowed := stringsOf(arg)
	if !found || f.ContentType != "" && slices.Contains(allowed, cms.MimetypeGroup(f.ContentType)) {
		return nil
	}
	return []fault.Detail{{Name: "linkMimetypeGroup", Value: v.raw, Path: v.at(), MimetypeGroupName: allowed,
		Details: "Asset has the wrong file type"}}
}

func linkMimetypeGroupShape(p *problems, _ typed, arg any, at []any) {
	stringsShape(p, arg, at, cms.MimetypeGroups)
}

// fileSize is the keyword assetFileSize: bytes of the linked asset's file. A
// file that is not processed yet has no size that could fit.
func fileSize(c *publication, arg any, v value) []fault.Detail {
	f, found := c.file(v)
	b := boundsOf(arg)
	if !found || f.Details != nil && b.hold(float64(f.Details.Size)) || b == (bounds{}) {
		return nil
	}
	d := fault.Detail{Name: "assetFileSize", Min: b.rawMin(), Max: b.rawMax(), Path: v.at(), Details: b.text("File size") + " bytes"}
	if f.Details != nil {
		d.Value = fault.Raw(f.Details.Size)
	}
	return []fault.Detail{d}
}

func fileSizeShape(p *problems, t typed, arg any, at []any) { sizeShape(p, t, arg, at) }

// imageDimensions is the keyword assetImageDimensions: pixels of the linked
// image. Images without a size of their own, such as some drawings, pass.
func imageDimensions(c *publication, arg any, v value) []fault.Detail {
	members, _ := arg.(map[string]any)
	width, height := boundsOf(members["width"]), boundsOf(members["height"])
	f, found := c.file(v)
	if !found || width == (bounds{}) && height == (bounds{}) {
		return nil
	}
	d := fault.Detail{Name: "assetImageDimensions", Width: fault.Raw(width), Height: fault.Raw(height), Path: v.at()}
	switch {
	case f.Details == nil || f.Details.Image == nil && cms.MimetypeGroup(f.ContentType) != "image":
		d.Details = "Asset is not an image of known size"
		return []fault.Detail{d}
	case f.Details.Image == nil:
		return nil
	}
	d.Value = fault.Raw(f.Details.Image)
	if !width.hold(float64(f.Details.Image.Width)) {
		d.Details = width.text("Image width")
		return []fault.Detail{d}
	}
	if !height.hold(float64(f.Details.Image.Height)) {
		d.Details = height.text("Image height")
		return []fault.Detail{d}
	}
	return nil
}

func imageDimensionsShape(p *problems, t typed, arg any, at []any) {
	o, ok := objectAt(p, arg, at)
	if !ok {
		return
	}
	o.only("width", "height")
	for _, name := range []string{"width", "height"} {
		if v, ok := o.members[name]; ok && v != nil {
			sizeShape(p, t, v, join(at, name))
		}
	}
}
