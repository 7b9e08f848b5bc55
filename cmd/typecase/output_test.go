package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/journal"
)

// TestNothingForTheTerminal: whatever clients send, what is printed moves no
// cursor and hides nothing, and JSON stays the same JSON.
func TestNothingForTheTerminal(t *testing.T) {
	t.Parallel()
	const evil = "a\x1b[31m\u009b2J\u202eb\U000e0041\x7f\r\n\tc"
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	var table, text, script strings.Builder
	r := journal.Request{ID: evil, Time: time.Unix(0, 0).UTC(), Method: evil, Path: evil, Message: evil, Body: quoted, Answer: quoted}
	if err := printTable(&table, []string{"A", "B"}, [][]string{{evil, "x"}}); err != nil {
		t.Fatal(err)
	}
	if err := printRequest(&text, r); err != nil {
		t.Fatal(err)
	}
	if err := printJSON(&script, map[string]string{"a": evil}); err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]string{"table": table.String(), "text": text.String(), "JSON": script.String()} {
		for _, c := range []string{"\x1b", "\u009b", "\u202e", "\U000e0041", "\x7f", "\r", "\t"} {
			if strings.Contains(got, c) {
				t.Errorf("%s has %q: %q", what, c, got)
			}
		}
	}
	if n := strings.Count(table.String(), "\n"); n != 2 {
		t.Errorf("%d lines: %q", n, table.String())
	}
	var back map[string]string
	if err := json.Unmarshal([]byte(script.String()), &back); err != nil || back["a"] != evil {
		t.Errorf("%v: %q", err, back)
	}
}
