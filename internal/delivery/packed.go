package delivery

import (
	"encoding/binary"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/flate"
)

// packed is a text in the form in which gzip holds it, to be put together with
// others: whole deflate blocks that end at a byte and refer to nothing before
// them, and what is needed to carry a checksum over the text.
type packed struct {
	deflated []byte
	sum      uint32 // CRC-32 of the text
	shift    uint32 // what the checksum of all before is multiplied with
}

// The level for what is kept and sent often, and the one for what is sent once.
const (
	keptLevel = 6
	onceLevel = 1
)

// Text shorter than this is stored: compressing gains nothing.
const minDeflate = 256

func pack(text []byte) *packed {
	p := &packed{sum: crc32.ChecksumIEEE(text), shift: shiftBy(len(text))}
	p.deflated = deflate(make([]byte, 0, len(text)/2), text, keptLevel)
	return p
}

// after is the checksum of a text and p behind it, from that of the text.
func (p *packed) after(sum uint32) uint32 { return multiply(p.shift, sum) ^ p.sum }

// appendDeflated appends text as whole deflate blocks.
func appendDeflated(dst, text []byte) []byte {
	if len(text) >= minDeflate {
		return deflate(dst, text, onceLevel)
	}
	dst = append(dst, 0) // a stored block, not the last one
	dst = binary.LittleEndian.AppendUint16(dst, uint16(len(text)))
	dst = binary.LittleEndian.AppendUint16(dst, ^uint16(len(text)))
	return append(dst, text...)
}

// appender is a writer to a slice.
type appender []byte

func (a *appender) Write(b []byte) (int, error) {
	*a = append(*a, b...)
	return len(b), nil
}

var deflaters = map[int]*sync.Pool{keptLevel: deflatersOf(keptLevel), onceLevel: deflatersOf(onceLevel)}

func deflatersOf(level int) *sync.Pool {
	return &sync.Pool{New: func() any {
		w, _ := flate.NewWriter(nil, level) // fails for unknown levels only
		return w
	}}
}

// deflate appends text compressed; the flush ends it at a byte.
func deflate(dst, text []byte, level int) []byte {
	out := appender(dst)
	w := deflaters[level].Get().(*flate.Writer)
	defer deflaters[level].Put(w)
	w.Reset(&out)
	_, _ = w.Write(text) // an appender never fails
	_ = w.Flush()
	return out
}

// A CRC-32 is a remainder of polynomials over two elements, the highest power in
// the lowest bit. Text behind another one shifts the first one's remainder by
// eight powers a byte: a multiplication with x to that power, modulo the
// polynomial of the checksum.

const (
	one    = 1 << 31       // x⁰
	byByte = 1 << (31 - 8) // x⁸
)

// multiply is the product of two remainders.
func multiply(a, b uint32) uint32 {
	product := uint32(0)
	for ; a != 0; a <<= 1 {
		if a&one != 0 {
			product ^= b
		}
		carry := b & 1
		b >>= 1
		if carry != 0 {
			b ^= crc32.IEEE
		}
	}
	return product
}

// shiftBy is the remainder of x to the power of eight times n.
func shiftBy(n int) uint32 {
	result, power := uint32(one), uint32(byByte)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			result = multiply(result, power)
		}
		power = multiply(power, power)
	}
	return result
}
