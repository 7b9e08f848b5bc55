package imaging

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// encoded is a 31 × 17 image in some format.
func encoded(t *testing.T, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewPaletted(image.Rect(0, 0, 31, 17), palette.Plan9)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lossless WebP of 1 × 1 pixel.
const webpPixel = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="

// webpCanvas is the head of an extended WebP file with a canvas of this size.
func webpCanvas(width, height uint32) []byte {
	b := []byte("RIFF\x16\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00")
	for _, n := range []uint32{width - 1, height - 1} {
		b = append(b, binary.LittleEndian.AppendUint32(nil, n)[:3]...)
	}
	return b
}

func TestDimensions(t *testing.T) {
	t.Parallel()
	pixel, err := base64.StdEncoding.DecodeString(webpPixel)
	if err != nil {
		t.Fatal(err)
	}
	pngFile := encoded(t, png.Encode)
	jpegFile := encoded(t, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) })
	// A photograph with much metadata: 40 segments of 64 KB before the size.
	segment := append([]byte{0xff, 0xe2, 0xff, 0xff}, make([]byte, 0xfffd)...)
	photo := append(bytes.Clone(jpegFile[:2]), bytes.Repeat(segment, 40)...)
	photo = append(photo, jpegFile[2:]...)

	for _, tt := range []struct {
		name, contentType string
		data              []byte
		width, height     int // 0: not ok
	}{
		{"png", "image/png", pngFile, 31, 17},
		{"png with a parameter", "image/PNG; x=1", pngFile, 31, 17},
		{"jpeg", "image/jpeg", jpegFile, 31, 17},
		{"jpeg with metadata", "image/jpeg", photo, 31, 17},
		{"gif", "image/gif", encoded(t, func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }), 31, 17},
		{"bmp", "image/bmp", encoded(t, bmp.Encode), 31, 17},
		{"tiff", "image/tiff", encoded(t, func(w io.Writer, m image.Image) error { return tiff.Encode(w, m, nil) }), 31, 17},
		{"webp", "image/webp", pixel, 1, 1},
		{"animated webp", "image/webp", webpCanvas(5000, 321), 5000, 321},
		{"wrong type", "image/gif", pngFile, 0, 0},
		{"no image", "application/pdf", pngFile, 0, 0},
		{"no type", "", pngFile, 0, 0},
		{"cut", "image/png", pngFile[:20], 0, 0},
		{"empty", "image/jpeg", nil, 0, 0},
	} {
		r := bytes.NewReader(tt.data)
		if _, err := r.Seek(0, io.SeekEnd); err != nil { // wherever the reader stands
			t.Fatal(err)
		}
		w, h, ok := Dimensions(r, tt.contentType)
		if w != tt.width || h != tt.height || ok != (tt.width > 0) {
			t.Errorf("%s: %d × %d, %v; want %d × %d", tt.name, w, h, ok, tt.width, tt.height)
		}
	}
}

func TestSVGDimensions(t *testing.T) {
	t.Parallel()
	const ns = `xmlns="http://www.w3.org/2000/svg" `
	for _, tt := range []struct {
		svg           string
		width, height int
	}{
		{`<svg ` + ns + `width="120" height="80"/>`, 120, 80},
		{`<svg width="120px" height=" 80.4PX "><rect/>`, 120, 80},
		{`<svg width="2in" height="1cm"/>`, 192, 38},
		{`<svg width="1.5e2" height="75pt"/>`, 150, 100},
		{`<svg viewBox="0 0 24 12.6"/>`, 24, 13},
		{`<svg viewBox="-5,-5,10,20"/>`, 10, 20},
		{`<svg width="100%" height="100%" viewBox="0 0 640 480"/>`, 640, 480},
		{`<svg width="320" viewBox="0 0 640 480"/>`, 320, 240},
		{`<svg height="2em" width="64" viewBox="0 0 16 8"/>`, 64, 32},
		{`<svg width="0.2" height="0.2"/>`, 1, 1},
		{`<?xml version="1.0" encoding="ISO-8859-1"?><!-- <svg width="1" height="1"> --><!DOCTYPE svg [<!ENTITY ns "x">]><svg x="&ns;" width="7" height="8">`, 7, 8},
		{`<s:svg xmlns:s="http://www.w3.org/2000/svg" width="7" height="8"/>`, 7, 8},
		{`<svg/>`, 0, 0},
		{`<svg width="120"/>`, 0, 0},
		{`<svg width="-5" height="10"/>`, 0, 0},
		{`<svg width="NaN" height="10"/>`, 0, 0},
		{`<svg width="1e300" height="10"/>`, 0, 0},
		{`<svg viewBox="0 0 0 0"/>`, 0, 0},
		{`<svg viewBox="0 0 10"/>`, 0, 0},
		{`<html width="1" height="1"/>`, 0, 0},
		{`no markup`, 0, 0},
		{strings.Repeat(" ", svgLimit) + `<svg width="1" height="1"/>`, 0, 0},
	} {
		w, h, ok := Dimensions(strings.NewReader(tt.svg), "image/svg+xml")
		if w != tt.width || h != tt.height || ok != (tt.width > 0) {
			t.Errorf("%.80s: %d × %d, %v; want %d × %d", tt.svg, w, h, ok, tt.width, tt.height)
		}
	}
}

// counting counts the bytes read.
type counting struct {
	*bytes.Reader
	n int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// A large file is not read whole.
func TestDimensionsReadsOnlyTheHead(t *testing.T) {
	t.Parallel()
	r := &counting{Reader: bytes.NewReader(append(encoded(t, png.Encode), make([]byte, 10<<20)...))}
	if _, _, ok := Dimensions(r, "image/png"); !ok || r.n > 64<<10 {
		t.Errorf("ok %v after %d bytes", ok, r.n)
	}
}

func FuzzDimensions(f *testing.F) {
	types := make([]string, 0, len(readConfig))
	for t := range readConfig {
		types = append(types, t)
	}
	f.Add([]byte(`<svg width="1" viewBox="0 0 2 2">`))
	f.Add(webpCanvas(3, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, contentType := range types {
			if w, h, ok := Dimensions(bytes.NewReader(data), contentType); ok && (w <= 0 || h <= 0) {
				t.Errorf("%s: %d × %d", contentType, w, h)
			}
		}
	})
}
