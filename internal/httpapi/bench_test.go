package httpapi_test

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

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
