// Package imaging knows images: how large they are. It reads headers and never
// decodes pixels, so that no image can cost more than its first bytes.
//
// Start reading at Dimensions.
package imaging

import (
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"mime"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// headerLimit is how far into a file its size is looked for. Photographs may
// have several megabytes of metadata in front of it.
const headerLimit = 32 << 20

// readConfig finds the size by content type. A TIFF has it anywhere and is read
// by offset.
var readConfig = map[string]func(io.ReadSeeker) (image.Config, error){
	"image/jpeg":    front(jpeg.DecodeConfig),
	"image/png":     front(png.DecodeConfig),
	"image/gif":     front(gif.DecodeConfig),
	"image/webp":    front(webp.DecodeConfig),
	"image/bmp":     front(bmp.DecodeConfig),
	"image/tiff":    func(r io.ReadSeeker) (image.Config, error) { return tiff.DecodeConfig(&readerAt{ReadSeeker: r}) },
	"image/svg+xml": front(svgConfig),
}

// Dimensions returns the width and height of an image in pixels, from the start
// of r. ok is false for what is no image of a known type, is broken, or has no
// size of its own.
func Dimensions(r io.ReadSeeker, contentType string) (width, height int, ok bool) {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return 0, 0, false
	}
	read, known := readConfig[mediaType]
	if !known {
		return 0, 0, false
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return 0, 0, false
	}
	c, err := read(r)
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return 0, 0, false
	}
	return c.Width, c.Height, true
}

// front reads a header that is at the front of a file.
func front(decode func(io.Reader) (image.Config, error)) func(io.ReadSeeker) (image.Config, error) {
	return func(r io.ReadSeeker) (image.Config, error) { return decode(io.LimitReader(r, headerLimit)) }
}

// readerAt reads at offsets by seeking; without it the TIFF reader would hold
// the file in memory.
type readerAt struct{ io.ReadSeeker }

func (r *readerAt) ReadAt(p []byte, off int64) (int, error) {
	if _, err := r.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(r, p)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}
