package access

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
)

// Directory is the Authenticator over a store. It remembers what it has looked
// up for as long as nothing is written to the scope it came from: a warm look-up
// costs no statement, and a token that is revoked through this process stops
// working with the answer to that request.
type Directory struct {
	st  store.Store
	now func() time.Time

	mu     sync.RWMutex
	tokens map[hash]cached[ticket]
	spaces map[string]cached[space]                // by id
	ids    map[store.Scope]cached[map[string]bool] // of all spaces, by store.Server
	envs   map[envKey]cached[environment]
}

var _ Authenticator = (*Directory)(nil)

// New makes a Directory. now decides when tokens expire.
func New(st store.Store, now func() time.Time) *Directory {
	return &Directory{
		st: st, now: now,
		tokens: map[hash]cached[ticket]{}, spaces: map[string]cached[space]{}, envs: map[envKey]cached[environment]{},
		ids: map[store.Scope]cached[map[string]bool]{},
	}
}

// cached is a value with the positions of the scopes it was read from.
type cached[T any] struct {
	value T
	marks []mark
}

type mark struct {
	scope store.Scope
	seq   int64
}

type ticket struct {
	actor   Actor
	expires time.Time // zero: never
}

func (t *ticket) expired(now func() time.Time) bool {
	return !t.expires.IsZero() && !now().Before(t.expires)
}

type space struct {
	scope        store.Scope
	organization string // id
	hibernated   bool
	protection   cms.Protection
}

func (s *space) place(id string) Place {
	return Place{Organization: s.organization, SpaceID: id, Space: s.scope, Hibernated: s.hibernated, Protection: s.protection}
}

type envKey struct {
	space store.Scope
	id    string
}

type environment struct {
	scope  store.Scope
	target string
}

// Authenticate implements Authenticator.
func (d *Directory) Authenticate(ctx context.Context, token string) (Actor, error) {
	t, err := lookUp(d, d.tokens, hashOf(token), func() (ticket, []mark, error) { return d.readToken(ctx, TokenKey(token)) })
	if err == nil && t.expired(d.now) {
		err = fault.New(fault.AccessTokenInvalid, "")
	}
	if err != nil {
		return Actor{}, err
	}
	return t.actor, nil
}

// Recall implements Authenticator.
func (d *Directory) Recall(token string) (a Actor, known, current bool) {
	d.mu.RLock()
	c, known := d.tokens[hashOf(token)]
	d.mu.RUnlock()
	if !known || !d.current(c.marks) || c.value.expired(d.now) {
		return Actor{}, known, false
	}
	return c.value.actor, true, true
}

// Locate implements Authenticator.
func (d *Directory) Locate(ctx context.Context, a Actor, spaceID, envID string) (Place, error) {
	if spaceID == "" {
		return Place{}, nil
	}
	s, err := lookUp(d, d.spaces, spaceID, func() (space, []mark, error) { return d.readSpace(ctx, spaceID) })
	if err == nil && a.Kind != Management && a.Space != s.scope || fault.Is(err, fault.NotFound) {
		missing := fault.Missing(string(cms.KindSpace), spaceID, "", "")
		if a.Kind == Management && envID == "" {
			missing.Details = nil // the organization service names nothing
		}
		if missing.Suggestions, err = d.likelySpaces(ctx, a, spaceID); err == nil {
			err = missing
		}
	}
	if err != nil {
		return Place{}, err
	}
	p := s.place(spaceID)
	if envID == "" {
		return p, nil
	}
	if a.Kind != Management && !slices.Contains(a.Environments, envID) {
		missing := fault.Missing(string(cms.KindEnvironment), envID, "", spaceID)
		missing.Suggestions = nearest.Likely(envID, slices.Values(a.Environments))
		return Place{}, missing
	}
	e, err := lookUp(d, d.envs, envKey{s.scope, envID}, func() (environment, []mark, error) { return d.readEnvironment(ctx, s.scope, envID) })
	if fault.Is(err, fault.NotFound) {
		missing := fault.Missing(string(cms.KindEnvironment), envID, "", spaceID)
		if missing.Suggestions, err = d.likelyEnvironments(ctx, a, s.scope, envID); err == nil {
			err = missing
		}
	}
	if err != nil {
		return Place{}, err
	}
	p.EnvironmentID, p.Environment, p.Target = envID, e.scope, e.target
	return p, nil
}

