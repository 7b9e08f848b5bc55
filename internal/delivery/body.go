package delivery

import (
	"encoding/binary"
	"hash/crc32"
)

// Body is finished JSON in pieces: text, and fragments that stand between parts
// of it. It is put together when it leaves, plain or as gzip, so that nothing is
// copied or compressed that is not sent. It is shared: read only.
type Body struct {
	text []byte
	cuts []cut
	size int // of all fragments

	forms *forms // nil until it is asked for again

	// Keys name what the answer depends on, with spaces between them; see keys. ""
	// unless they were asked for.
	Keys string
}

// cut is where in the text a fragment stands.
type cut struct {
	at int
	f  *fragment
}

// plainBody is a body of text alone.
func plainBody(text []byte) *Body { return &Body{text: text} }

// splice puts a fragment behind what w has so far; the text of b is w's, once all
// of it is written.
func (b *Body) splice(w *writer, f *fragment) {
	b.cuts = append(b.cuts, cut{len(w.buf), f})
	b.size += len(f.json)
}

// each calls text and fragment with the pieces, in order.
func (b *Body) each(text func([]byte), fragment func(*fragment)) {
	done := 0
	for _, c := range b.cuts {
		if c.at > done {
			text(b.text[done:c.at])
			done = c.at
		}
		fragment(c.f)
	}
	if done < len(b.text) {
		text(b.text[done:])
	}
}

// Len is the number of bytes of the JSON.
func (b *Body) Len() int { return len(b.text) + b.size }

// Bytes is the JSON.
func (b *Body) Bytes() []byte {
	switch {
	case len(b.cuts) == 0:
		return b.text
	case len(b.cuts) == 1 && len(b.text) == 0:
		return b.cuts[0].f.json
	}
	return b.Append(make([]byte, 0, b.Len()))
}

// Append appends the JSON to dst.
func (b *Body) Append(dst []byte) []byte {
	b.each(
		func(text []byte) { dst = append(dst, text...) },
		func(f *fragment) { dst = append(dst, f.json...) },
	)
	return dst
}

// What a gzip member begins with: deflate, no name, no time, any system.
const gzipHeader = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"

// AppendGzip appends the JSON to dst as one member of gzip. Fragments that are
// packed go in as they are.
func (b *Body) AppendGzip(dst []byte) []byte {
	dst = append(dst, gzipHeader...)
	sum := uint32(0)
	b.each(
		func(text []byte) {
			sum = crc32.Update(sum, crc32.IEEETable, text)
			dst = appendDeflated(dst, text)
		},
		func(f *fragment) {
			if f.packed == nil {
				sum = crc32.Update(sum, crc32.IEEETable, f.json)
				dst = appendDeflated(dst, f.json)
				return
			}
			sum = f.packed.after(sum)
			dst = append(dst, f.packed.deflated...)
		},
	)
	dst = append(dst, "\x01\x00\x00\xff\xff"...) // a last block, without content
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	return binary.LittleEndian.AppendUint32(dst, uint32(b.Len()))
}
