package server

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnOutageIsLoggedOnce(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := &Server{log: slog.New(slog.NewTextHandler(&log, nil))}
	down := errors.New("connection refused")
	for _, err := range []error{nil, down, down, down, nil, nil, down} {
		s.polled(t.Context(), err)
	}
	var got []string
	for line := range strings.Lines(log.String()) {
		_, message, _ := strings.Cut(line, "msg=")
		got = append(got, strings.TrimSpace(message))
	}
	failed := `"no news of other servers" error="connection refused"`
	if diff := cmp.Diff([]string{failed, `"news of other servers again"`, failed}, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}