// Space finds a space for somebody without a token, whom no rate limit stops. To
// ask for spaces that do not exist costs no statement either: no such ids are
// remembered, which anybody could make up, but those of all spaces.
//
// Errors: fault.NotFound, without a suggestion.
func (d *Directory) Space(ctx context.Context, id string) (Place, error) {
	d.mu.RLock()
	_, met := d.spaces[id]
	d.mu.RUnlock()
	if !met {
		ids, err := lookUp(d, d.ids, store.Server, func() (map[string]bool, []mark, error) { return d.readSpaceIDs(ctx) })
		if err == nil && !ids[id] {
			err = fault.New(fault.NotFound, "")
		}
		if err != nil {
			return Place{}, err
		}
	}
	s, err := lookUp(d, d.spaces, id, func() (space, []mark, error) { return d.readSpace(ctx, id) })
	if err != nil {
		return Place{}, err
	}
	return s.place(id), nil
}

// likelySpaces are the spaces an actor sees that it may have meant: a key sees
// its own one only.
func (d *Directory) likelySpaces(ctx context.Context, a Actor, id string) ([]string, error) {
	if a.Kind != Management {
		return nearest.Likely(id, slices.Values([]string{a.SpaceID})), nil
	}
	return d.likely(ctx, store.Server, id, cms.KindSpace)
}

// likelyEnvironments are the environments and aliases of a space that the actor
// may have meant.
func (d *Directory) likelyEnvironments(ctx context.Context, a Actor, s store.Scope, id string) ([]string, error) {
	if a.Kind != Management {
		return nearest.Likely(id, slices.Values(a.Environments)), nil
	}
	return d.likely(ctx, s, id, cms.KindEnvironment, cms.KindEnvironmentAlias)
}

// likely are the ids in a scope near one; of very many only the first thousand
// of each kind are looked at.
func (d *Directory) likely(ctx context.Context, s store.Scope, id string, kinds ...cms.Kind) ([]string, error) {
	var ids []string
	for _, kind := range kinds {
		heads, err := d.st.List(ctx, s, kind, "", 1000)
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			ids = append(ids, h.ID)
		}
	}
	return nearest.Likely(id, slices.Values(ids)), nil
}

// Poll asks how far other nodes have brought the scopes that answers were
// remembered from, so that what they revoked stops working here too.
func (d *Directory) Poll(ctx context.Context) error {
	scopes := map[store.Scope]bool{store.Server: true}
	d.mu.RLock()
	for _, s := range d.spaces {
		scopes[s.value.scope] = true
	}
	for _, t := range d.tokens {
		if t.value.actor.Kind != Management {
			scopes[t.value.actor.Space] = true
		}
	}
	d.mu.RUnlock()
	for s := range scopes {
		// the store remembers what it sees, see store.Committed
		if _, err := d.st.Position(ctx, s); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// lookUp returns what is remembered under a key, as long as it is current, or
// reads it. Failures are not remembered.
func lookUp[K comparable, T any](d *Directory, m map[K]cached[T], k K, read func() (T, []mark, error)) (T, error) {
	d.mu.RLock()
	c, ok := m[k]
	d.mu.RUnlock()
	if ok && d.current(c.marks) {
		return c.value, nil
	}
	value, marks, err := read()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		delete(m, k)
		return value, err
	}
	m[k] = cached[T]{value, marks}
	return value, nil
}

func (d *Directory) current(marks []mark) bool {
	for _, m := range marks {
		if d.st.Committed(m.scope) > m.seq {
			return false
		}
	}
	return true
}

// position marks a scope before it is read: what is read may be newer than the
// mark, never older.
func (d *Directory) position(ctx context.Context, s store.Scope) (mark, error) {
	p, err := d.st.Position(ctx, s)
	return mark{s, p.Seq}, err
}

func (d *Directory) readToken(ctx context.Context, key store.Key) (ticket, []mark, error) {
	server, err := d.position(ctx, store.Server)
	if err != nil {
		return ticket{}, nil, err
	}
	name, err := d.st.Owner(ctx, store.Server, key)
	if err != nil {
		return ticket{}, nil, err
	}
	if name == "" {
		return ticket{}, nil, fault.New(fault.AccessTokenInvalid, "")
	}
	o, err := parseOwner(name)
	if err != nil {
		return ticket{}, nil, err
	}
	if o.kind == cms.KindAccessToken {
		t, err := d.readAccessToken(ctx, o.id)
		return t, []mark{server}, gone(err)
	}
	s, _, err := d.readSpace(ctx, o.space)
	if err != nil {
		return ticket{}, nil, gone(err)
	}
	inside, err := d.position(ctx, s.scope)
	if err != nil {
		return ticket{}, nil, gone(err)
	}
	t, err := d.readKey(ctx, o, s.scope)
	return t, []mark{server, inside}, gone(err)
}

// gone says that a token whose record vanished meanwhile is no token.
func gone(err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.AccessTokenInvalid, "")
	}
	return err
}

