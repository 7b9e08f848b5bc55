package cda

import (
	"encoding/base64"
	"encoding/json"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

// resolutionHeader has the tokens of other spaces, by space, for entries linked
// to there: base64 of {"spaces":{"id":"token"}}.
const (
	resolutionHeader = "X-Contentful-Resource-Resolution"
	maxFarSpaces     = 3
)

// listEntries handles the collection of entries, which may have entries of other
// spaces with it.
func (a *api) listEntries(c *httpapi.Call) (httpapi.Reply, error) {
	r := a.contentRequest(c)
	tokens, err := resolution(c.Header.Get(resolutionHeader))
	if err != nil {
		return httpapi.Reply{}, err
	}
	header := a.caching.entries
	if len(tokens) > 0 {
		header, r.Keys = a.caching.far, false
		r.Far = func(space, environment string) (access.Place, bool, error) {
			return a.far(c, tokens[space], space, environment)
		}
	}
	out, err := a.s.Entries(c.Context(), r)
	return reply(out, err, header)
}

// far is an environment of another space for who has its token.
func (a *api) far(c *httpapi.Call, token, space, environment string) (access.Place, bool, error) {
	if token == "" {
		return access.Place{}, false, nil
	}
	actor, err := c.Authenticate(token)
	var p access.Place
	if err == nil && actor.Kind == c.Actor.Kind {
		p, err = a.access.Locate(c.Context(), actor, space, environment)
	}
	if fault.Is(err, fault.AccessTokenInvalid) || fault.Is(err, fault.NotFound) {
		err = nil
	}
	return p, p.EnvironmentID != "", err
}

// resolution reads the header.
func resolution(header string) (map[string]string, error) {
	if header == "" {
		return nil, nil
	}
	raw, err := base64.StdEncoding.DecodeString(header)
	if err != nil {
		raw, err = base64.RawURLEncoding.DecodeString(header)
	}
	var r struct{ Spaces map[string]string }
	if err == nil {
		err = json.Unmarshal(raw, &r)
	}
	switch {
	case err != nil || r.Spaces == nil:
		return nil, fault.New(fault.BadRequest, `The header "%s" must be the base64 form of JSON such as {"spaces":{"SPACE_ID":"ACCESS_TOKEN"}}.`, resolutionHeader)
	case len(r.Spaces) > maxFarSpaces:
		return nil, fault.New(fault.BadRequest, `The header "%s" may name at most %d spaces, this one names %d.`, resolutionHeader, maxFarSpaces, len(r.Spaces))
	}
	return r.Spaces, nil
}
