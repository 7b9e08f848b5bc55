package httpapi

import (
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

// saneID is what an id from outside may look like: long enough to be rare,
// short and plain enough for logs, headers and addresses.
var saneID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// requestID is the id that came with a request in X-Request-Id, if it is sane,
// or one of ours. A management token in the wrong header is none: ids are logged.
func requestID(h http.Header, ours func() string) string {
	if sent := h["X-Request-Id"]; len(sent) == 1 && saneID.MatchString(sent[0]) && !strings.HasPrefix(sent[0], "CFPAT-") {
		return sent[0]
	}
	return ours()
}

// randomID is a random UUID. It tells requests apart and is no secret, so it is not
// worth a call of the system.
func randomID() string {
	var id uuid.UUID
	binary.LittleEndian.PutUint64(id[:8], rand.Uint64())
	binary.LittleEndian.PutUint64(id[8:], rand.Uint64())
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version and variant of random ones
	return id.String()
}

// traceParent is the header of that name as W3C Trace Context has it: version,
// trace, parent and flags. Later versions may add something after them.
var traceParent = regexp.MustCompile(`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$`)

// traceID is the trace that a request belongs to, "" if it names none.
func traceID(h http.Header) string {
	sent := h["Traceparent"]
	if len(sent) != 1 || len(sent[0]) > 512 {
		return ""
	}
	m := traceParent.FindStringSubmatch(sent[0])
	if m == nil || m[1] == "ff" || m[1] == "00" && m[4] != "" || strings.Trim(m[2], "0") == "" || strings.Trim(m[3], "0") == "" {
		return ""
	}
	return m[2]
}
