package validate

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// bounds are the two ends of size, range and file size; either may be absent.
type bounds struct{ min, max *json.Number }

// atLeast, atMost and between make the bounds of rules that are not a field's.
func atLeast(n int) bounds { return bounds{min: number(n)} }

func atMost(n int) bounds { return bounds{max: number(n)} }

func between(low, high int) bounds { return bounds{min: number(low), max: number(high)} }

func number(n int) *json.Number {
	j := json.Number(strconv.Itoa(n))
	return &j
}

// boundsOf reads {"min":…,"max":…}; null is absent.
func boundsOf(v any) bounds {
	members, _ := v.(map[string]any)
	var b bounds
	if n, ok := members["min"].(json.Number); ok {
		b.min = &n
	}
	if n, ok := members["max"].(json.Number); ok {
		b.max = &n
	}
	return b
}

// hold reports whether n is within the bounds.
func (b bounds) hold(n float64) bool {
	return (b.min == nil || n >= float(*b.min)) && (b.max == nil || n <= float(*b.max))
}

func (b bounds) rawMin() json.RawMessage { return rawNumber(b.min) }
func (b bounds) rawMax() json.RawMessage { return rawNumber(b.max) }

func rawNumber(n *json.Number) json.RawMessage {
	if n == nil {
		return nil
	}
	return json.RawMessage(*n)
}

// text says what the bounds ask of subject: "Size must be at least 2 and at most 5".
func (b bounds) text(subject string) string {
	switch {
	case b.min == nil:
		return fmt.Sprintf("%s must be at most %s", subject, *b.max)
	case b.max == nil:
		return fmt.Sprintf("%s must be at least %s", subject, *b.min)
	default:
		return fmt.Sprintf("%s must be at least %s and at most %s", subject, *b.min, *b.max)
	}
}

// float is the number as JavaScript would read it; out of range becomes ±Inf.
func float(n json.Number) float64 {
	f, _ := n.Float64() // json.Number is syntactically right, and ±Inf compares as it should
	return f
}

// finite reports whether a number fits a double, as every client's numbers do.
func finite(n json.Number) bool { return !math.IsInf(float(n), 0) }

// whole reports whether a number has no fraction: 3, 3.0 and 3e2 do not.
func whole(n json.Number) bool {
	f := float(n)
	return finite(n) && f == math.Trunc(f)
}

// MarshalJSON writes the bounds as they stand in a validation, without those
// that are absent.
func (b bounds) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Min json.RawMessage `json:"min,omitempty"`
		Max json.RawMessage `json:"max,omitempty"`
	}{b.rawMin(), b.rawMax()})
}
