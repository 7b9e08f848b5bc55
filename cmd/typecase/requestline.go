package main

import (
	"log/slog"
	"strconv"
	"time"
)

// request writes the record of a request, if it is as nearly all are.
func (g *gathering) request(r *slog.Record) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	line, ok := appendRequestLine(g.buf, &g.clock, r)
	if ok {
		g.buf = line
		g.written()
	}
	return ok
}

// appendRequestLine appends exactly what slog.TextHandler makes of a record, in a
// third of the time. It does not know when a text needs quotes and how; it is not
// ok with anything but plain words and numbers.
func appendRequestLine(dst []byte, c *clock, r *slog.Record) (line []byte, ok bool) {
	if r.Level != slog.LevelInfo || !isPlain(r.Message) || r.Time.Location() != time.UTC || r.Time.IsZero() {
		return nil, false
	}
	dst = append(dst, slog.TimeKey+"="...)
	dst = c.append(dst, r.Time)
	dst = append(dst, " "+slog.LevelKey+"=INFO "+slog.MessageKey+"="...)
	dst = append(dst, r.Message...)
	ok = true
	r.Attrs(func(a slog.Attr) bool {
		if ok = isPlain(a.Key); !ok {
			return false
		}
		dst = append(dst, ' ')
		dst = append(dst, a.Key...)
		dst = append(dst, '=')
		switch a.Value.Kind() {
		case slog.KindString:
			s := a.Value.String()
			ok = isPlain(s)
			dst = append(dst, s...)
		case slog.KindInt64:
			dst = strconv.AppendInt(dst, a.Value.Int64(), 10)
		case slog.KindDuration:
			dst = append(dst, a.Value.Duration().String()...)
		case slog.KindBool:
			dst = strconv.AppendBool(dst, a.Value.Bool())
		default:
			ok = false
		}
		return ok
	})
	return append(dst, '\n'), ok
}

// isPlain reports that a text is a word of letters and digits, or a path of such:
// nothing that could need quotes.
func isPlain(s string) bool {
	for i := range len(s) {
		if !plain[s[i]] {
			return false
		}
	}
	return s != ""
}

var plain = func() (set [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:") {
		set[c] = true
	}
	return set
}()

// clock writes times in UTC to the millisecond. All but the milliseconds is the same
// for a second.
type clock struct {
	second int64
	text   []byte // of the second, with the point behind it; nil at first
}

func (c *clock) append(dst []byte, t time.Time) []byte {
	if s := t.Unix(); c.text == nil || s != c.second {
		c.second, c.text = s, t.AppendFormat(c.text[:0], "2006-01-02T15:04:05.")
	}
	dst = append(dst, c.text...)
	n := t.Nanosecond() / int(time.Millisecond)
	return append(dst, byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10), 'Z')
}
