package main

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/server"
)

// TestRequestLine: a line is what slog makes of the record, or is left to slog.
func TestRequestLine(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 2, 3, 4, 5, 6, 7_899_999, time.UTC)
	usual := func(more ...slog.Attr) []slog.Attr {
		return append([]slog.Attr{
			slog.String("request_id", "0b9f6c1e-5b1c-4b5e-9d59-7c3c6f1f7a10"), slog.String("method", "GET"),
			slog.String("route", "/spaces/:space/environments/:environment/entries/:id"), slog.Duration("took", 41_234*time.Nanosecond),
			slog.String("api", "cda"), slog.Int("status", 200),
		}, more...)
	}
	var c clock
	for name, test := range map[string]struct {
		at    time.Time
		level slog.Level
		attrs []slog.Attr
		quick bool
	}{
		"usual":             {at, slog.LevelInfo, usual(), true},
		"the same second":   {at.Add(200 * time.Millisecond), slog.LevelInfo, usual(), true},
		"the next second":   {at.Add(time.Second), slog.LevelInfo, usual(), true},
		"the first":         {time.Unix(0, 0).UTC(), slog.LevelInfo, usual(), true},
		"long ago":          {time.Date(1902, 2, 3, 4, 5, 6, 999_999_999, time.UTC), slog.LevelInfo, usual(), true},
		"on the second":     {at.Truncate(time.Second), slog.LevelInfo, usual(), true},
		"a clock with more": {time.Now().UTC(), slog.LevelInfo, usual(), true},
		"a trial":           {at, slog.LevelInfo, usual(slog.Bool("validate_only", true)), true},
		"numbers":           {at, slog.LevelInfo, usual(slog.Int("events", -12), slog.Duration("took", -time.Hour), slog.Duration("none", 0)), true},
		"nothing":           {at, slog.LevelInfo, nil, true},
		"a fault":           {at, slog.LevelInfo, usual(slog.String("fault", "NotFound")), true},
		"no route":          {at, slog.LevelInfo, usual(slog.String("route", "")), false},
		"a space":           {at, slog.LevelInfo, usual(slog.String("unsent", "broken pipe")), false},
		"a line":            {at, slog.LevelInfo, usual(slog.String("unsent", "a\nb")), false},
		"a quote":           {at, slog.LevelInfo, usual(slog.String("unsent", `a"b`)), false},
		"a backslash":       {at, slog.LevelInfo, usual(slog.String("unsent", `a\b`)), false},
		"an equals sign":    {at, slog.LevelInfo, usual(slog.String("unsent", "a=b")), false},
		"not ASCII":         {at, slog.LevelInfo, usual(slog.String("unsent", "ä")), false},
		"not UTF-8":         {at, slog.LevelInfo, usual(slog.String("unsent", "\xff")), false},
		"a control":         {at, slog.LevelInfo, usual(slog.String("unsent", "\x1b[31m")), false},
		"an odd name":       {at, slog.LevelInfo, usual(slog.Int("a b", 1)), false},
		"no name":           {at, slog.LevelInfo, usual(slog.Attr{}), false},
		"a group":           {at, slog.LevelInfo, usual(slog.Group("g", "a", 1)), false},
		"another kind":      {at, slog.LevelInfo, usual(slog.Float64("x", 1.5)), false},
		"a warning":         {at, slog.LevelWarn, usual(), false},
		"another zone":      {at.In(time.FixedZone("", 3600)), slog.LevelInfo, usual(), false},
		"no time":           {time.Time{}, slog.LevelInfo, usual(), false},
	} {
		r := slog.NewRecord(test.at, test.level, server.RequestRecord, 0)
		r.AddAttrs(test.attrs...)
		line, ok := appendRequestLine([]byte("before"), &c, &r)
		if ok != test.quick {
			t.Errorf("%s: %v", name, ok)
		}
		var want bytes.Buffer
		if err := slog.NewTextHandler(&want, nil).Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if got, _ := strings.CutPrefix(string(line), "before"); ok && got != want.String() {
			t.Errorf("%s:\n%s%s", name, got, want.String())
		}

		var out together
		log, flush, err := (&app{config: textLog, stderr: &out}).serverLog()
		if err != nil {
			t.Fatal(err)
		}
		if err := log.Handler().Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		flush()
		if out.String() != want.String() {
			t.Errorf("%s, in the log:\n%s%s", name, out.String(), want.String())
		}
	}
}

// BenchmarkRequestLine is a record on its way into the log.
func BenchmarkRequestLine(b *testing.B) {
	log, _, err := (&app{config: textLog, stderr: io.Discard}).serverLog()
	if err != nil {
		b.Fatal(err)
	}
	r := slog.NewRecord(time.Now().UTC(), slog.LevelInfo, server.RequestRecord, 0)
	r.AddAttrs(slog.String("request_id", "0b9f6c1e-5b1c-4b5e-9d59-7c3c6f1f7a10"), slog.String("method", "GET"),
		slog.String("route", "/spaces/:space/environments/:environment/entries/:id"), slog.Duration("took", 41_234), slog.String("api", "cda"), slog.Int("status", 200))
	for name, h := range map[string]slog.Handler{"plain": log.Handler(), "slog": log.Handler().WithAttrs(nil)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := h.Handle(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
