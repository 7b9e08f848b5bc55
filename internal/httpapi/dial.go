package httpapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// SimulatePath is where, in test mode, the dial is that lets the requests of
// everybody fail. It is a path of the management API; no other API has it.
const SimulatePath = "/_typecase/simulate"

func (s *simulator) routes() []Route {
	return []Route{
		{Method: http.MethodGet, Pattern: SimulatePath, Handle: s.show},
		{Method: http.MethodPut, Pattern: SimulatePath, Body: JSONBody, Handle: s.turn},
		{Method: http.MethodDelete, Pattern: SimulatePath, Handle: s.stop},
	}
}

// dialJSON is the dial as clients see it.
type dialJSON struct {
	Simulate *string `json:"simulate"` // words as in the header; null: off
	Path     string  `json:"path,omitempty"`
	Count    int     `json:"count,omitempty"`
	Failed   int     `json:"failed"` // requests so far
}

func (d *dial) json() dialJSON {
	if d == nil {
		return dialJSON{}
	}
	return dialJSON{&d.words, d.path, d.count, d.failed}
}

func (s *simulator) show(*Call) (Reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return OK(s.dial.json()), nil
}

func (s *simulator) stop(c *Call) (Reply, error) {
	if err := mayTurn(c); err != nil {
		return Reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dial = nil
	return NoContent(), nil
}

func (s *simulator) turn(c *Call) (Reply, error) {
	if err := mayTurn(c); err != nil {
		return Reply{}, err
	}
	d, err := s.readDial(c)
	if err != nil {
		return Reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dial = d
	return OK(d.json()), nil
}

func mayTurn(c *Call) error {
	if !c.Actor.ReadOnly {
		return nil
	}
	return &fault.Error{Kind: fault.AccessDenied, Details: &fault.Details{Reasons: "The access token may only read."}}
}

func (s *simulator) readDial(c *Call) (*dial, error) {
	var members map[string]json.RawMessage
	if err := c.Decode(&members); err != nil {
		return nil, err
	}
	for _, name := range []string{"simulate", "path", "count"} {
		delete(members, name)
	}
	if len(members) > 0 { // a misspelt path must not stop everybody
		unknown := slices.Sorted(maps.Keys(members))
		return nil, &fault.Error{Kind: fault.UnknownKey, Details: &fault.Details{Keys: unknown},
			Message: `The body has a key that is none of "simulate", "path" and "count".`}
	}
	var body struct {
		Simulate string `json:"simulate"`
		Path     string `json:"path"`
		Count    *int   `json:"count"`
	}
	if err := c.Decode(&body); err != nil {
		return nil, err
	}
	d := &dial{words: body.Simulate, path: body.Path, asks: tally{}}
	var mistake string
	if d.simulation, mistake = parseSimulation(body.Simulate, s.longest); mistake != "" {
		return nil, badSimulation("simulate", mistake, s.longest)
	}
	if d.path != "" && !strings.HasPrefix(d.path, "/") {
		return nil, fault.New(fault.BadRequest, `path: It has to begin with a slash, such as "/spaces/"; without it all paths are meant.`)
	}
	if body.Count != nil {
		if *body.Count < 1 {
			return nil, fault.New(fault.BadRequest, "count: It has to be at least 1; without it there is no end.")
		}
		d.count = *body.Count
	}
	return d, nil
}
