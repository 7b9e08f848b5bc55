package httpapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

// simulation is an error that a request meets on purpose, and when.
type simulation struct {
	kind  fault.Kind
	reset time.Duration // Retry-After; only kinds that have one
	delay time.Duration // until the answer
	every int           // 1: each request fails; 5: only each fifth of a token
}

const (
	maxReset = 3600 // seconds
	maxEvery = 1_000_000
	maxWord  = 80 // bytes of a wrong word that are sent back
)

// parseSimulation reads words such as "RateLimitExceededError; reset=2; every=5".
// Delays have to be shorter than longest. The error is a sentence for people.
func parseSimulation(words string, longest time.Duration) (s simulation, mistake string) {
	s.every = 1
	seen := map[string]bool{}
	for word := range strings.SplitSeq(words, ";") {
		word = strings.TrimSpace(word)
		if word == "" {
			return s, "There is an empty word."
		}
		name, value, isOption := strings.Cut(word, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		what := name
		if !isOption || name == "timeout" {
			what = "error"
		}
		if seen[what] {
			return s, "There is more than one " + what + "."
		}
		seen[what] = true
		ok := true
		switch {
		case !isOption:
			s.kind, ok = kindCalled(word)
		case name == "timeout":
			s.kind = fault.Timeout
			var err error
			s.delay, err = time.ParseDuration(value)
			ok = err == nil && s.delay >= 0 && s.delay < longest
		case name == "reset":
			var seconds int
			seconds, ok = whole(value, maxReset)
			s.reset = time.Duration(seconds) * time.Second
		case name == "every":
			s.every, ok = whole(value, maxEvery)
		default:
			ok = false
		}
		if !ok {
			if len(word) > maxWord {
				word = strings.ToValidUTF8(word[:maxWord], "") + "…"
			}
			return s, strconv.Quote(word) + " cannot be simulated."
		}
	}
	switch {
	case !seen["error"]:
		return s, "It names no error."
	case s.reset != 0 && !comesBack(s.kind):
		return s, "An error that has no Retry-After takes no reset."
	}
	return s, ""
}

// simulationHelp says what parseSimulation takes.
func simulationHelp(longest time.Duration) string {
	return "Possible are an id such as RateLimitExceededError (" + ErrorsPath + " lists all), a status such as 502, " +
		"or timeout=3s, less than " + longest.String() + ". After semicolons there may be every=5, so that only each fifth request of a token fails (up to " +
		strconv.Itoa(maxEvery) + "), and with errors that have Retry-After reset=2, in whole seconds (up to " + strconv.Itoa(maxReset) + ")."
}

// whole reads a whole number from 1 to most.
func whole(s string, most int) (n int, ok bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= most
}

// comesBack says which errors tell clients when to try again.
func comesBack(k fault.Kind) bool {
	return k == fault.RateLimitExceeded || k == fault.Hibernated || k == fault.Timeout
}

// kindCalled is the kind that a name or a status stands for. An id or a status
// that several kinds share means the one that it is made for: 404 is NotFound,
// not UnknownRoute, and AccessDeniedError no sleeping space.
func kindCalled(term string) (fault.Kind, bool) {
	status, err := strconv.Atoi(term)
	if err == nil {
		for _, beyond := range []bool{false, true} {
			for k, w := range wire {
				if w.status == status && w.shortStatus == 0 && w.beyond == beyond {
					return fault.Kind(k), true
				}
			}
		}
		return 0, false
	}
	for k, w := range wire {
		if strings.EqualFold(term, fault.Kind(k).String()) || strings.EqualFold(term, w.id) && w.id == w.short+"Error" {
			return fault.Kind(k), true
		}
	}
	return 0, false
}

// fault is the error as a request to a place meets it: with the message of the
// table, and something in the details where the kind has some.
func (s simulation) fault(p access.Place) *fault.Error {
	f := &fault.Error{Kind: s.kind}
	if comesBack(s.kind) {
		f.RetryAfter = max(s.reset, time.Second)
	}
	const text = "simulated"
	switch wire[s.kind].details {
	case target:
		f.Details = &fault.Details{Type: "Entry", ID: text, Environment: p.EnvironmentID, Space: p.SpaceID}
	case reasons:
		f.Details = &fault.Details{Reasons: text}
	case keyList:
		f.Details = &fault.Details{Keys: []string{text}}
	case oneKey:
		f.Details = &fault.Details{Key: text}
	}
	return f
}

// SimulateHeader asks, in test mode, for an error instead of an answer.
const SimulateHeader = "X-Typecase-Simulate"

func badSimulation(where, mistake string, longest time.Duration) error {
	return fault.New(fault.BadRequest, "%s: %s %s", where, mistake, simulationHelp(longest))
}

// header reads the simulation a request asks for, nil if it asks for none.
func (s *simulator) header(h http.Header) (*simulation, error) {
	words := h.Get(SimulateHeader)
	if words == "" {
		return nil, nil
	}
	sim, mistake := parseSimulation(words, s.longest)
	if mistake != "" {
		return nil, badSimulation(SimulateHeader, mistake, s.longest)
	}
	return &sim, nil
}
