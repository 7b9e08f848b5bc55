package server

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"testing"
)

// TestNewsAndHangUp: a command sends news before its reply, and is stopped when its
// client hangs up.
func TestNewsAndHangUp(t *testing.T) {
	t.Parallel()
	s, err := listenSocket(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	stopped := make(chan error, 1)
	go func() {
		_ = s.serve(context.WithoutCancel(t.Context()), func(ctx context.Context, req request, tell func(string)) (any, error) {
			tell("one")
			tell("two")
			if req.Command == "wait" {
				<-ctx.Done()
				stopped <- ctx.Err()
			}
			return 3, nil
		})
	}()
	dial := func() net.Conn {
		conn, err := net.Dial("unix", s.path())
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	var news []string
	rep, err := call(t.Context(), dial(), request{Command: "count"}, func(n string) { news = append(news, n) })
	if err != nil || string(rep.Result) != "3" || len(news) != 2 || news[0] != "one" || news[1] != "two" {
		t.Errorf("%v, %s, %q", err, rep.Result, news)
	}
	conn := dial()
	if err := json.NewEncoder(conn).Encode(request{Command: "wait"}); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-stopped; err == nil {
		t.Error("it was not stopped")
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	if _, err := call(ctx, dial(), request{Command: "wait"}, func(string) { interrupt() }); !errors.Is(err, errStopped) {
		t.Errorf("interrupted: %v", err)
	}
	<-stopped
	if err := s.close(); err != nil {
		t.Error(err)
	}
}
