// Command art draws the pictures of the example space: large letters on
// coloured paper, and initials for the portraits. Run it from internal/demo
// with "go run ./art" after changing it; its results are checked in.
package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"log"
	"math"
	"os"
	"path/filepath"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

type picture struct {
	name          string
	width, height int
	paper, ink    color.RGBA
	accent        color.RGBA
	text          string
	italic        bool
	size          float64 // of the letters, in pixels
	bars          int     // rules below the letters, as on a proof sheet
}

var (
	cream  = color.RGBA{0xf4, 0xec, 0xdc, 0xff}
	black  = color.RGBA{0x1f, 0x1d, 0x1b, 0xff}
	red    = color.RGBA{0xc8, 0x3f, 0x2c, 0xff}
	blue   = color.RGBA{0x23, 0x4b, 0x72, 0xff}
	green  = color.RGBA{0x3d, 0x6b, 0x57, 0xff}
	ochre  = color.RGBA{0xd9, 0x9a, 0x2b, 0xff}
	plum   = color.RGBA{0x6a, 0x3d, 0x5e, 0xff}
	sky    = color.RGBA{0xc9, 0xdd, 0xe4, 0xff}
	salmon = color.RGBA{0xe9, 0xb5, 0x9c, 0xff}
)

var pictures = []picture{
	{"ampersand.jpg", 1200, 800, cream, red, black, "&", true, 760, 3},
	{"lower-case.jpg", 1200, 800, blue, cream, ochre, "abc", false, 520, 2},
	{"wood-type.jpg", 1200, 800, ochre, black, red, "R", false, 820, 4},
	{"ink.jpg", 1200, 800, black, cream, red, "Qq", true, 600, 1},
	{"spacing.jpg", 1200, 800, green, cream, salmon, "A V", false, 560, 5},
	{"proof.jpg", 1200, 800, sky, blue, red, "?!", false, 700, 2},
	{"ada.jpg", 600, 600, plum, cream, salmon, "AM", false, 260, 0},
	{"jonas.jpg", 600, 600, green, cream, ochre, "JH", false, 260, 0},
	{"leila.jpg", 600, 600, red, cream, sky, "LO", false, 260, 0},
	{"tomas.jpg", 600, 600, blue, cream, ochre, "TB", false, 260, 0},
}

func main() {
	for _, p := range pictures {
		var out bytes.Buffer
		img, err := paint(p)
		if err == nil {
			err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 82})
		}
		if err == nil {
			err = os.WriteFile(filepath.Join("files", p.name), out.Bytes(), 0o644)
		}
		if err != nil {
			log.Fatal(fmt.Errorf("%s: %w", p.name, err))
		}
	}
}

// paint draws one picture.
func paint(p picture) (image.Image, error) {
	img := image.NewRGBA(image.Rect(0, 0, p.width, p.height))
	draw.Draw(img, img.Bounds(), image.NewUniform(p.paper), image.Point{}, draw.Src)
	disc(img, float64(p.width)*0.72, float64(p.height)*0.36, float64(p.height)*0.3, p.accent)
	for i := range p.bars {
		y := p.height*86/100 + i*p.height/50
		bar := image.Rect(p.width/12, y, p.width*(11-i)/12, y+p.height/160)
		draw.Draw(img, bar, image.NewUniform(p.ink), image.Point{}, draw.Over)
	}
	if err := letters(img, p); err != nil {
		return nil, err
	}
	grain(img)
	return img, nil
}

// letters sets the text in the middle.
func letters(img *image.RGBA, p picture) error {
	ttf := gobold.TTF
	if p.italic {
		ttf = goitalic.TTF
	}
	f, err := opentype.Parse(ttf)
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: p.size, DPI: 72})
	if err != nil {
		return err
	}
	bounds, _ := font.BoundString(face, p.text)
	d := font.Drawer{Dst: img, Src: image.NewUniform(p.ink), Face: face}
	d.Dot = fixed.Point26_6{
		X: fixed.I(p.width/2) - (bounds.Min.X+bounds.Max.X)/2,
		Y: fixed.I(p.height*48/100) - (bounds.Min.Y+bounds.Max.Y)/2,
	}
	d.DrawString(p.text)
	return face.Close()
}

// disc draws a filled circle with a soft edge.
func disc(img *image.RGBA, cx, cy, r float64, c color.RGBA) {
	for y := int(cy - r - 1); y <= int(cy+r+1); y++ {
		for x := int(cx - r - 1); x <= int(cx+r+1); x++ {
			if !(image.Point{X: x, Y: y}.In(img.Bounds())) {
				continue
			}
			cover := math.Max(0, math.Min(1, r-math.Hypot(float64(x)-cx, float64(y)-cy)+0.5))
			img.SetRGBA(x, y, mix(img.RGBAAt(x, y), c, cover))
		}
	}
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	m := func(x, y uint8) uint8 { return uint8(float64(x)*(1-t) + float64(y)*t) }
	return color.RGBA{m(a.R, b.R), m(a.G, b.G), m(a.B, b.B), 0xff}
}

// grain makes the surface look like paper: a fixed, faint noise.
func grain(img *image.RGBA) {
	seed := uint32(2463534242)
	for i := 0; i < len(img.Pix); i += 4 {
		seed ^= seed << 13
		seed ^= seed >> 17
		seed ^= seed << 5
		n := int(seed%9) - 4
		for k := range 3 {
			img.Pix[i+k] = uint8(max(0, min(255, int(img.Pix[i+k])+n)))
		}
	}
}
