package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/server"
)

// logger writes the log to w.
func (a *app) logger(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(a.config.LogLevel)); err != nil {
		return nil, err
	}
	opt := &slog.HandlerOptions{Level: level}
	if a.config.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opt)), nil
	}
	return slog.New(slog.NewTextHandler(w, opt)), nil
}

// serverLog is the log of a server. A record of a request, of which there may be
// thousands a second, is written with those of a moment, unless it tells of
// something wrong; every other record at once, with what came before. flush
// writes what is left.
func (a *app) serverLog() (log *slog.Logger, flush func(), err error) {
	out := &gathering{w: a.stderr}
	if log, err = a.logger(out); err != nil {
		return nil, nil, err
	}
	return slog.New(gatheringHandler{log.Handler(), out, a.config.LogFormat != "json"}), out.flush, nil
}

const (
	gatherTime = 100 * time.Millisecond
	gatherSize = 32 << 10 // bytes
)

// gathering is a writer that waits a moment for more.
type gathering struct {
	mu      sync.Mutex
	w       io.Writer
	buf     []byte
	waiting bool // a flush will come by itself
	clock   clock
}

// Write never fails: there is nowhere to tell that the log cannot be written.
func (g *gathering) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.buf = append(g.buf, p...)
	g.written()
	return len(p), nil
}

// written sees to it that what is in the buffer does not stay there; it is called
// with mu held.
func (g *gathering) written() {
	switch {
	case len(g.buf) >= gatherSize:
		g.write()
	case !g.waiting:
		g.waiting = true
		time.AfterFunc(gatherTime, g.flush)
	}
}

func (g *gathering) flush() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = false
	g.write()
}

// write is called with mu held.
func (g *gathering) write() {
	if len(g.buf) == 0 {
		return
	}
	_, _ = g.w.Write(g.buf)
	g.buf = g.buf[:0]
}

// gatheringHandler decides what can wait.
type gatheringHandler struct {
	slog.Handler
	out  *gathering
	text bool // records of requests may be written by out itself, see requestLine
}

func (h gatheringHandler) Handle(ctx context.Context, r slog.Record) error {
	request := r.Level <= slog.LevelInfo && r.Message == server.RequestRecord
	if request && h.text && h.out.request(&r) {
		return nil
	}
	err := h.Handler.Handle(ctx, r)
	if !request {
		h.out.flush()
	}
	return err
}

func (h gatheringHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return gatheringHandler{h.Handler.WithAttrs(attrs), h.out, false}
}

func (h gatheringHandler) WithGroup(name string) slog.Handler {
	return gatheringHandler{h.Handler.WithGroup(name), h.out, false}
}
