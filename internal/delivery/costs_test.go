//go:build !race

package delivery_test

import (
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/costtest"
	"github.com/typecase/typecase/internal/delivery"
)

// TestCosts holds reads to what they may allocate.
func TestCosts(t *testing.T) {
	list, r := longList(t)
	zipped := r
	zipped.Gzip = true
	keys := r
	keys.Keys = true
	known := r
	known.Known = func(string) bool { return true }

	single := newWorld(t)
	single.Type("post", post)
	single.Entry("e1", "post", `{"title":{"en-US":"T"},"data":{"en-US":"`+strings.Repeat("x", 1000)+`"}}`)
	single.Publish(cms.KindEntry, "e1")
	one := single.request(delivered, "")

	entries := func(r delivery.Request) delivery.Answer {
		a, err := list.s.Entries(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	entry := func() {
		if _, err := single.s.Entry(t.Context(), one, "e1"); err != nil {
			t.Fatal(err)
		}
	}
	buf := make([]byte, 0, 1<<20)
	for _, op := range []struct {
		name          string
		allocs, bytes uint64
		do            func()
	}{
		{"entry again", 5, 680, entry},
		{"entry from its fragment", 26, 2_650, func() { single.s.ForgetAnswers(); entry() }},
		{"list again", 12, 1_020, func() { entries(r) }},
		{"list from its fragments", 132, 96_000, func() { list.s.ForgetAnswers(); entries(r) }},
		{"list with keys", 138, 98_000, func() { list.s.ForgetAnswers(); entries(keys) }},
		{"list the client has", 12, 1_020, func() { entries(known) }},
		{"list, spliced", 132, 96_000, func() { list.s.ForgetAnswers(); buf = entries(r).Body.Append(buf[:0]) }},
		{"list, spliced as gzip", 132, 96_000, func() { list.s.ForgetAnswers(); buf = entries(zipped).Body.AppendGzip(buf[:0]) }},
	} {
		t.Run(op.name, func(t *testing.T) { costtest.Check(t, op.allocs, op.bytes, op.do) })
	}
}
