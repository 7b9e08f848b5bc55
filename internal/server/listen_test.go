package server

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/authority"
	"github.com/typecase/typecase/internal/config"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestRunningRequestsFinish(t *testing.T) {
	t.Parallel()
	begun, finish := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-finish
		io.WriteString(w, "finished")
	})
	f, err := listen(config.Config{HTTP: "127.0.0.1:0", HTTPS: config.Off}, handler, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- f.serve(ctx) }()

	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + address(f.plain))
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			answer <- err.Error()
			return
		}
		answer <- string(body)
	}()
	<-begun
	stop()
	select {
	case err := <-served:
		t.Fatalf("stopped while a request ran: %v", err)
	default:
	}
	close(finish)
	if got := <-answer; got != "finished" {
		t.Errorf("the request that ran got %q", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := http.Get("http://" + address(f.plain)); err == nil {
		t.Error("it still answers")
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	handler := http.NotFoundHandler()
	f, err := listen(config.Config{HTTP: "127.0.0.1:0", HTTPS: config.Off}, handler, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.close() })
	taken := address(f.plain)
	_, err = listen(config.Config{HTTP: "127.0.0.1:0", HTTPS: taken}, handler, nil, quiet())
	if err == nil || !strings.Contains(err.Error(), "https: ") || !strings.Contains(err.Error(), taken) {
		t.Errorf("got %v, want an error that names the setting and the address", err)
	}
	if err != nil && !strings.HasSuffix(err.Error(), "(another program uses it; stop that, or choose another address with --https)") {
		t.Errorf("%v does not say what to do", err)
	}
}

func TestHTTP2(t *testing.T) {
	t.Parallel()
	a, err := authority.Open(t.TempDir(), nil, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Proto) })
	f, err := listen(config.Config{HTTP: config.Off, HTTPS: "127.0.0.1:0"}, handler, a.Config(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- f.serve(ctx) }()
	client := &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	resp, err := client.Get("https://" + address(f.secure))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "HTTP/2.0" {
		t.Errorf("%q, %v", body, err)
	}
	resp.Body.Close()
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
