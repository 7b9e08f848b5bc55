package httpapi

import (
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

// simulator lets requests fail on purpose, so that clients can be seen to cope.
// A server has one in test mode only. What a request asks for in its header
// counts for it alone; the dial counts for all that do not ask.
type simulator struct {
	longest time.Duration // a delay is shorter

	mu   sync.Mutex
	asks tally
	dial *dial // nil: off
}

// dial is the simulation for everyone.
type dial struct {
	simulation
	words  string
	path   string // prefix; "" is all
	count  int    // after so many failures it does nothing more; 0: never
	failed int
	asks   tally
}

func newSimulator(longest time.Duration) *simulator {
	return &simulator{longest: longest, asks: tally{}}
}

// equip adds the routes of the dial to the management API.
func (s *simulator) equip(api API) API {
	if api.Token == access.Management {
		api.Routes = append(slices.Clone(api.Routes), s.routes()...)
	}
	return api
}

// meet is the error a request meets on purpose, nil if none. The request has
// passed the checks of the edge, so that it is this error and no other; what is
// known of it is reset to what a real one would have found.
func (s *simulator) meet(r *http.Request, token string, out *outcome) error {
	if out.route == SimulatePath { // the way out is always open
		return nil
	}
	sim, source, err := s.pick(r, token)
	if sim == nil {
		return err
	}
	if err := wait(r, sim.delay); err != nil {
		return err
	}
	out.simulated = source
	f := sim.fault(out.place)
	switch sim.kind {
	case fault.RateLimitExceeded:
		out.quota.exhaust()
		fallthrough
	case fault.AccessTokenInvalid, fault.URITooLong: // found before the place is
		out.route, out.place, out.visible = "", access.Place{}, false
	}
	return f
}

// pick decides which simulation a request gets, nil for none, and says whose
// wish it is.
func (s *simulator) pick(r *http.Request, token string) (sim *simulation, source string, err error) {
	asked, err := s.header(r.Header)
	if err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if asked != nil {
		if s.asks.due(token, r.Header.Get(SimulateHeader), asked.every) {
			return asked, "header", nil
		}
		return nil, "", nil
	}
	d := s.dial
	if d == nil || !strings.HasPrefix(r.URL.Path, d.path) || d.count > 0 && d.failed >= d.count || !d.asks.due(token, "", d.every) {
		return nil, "", nil
	}
	d.failed++
	return &d.simulation, "dial", nil
}

// wait lets time pass, unless nobody waits for the answer any more.
func wait(r *http.Request, d time.Duration) error {
	if d == 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.Context().Done():
		return fault.Wrap(r.Context().Err(), fault.Timeout, "")
	}
}

// tally counts requests by token and words. Tokens are kept as their hash only.
type tally map[[sha256.Size]byte]int

const maxTally = 10_000

// due counts a request and reports whether it is the last of so many.
func (t tally) due(token, words string, every int) bool {
	if every == 1 {
		return true
	}
	key := sha256.Sum256([]byte(token + "\x00" + words))
	if _, ok := t[key]; !ok && len(t) >= maxTally { // words are free to invent; memory is not
		clear(t)
	}
	t[key] = (t[key] + 1) % every
	return t[key] == 0
}
