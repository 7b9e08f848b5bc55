package httpapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// TestRequestID: a sane id that came in is the one in header, body and log;
// anything else is replaced by one of ours.
func TestRequestID(t *testing.T) {
	t.Parallel()
	for sent, taken := range map[string]bool{
		"checkout-7f3a.2_B":                    true,
		"12345678":                             true,
		strings.Repeat("x", 64):                true,
		"1234567":                              false,
		strings.Repeat("x", 65):                false,
		"":                                     false,
		"with space":                           false,
		"quote\"quote":                         false,
		"line\nbreak":                          false,
		"ümlaut-ümlaut":                        false,
		"CFPAT-token-in-the-wrong-header":      false,
		"00000000-0000-0000-0000-000000000000": true,
	} {
		e := newEdge(failing(fault.New(fault.NotFound, "")))
		want := requestID
		if taken {
			want = sent
		}
		w := e.do("GET", "/answer", "", "X-Request-Id", sent)
		if got := errorOf(t, w); got.RequestID != want { // it compares the header
			t.Errorf("%q: answered as %q", sent, got.RequestID)
		}
		if log := logged(t, e); log["request_id"] != want {
			t.Errorf("%q: logged as %q", sent, log["request_id"])
		}
	}
	r := request("GET", "/answer", "")
	r.Header["X-Request-Id"] = []string{"first-of-two", "second-of-two"}
	if got := errorOf(t, newEdge(failing(fault.New(fault.NotFound, ""))).send(r)); got.RequestID != requestID {
		t.Errorf("two ids: %q", got.RequestID)
	}
	// clients get this header from us and may send it back; it is not theirs to choose
	w := newEdge(echo).do("GET", "/users/me", "", "X-Contentful-Request-Id", "not-from-here")
	if got := w.Header().Get("X-Contentful-Request-Id"); got != requestID {
		t.Errorf("from X-Contentful-Request-Id: %q", got)
	}
}

// TestRandomID: requests that bring no id get UUIDs, each its own.
func TestRandomID(t *testing.T) {
	t.Parallel()
	e := newEdge(echo, func(o *httpapi.Options) { o.RequestID = nil })
	seen := map[string]bool{}
	for range 100 {
		got := e.do("GET", "/users/me", "").Header().Get("X-Contentful-Request-Id")
		id, err := uuid.Parse(got)
		if err != nil || id.Version() != 4 || id.Variant() != uuid.RFC4122 || got != id.String() || seen[got] {
			t.Fatalf("%q: %v", got, err)
		}
		seen[got] = true
	}
}

func TestTraceID(t *testing.T) {
	t.Parallel()
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	for sent, taken := range map[string]bool{
		"00-" + trace + "-" + parent + "-01":                   true,
		"00-" + trace + "-" + parent + "-00":                   true,
		"cc-" + trace + "-" + parent + "-01-what-comes":        true,
		"00-" + trace + "-" + parent + "-01-more":              false,
		"ff-" + trace + "-" + parent + "-01":                   false,
		"00-" + strings.Repeat("0", 32) + "-" + parent + "-01": false,
		"00-" + trace + "-" + strings.Repeat("0", 16) + "-01":  false,
		"00-" + strings.ToUpper(trace) + "-" + parent + "-01":  false,
		"00-" + trace[1:] + "-" + parent + "-01":               false,
		trace:                                                  false,
		"":                                                     false,
	} {
		e := newEdge(echo)
		e.do("GET", "/users/me", "", "Traceparent", sent)
		log := logged(t, e)
		if got, has := log["trace_id"]; has != taken || taken && got != trace {
			t.Errorf("%q: logged %v", sent, got)
		}
		if log["request_id"] != requestID {
			t.Errorf("%q: request_id %v", sent, log["request_id"])
		}
	}
}

// logged is the one record of an edge's log.
func logged(t *testing.T, e *edge) (record map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.log.String()), &record); err != nil {
		t.Fatalf("%v: %s", err, e.log)
	}
	return record
}
