package server

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

const (
	idleTime   = 30 * time.Second // how often to look
	idleBelow  = 60               // requests in that time that are as good as none: health checks, a console left open
	worthwhile = 16 << 20         // bytes more than were needed last time
)

// idle decides when to give memory back to the system. Go keeps about as much free
// memory as it uses, for the next garbage; after the read model of a large
// environment was made that is a lot for a server at rest.
type idle struct {
	requests int64  // at the last look
	needed   uint64 // bytes of the heap after memory was given back
}

// look is told how many requests there have been so far, and how much memory the
// heap holds. It reports whether to give memory back.
func (i *idle) look(requests int64, held uint64) bool {
	lately := requests - i.requests
	i.requests = requests
	return lately < idleBelow && held > i.needed+worthwhile
}

// rest gives memory back while there is little to do, until ctx ends.
func (s *Server) rest(ctx context.Context) {
	held := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapSys - m.HeapReleased
	}
	var i idle
	every(ctx, idleTime, func(context.Context) {
		if i.look(s.requests.Total(), held()) {
			debug.FreeOSMemory()
			i.needed = held()
		}
	})
}
