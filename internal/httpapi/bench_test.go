package httpapi_test

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// BenchmarkRead is what the edge adds to a read of 20 KB by a delivery token
// on an address that all APIs share.
func BenchmarkRead(b *testing.B) {
	body := []byte(`"` + strings.Repeat("x", 20_000) + `"`)
	read := readAPI("cda", "delivery")
	read.Routes[1].Handle = answering(httpapi.Reply{Raw: body, ETag: "v1"})
	h := httpapi.New(httpapi.Options{
		Access: doors{}, APIs: []httpapi.API{managementAPI(echo), read, readAPI("cpa", "preview")},
		Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
	})
	r := request("GET", mine+"/entries?limit=100", "", bearer("delivery")...)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

// BenchmarkErrorAnswer is the making of an error that is found already, and of a
// success of the same number of bytes that is encoded already. The two take
// turns; ratio is how many times as much the error costs, and is to stay below 2.
func BenchmarkErrorAnswer(b *testing.B) {
	value := 4
	for name, err := range map[string]error{
		"404": fault.Missing("Entry", "e1", "master", "s1"),
		"400": fault.Invalid(fault.InvalidQuery, fault.Detail{Name: "unknown", Path: []any{"limt"}, Details: "The path \"limt\" is not recognized", Suggestions: []string{"limit"}}),
		"409": &fault.Error{Kind: fault.VersionMismatch, Versions: &fault.Versions{Current: 5, Sent: &value, UpdatedBy: "u1", UpdatedAt: time.Unix(0, 0), Changed: []string{"title"}}},
		"422": fault.Invalid(fault.InvalidEntry, fault.Detail{Name: "type", Path: []any{"fields", "title", "en-US"}, Value: fault.Raw(1), Details: "The type of \"title\" is incorrect, expected type: Symbol"}),
	} {
		for client, headers := range map[string][]string{"plain": nil, "sdk": {"X-Contentful-User-Agent", "sdk contentful.js/11.12.10"}} {
			b.Run(name+"/"+client, func(b *testing.B) { compare(b, err, headers) })
		}
	}
}

func compare(b *testing.B, err error, headers []string) {
	quiet := func(o *httpapi.Options) {
		o.Log, o.RequestID = slog.New(slog.NewJSONHandler(io.Discard, nil)), nil
	}
	r := request("GET", "/answer", "", headers...)
	fails := newEdge(failing(err), quiet)
	size := fails.send(r).Body.Len()
	succeeds := newEdge(answering(httpapi.Reply{Raw: []byte(`"` + strings.Repeat("x", size-2) + `"`), ETag: "v1"}), quiet)
	var ofError, ofSuccess time.Duration
	const turn = 20
	for b.Loop() {
		start := time.Now()
		for range turn {
			fails.send(r)
		}
		middle := time.Now()
		for range turn {
			succeeds.send(r)
		}
		ofError += middle.Sub(start)
		ofSuccess += time.Since(middle)
	}
	b.ReportMetric(float64(ofError)/float64(ofSuccess), "ratio")
	b.ReportMetric(testing.AllocsPerRun(100, func() { fails.send(r) }), "allocs/error")
	b.ReportMetric(testing.AllocsPerRun(100, func() { succeeds.send(r) }), "allocs/success")
}
