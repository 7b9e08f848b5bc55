package imaging

import (
	"encoding/xml"
	"errors"
	"image"
	"io"
	"math"
	"strconv"
	"strings"
)

// svgLimit is how far into an SVG file its root element is looked for.
const svgLimit = 1 << 20

var errNoSize = errors.New("the SVG has no size of its own")

// svgConfig finds the size of an SVG: its width and height; where one is missing
// or relative, the viewBox.
func svgConfig(r io.Reader) (image.Config, error) {
	d := xml.NewDecoder(io.LimitReader(r, svgLimit))
	d.Strict = false // drawing programs use entities of their own
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) {
		return in, nil // sizes are ASCII in all encodings that get here
	}
	for {
		token, err := d.Token()
		if err != nil {
			return image.Config{}, err
		}
		root, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if root.Name.Local != "svg" {
			return image.Config{}, errNoSize
		}
		return svgSize(root.Attr)
	}
}

func svgSize(attrs []xml.Attr) (image.Config, error) {
	var width, height, boxWidth, boxHeight float64
	for _, a := range attrs {
		if a.Name.Space != "" {
			continue
		}
		switch a.Name.Local {
		case "width":
			width = svgLength(a.Value)
		case "height":
			height = svgLength(a.Value)
		case "viewBox":
			boxWidth, boxHeight = svgViewBox(a.Value)
		}
	}
	if boxWidth > 0 && boxHeight > 0 {
		switch {
		case width == 0 && height == 0:
			width, height = boxWidth, boxHeight
		case width == 0:
			width = height * boxWidth / boxHeight
		case height == 0:
			height = width * boxHeight / boxWidth
		}
	}
	if !(width > 0 && height > 0) || width > math.MaxInt32 || height > math.MaxInt32 {
		return image.Config{}, errNoSize
	}
	pixels := func(f float64) int { return max(1, int(math.Round(f))) }
	return image.Config{Width: pixels(width), Height: pixels(height)}, nil
}

// svgUnits are the absolute units in pixels.
var svgUnits = map[string]float64{
	"": 1, "px": 1, "pt": 96.0 / 72, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6,
}

// svgLength is a length in pixels, 0 if it is relative or no length.
func svgLength(s string) float64 {
	s = strings.ToLower(strings.TrimSpace(s))
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz%")
	f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	factor, ok := svgUnits[s[len(number):]]
	if err != nil || !ok || !(f > 0) {
		return 0
	}
	return f * factor
}

// svgViewBox is the width and height of a viewBox, 0 if it is malformed.
func svgViewBox(s string) (width, height float64) {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' })
	if len(parts) != 4 {
		return 0, 0
	}
	width, errWidth := strconv.ParseFloat(parts[2], 64)
	height, errHeight := strconv.ParseFloat(parts[3], 64)
	if errWidth != nil || errHeight != nil || !(width > 0 && height > 0) {
		return 0, 0
	}
	return width, height
}
