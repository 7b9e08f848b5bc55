package query

import (
	"math"
	"slices"
	"strings"
)

// Op is an operator.
type Op string

// The operators, spelled as in brackets; equality has none there.
const (
	Equals Op = "equals"
	Ne     Op = "ne"
	In     Op = "in"
	Nin    Op = "nin"
	All    Op = "all"
	Exists Op = "exists"
	Lt     Op = "lt"
	Lte    Op = "lte"
	Gt     Op = "gt"
	Gte    Op = "gte"
	Match  Op = "match"
	Near   Op = "near"
	Within Op = "within"
	Refers Op = "refers" // search on references, see Ref
)

// operator is how an operator's argument is read and what it means. Which
// types it applies to is in the table of classes.
type operator struct {
	parse func(t Type, arg string) ([]Value, bool)
	match func(t Type, vs Values, args []Value) bool
}

// operators is the definition of every operator that can be sent. An entity
// without a value has no element equal to anything: ne and nin include it, and
// so does exists=false; all others leave it out.
var operators = map[Op]operator{
	Equals: {parseOne, func(_ Type, vs Values, args []Value) bool { return contains(vs, args[0]) }},
	Ne:     {parseOne, func(_ Type, vs Values, args []Value) bool { return !contains(vs, args[0]) }},
	In:     {parseList, func(_ Type, vs Values, args []Value) bool { return containsAny(vs, args) }},
	Nin:    {parseList, func(_ Type, vs Values, args []Value) bool { return !containsAny(vs, args) }},
	All:    {parseList, func(_ Type, vs Values, args []Value) bool { return containsAll(vs, args) }},
	Exists: {parseExists, func(_ Type, vs Values, args []Value) bool { return vs.Set == (args[0].Num == 1) }},
	Lt: {parseOne, func(t Type, vs Values, args []Value) bool {
		return anyValue(t, vs, args[0], func(c int) bool { return c < 0 })
	}},
	Lte: {parseOne, func(t Type, vs Values, args []Value) bool {
		return anyValue(t, vs, args[0], func(c int) bool { return c <= 0 })
	}},
	Gt: {parseOne, func(t Type, vs Values, args []Value) bool {
		return anyValue(t, vs, args[0], func(c int) bool { return c > 0 })
	}},
	Gte: {parseOne, func(t Type, vs Values, args []Value) bool {
		return anyValue(t, vs, args[0], func(c int) bool { return c >= 0 })
	}},
	Match: {parseWords, matchWords},
	Near:  {parseNear, func(_ Type, vs Values, _ []Value) bool { return len(vs.List) > 0 }},
	Within: {parseWithin, func(_ Type, vs Values, args []Value) bool {
		return slices.ContainsFunc(vs.List, func(v Value) bool { return Inside(v, args) })
	}},
}

func contains(vs Values, v Value) bool { return slices.Contains(vs.List, v) }

func containsAny(vs Values, args []Value) bool {
	return slices.ContainsFunc(args, func(a Value) bool { return contains(vs, a) })
}

func containsAll(vs Values, args []Value) bool {
	return !slices.ContainsFunc(args, func(a Value) bool { return !contains(vs, a) })
}

func anyValue(t Type, vs Values, arg Value, ok func(c int) bool) bool {
	return slices.ContainsFunc(vs.List, func(v Value) bool { return ok(t.Compare(v, arg)) })
}

// matchWords wants each word somewhere in some value, whatever the case.
func matchWords(_ Type, vs Values, words []Value) bool {
	texts := make([]string, len(vs.List))
	for i, v := range vs.List {
		texts[i] = strings.ToLower(v.Str)
	}
	for _, w := range words {
		if !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, w.Str) }) {
			return false
		}
	}
	return len(texts) > 0
}

// Compare orders two values of a column of type t: strings byte by byte, numbers
// and instants by size.
func (t Type) Compare(a, b Value) int {
	if t == String {
		return strings.Compare(a.Str, b.Str)
	}
	switch {
	case a.Num < b.Num:
		return -1
	case a.Num > b.Num:
		return 1
	}
	return 0
}

// earthRadius is the mean radius in kilometres.
const earthRadius = 6371.0088

// Distance is the distance between two locations in kilometres along a sphere.
func Distance(a, b Value) float64 {
	const rad = math.Pi / 180
	dLat, dLon := (b.Num-a.Num)*rad/2, (b.Lon-a.Lon)*rad/2
	h := math.Sin(dLat)*math.Sin(dLat) + math.Cos(a.Num*rad)*math.Cos(b.Num*rad)*math.Sin(dLon)*math.Sin(dLon)
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, max(0, h))))
}

// Inside reports whether a location lies in the area of a Within condition: a
// circle (centre, then radius in kilometres in Num) or a box (two corners, the
// south-western one first).
func Inside(v Value, area []Value) bool {
	a, b := area[0], area[1]
	if b.Str == circle {
		return Distance(v, a) <= b.Num
	}
	return a.Num <= v.Num && v.Num <= b.Num && a.Lon <= v.Lon && v.Lon <= b.Lon
}

// circle marks the second argument of Within as a radius.
const circle = "km"