func (d *Directory) readAccessToken(ctx context.Context, id string) (ticket, error) {
	h, t, err := read[cms.AccessToken](ctx, d.st, store.Server, cms.KindAccessToken, id)
	if err == nil && !t.RevokedAt.IsZero() {
		err = fault.New(fault.AccessTokenInvalid, "")
	}
	return ticket{
		actor: Actor{
			Kind: Management, TokenID: id, User: h.CreatedBy,
			ReadOnly: !slices.Contains(t.Scopes, cms.ScopeManage),
		},
		expires: t.ExpiresAt,
	}, err
}

func (d *Directory) readKey(ctx context.Context, o owner, s store.Scope) (ticket, error) {
	h, k, err := read[cms.APIKey](ctx, d.st, s, o.kind, o.id)
	kind := Delivery
	if o.kind == cms.KindPreviewAPIKey {
		kind = Preview
	}
	return ticket{actor: Actor{Kind: kind, TokenID: o.id, User: h.CreatedBy, Space: s, SpaceID: o.space, Environments: k.Environments}}, err
}

func (d *Directory) readSpace(ctx context.Context, id string) (space, []mark, error) {
	server, err := d.position(ctx, store.Server)
	if err != nil {
		return space{}, nil, err
	}
	h, s, err := read[cms.Space](ctx, d.st, store.Server, cms.KindSpace, id)
	return space{scope: h.Child, organization: s.Organization, hibernated: s.Hibernated, protection: s.Protection}, []mark{server}, err
}

// readSpaceIDs reads the ids of all spaces.
func (d *Directory) readSpaceIDs(ctx context.Context) (map[string]bool, []mark, error) {
	server, err := d.position(ctx, store.Server)
	if err != nil {
		return nil, nil, err
	}
	ids := map[string]bool{}
	for after := ""; ; {
		heads, err := d.st.List(ctx, store.Server, cms.KindSpace, after, 1000)
		if err != nil {
			return nil, nil, err
		}
		for _, h := range heads {
			ids[h.ID], after = true, h.ID
		}
		if len(heads) < 1000 {
			return ids, []mark{server}, nil
		}
	}
}

func (d *Directory) readEnvironment(ctx context.Context, s store.Scope, id string) (environment, []mark, error) {
	inside, err := d.position(ctx, s)
	if err != nil {
		return environment{}, nil, err
	}
	target := id
	h, err := d.st.Get(ctx, s, cms.KindEnvironment, id)
	if fault.Is(err, fault.NotFound) {
		_, alias, aliasErr := read[cms.EnvironmentAlias](ctx, d.st, s, cms.KindEnvironmentAlias, id)
		if aliasErr != nil {
			return environment{}, nil, aliasErr
		}
		target = alias.Environment
		h, err = d.st.Get(ctx, s, cms.KindEnvironment, target)
	}
	return environment{scope: h.Child, target: target}, []mark{inside}, err
}

// read gets a resource with its body decoded.
func read[T any](ctx context.Context, r store.Reader, s store.Scope, k cms.Kind, id string) (store.Head, T, error) {
	var value T
	h, err := r.Get(ctx, s, k, id)
	if err != nil {
		return h, value, err
	}
	bodies, err := r.Bodies(ctx, []store.Revision{h.Draft})
	if err != nil {
		return h, value, err
	}
	if err := json.Unmarshal(bodies[h.Draft], &value); err != nil {
		return h, value, fault.Wrap(err, fault.ServerError, "stored %s %s is unreadable", k, id)
	}
	return h, value, nil
}
