package server

import "testing"

func TestIdle(t *testing.T) {
	t.Parallel()
	var i idle
	for _, step := range []struct {
		name     string
		requests int64
		held     uint64
		want     bool
	}{
		{"nothing to gain", 0, worthwhile, false},
		{"much to gain, but busy", 1000, 100 << 20, false},
		{"much to gain", 1000 + idleBelow - 1, 100 << 20, true},
		{"it was needed", 2000, 100 << 20, false},
		{"still", 2000, 100 << 20, false},
		{"more", 2000, 117 << 20, true},
	} {
		got := i.look(step.requests, step.held)
		if got != step.want {
			t.Errorf("%s: %t", step.name, got)
		}
		if got {
			i.needed = step.held
		}
	}
}
