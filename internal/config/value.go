package config

import (
	"encoding"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Secret is a value that never appears in output: however it is printed or
// logged, it hides itself. string(s) is the value.
type Secret string

const hidden = "(hidden)"

// String is "" or a placeholder.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString is String, so that %#v hides too.
func (s Secret) GoString() string { return s.String() }

// MarshalText is String, for JSON and structured logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Database is the URL of a database; empty is SQLite in the data directory. It
// hides its password however it is printed.
type Database string

// String is the URL without its password.
func (d Database) String() string {
	if d == "" {
		return ""
	}
	u, err := url.Parse(string(d))
	if err != nil {
		return hidden
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", "xxxxx")
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}

// GoString is String, so that %#v hides too.
func (d Database) GoString() string { return d.String() }

// MarshalText is String, for JSON and structured logs.
func (d Database) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Duration is a time.Duration that prints without zero units: 1m, not 1m0s.
type Duration time.Duration

var _ encoding.TextUnmarshaler = (*Duration)(nil)

// UnmarshalText reads Go's form: 300ms, 10s, 1h30m.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 300ms, 10s or 1h30m", text)
	}
	*d = Duration(v)
	return nil
}

func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Size is a number of bytes.
type Size int64

var _ encoding.TextUnmarshaler = (*Size)(nil)

var units = []struct {
	suffix string
	bytes  int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// UnmarshalText reads a whole number with the unit B, KiB, MiB or GiB; without
// a unit it counts bytes.
func (s *Size) UnmarshalText(text []byte) error {
	number, unit := string(text), int64(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(number, u.suffix); ok {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 || n > (1<<62)/unit {
		return fmt.Errorf("%q is not a size such as 64MiB or 1GiB", text)
	}
	*s = Size(n * unit)
	return nil
}

func (s Size) String() string {
	for _, u := range units {
		if int64(s) >= u.bytes && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}
