package server

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/authority"
	"github.com/typecase/typecase/internal/config"
)

// Files of assets have scheme-relative URLs: whatever scheme a client puts
// before one, the address has to answer.
func TestBothSchemesOnEachAddress(t *testing.T) {
	t.Parallel()
	a, err := authority.Open(t.TempDir(), nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		io.WriteString(w, scheme)
	})
	f, err := listen(config.Config{HTTP: "127.0.0.1:0", HTTPS: "127.0.0.1:0"}, handler, a.Config(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- f.serve(ctx) }()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	for _, addr := range []string{address(f.plain), address(f.secure)} {
		for _, scheme := range []string{"http", "https"} {
			resp, err := client.Get(scheme + "://" + addr)
			if err != nil {
				t.Errorf("%s on %s: %v", scheme, addr, err)
				continue
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || string(body) != scheme {
				t.Errorf("%s on %s: %q, %v", scheme, addr, body, err)
			}
		}
	}
	client.CloseIdleConnections()
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
