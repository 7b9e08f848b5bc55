package cms

import "encoding/json"

// Members are the members of an object: what json.Unmarshal makes of it, for JSON
// that is known to be well-formed, as the body of a request is behind the edge. It
// neither looks into the values nor copies them: they are parts of b, so nobody
// may change that afterwards.
func Members(b json.RawMessage) (map[string]json.RawMessage, error) {
	members := map[string]json.RawMessage{}
	if eachMember(b, func(name string, value []byte) bool {
		members[name] = value
		return true
	}) {
		return members, nil
	}
	members = nil
	err := json.Unmarshal(b, &members)
	return members, err
}

// Elements are the elements of an array, as Members are those of an object.
func Elements(b json.RawMessage) ([]json.RawMessage, error) {
	elements := []json.RawMessage{}
	if eachElement(b, func(value []byte) { elements = append(elements, value) }) {
		return elements, nil
	}
	elements = nil
	err := json.Unmarshal(b, &elements)
	return elements, err
}

// EachMember calls f with the members of an object, in their order, as long as f is
// ok. It is not ok, and may have called f, when f is not, when b is no object, or has
// something in it that Members leaves to encoding/json.
func EachMember(b json.RawMessage, f func(name string, value json.RawMessage) bool) (ok bool) {
	return eachMember(b, func(name string, value []byte) bool { return f(name, value) })
}

// eachElement calls f with the elements of an array. It is not ok when b is none.
func eachElement(b []byte, f func(value []byte)) bool {
	i := pastSpace(b, 0)
	if i == len(b) || b[i] != '[' {
		return false
	}
	if i = pastSpace(b, i+1); i < len(b) && b[i] == ']' {
		return pastSpace(b, i+1) == len(b)
	}
	for {
		end := pastValue(b, i)
		if end < 0 {
			return false
		}
		f(b[i:end:end])
		if i = pastSpace(b, end); i == len(b) {
			return false
		}
		switch b[i] {
		case ',':
			i = pastSpace(b, i+1)
		case ']':
			return pastSpace(b, i+1) == len(b)
		default:
			return false
		}
	}
}
