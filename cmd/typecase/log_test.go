package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/typecase/typecase/internal/config"
)

// textLog is the log as it is by default.
var textLog = config.Config{LogLevel: "info", LogFormat: "text"}

// together is what several goroutines have written.
type together struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *together) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.Write(p)
}

func (t *together) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}

func TestServerLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out together
		log, flush, err := (&app{config: textLog, stderr: &out}).serverLog()
		if err != nil {
			t.Fatal(err)
		}
		lines := func(want int, when string) {
			t.Helper()
			synctest.Wait()
			if n := strings.Count(out.String(), "\n"); n != want {
				t.Errorf("%s: %d lines, want %d:\n%s", when, n, want, out.String())
			}
		}
		log.With("a", 1).Info("request", "n", 1)
		log.WithGroup("g").Info("request", "n", 2)
		lines(0, "requests wait")
		time.Sleep(gatherTime)
		lines(2, "not for long")
		log.Info("request")
		log.Info("started")
		lines(4, "news come at once, in order")
		log.Info("request")
		log.Warn("request")
		lines(6, "so does what is wrong")
		long := strings.Repeat("x", gatherSize)
		log.Info("request", "long", long)
		lines(7, "and what is long")
		log.Debug("request")
		log.Info("request")
		flush()
		lines(8, "nothing is left at the end")
		time.Sleep(time.Second)
		lines(8, "nor written twice")
	})
}
