package authoring

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// AccessTokenInput says what a new personal access token is like.
type AccessTokenInput struct {
	Name      string
	Scopes    []string
	ExpiresIn *int64 // seconds; nil: it never expires
	Value     string // "" for a new random one
}

// NewAccessToken is a token just made, and its value: nobody can read it again.
type NewAccessToken struct {
	Resource[cms.AccessToken]
	Token string
}

// AccessTokens lists the actor's personal access tokens, revoked ones included.
func (s *Service) AccessTokens(ctx context.Context, a access.Actor, params url.Values) (Listing[Resource[cms.AccessToken]], error) {
	all, err := list[cms.AccessToken](ctx, s.Store, store.Server, cms.KindAccessToken)
	if err != nil {
		return Listing[Resource[cms.AccessToken]]{}, err
	}
	mine := slices.DeleteFunc(all, func(t Resource[cms.AccessToken]) bool { return t.CreatedBy != a.User })
	return listing(mine, params, defaultListing, func(t cms.AccessToken) string { return t.Name })
}

// AccessToken returns one of the actor's personal access tokens.
func (s *Service) AccessToken(ctx context.Context, a access.Actor, id string) (Resource[cms.AccessToken], error) {
	t, err := get[cms.AccessToken](ctx, s.Store, store.Server, cms.KindAccessToken, id)
	if err == nil && t.CreatedBy != a.User {
		err = fault.New(fault.NotFound, "")
	}
	return t, err
}

// CreateAccessToken makes a personal access token for the actor. A value that is
// in use already is fault.Conflict.
func (s *Service) CreateAccessToken(ctx context.Context, a access.Actor, in AccessTokenInput) (NewAccessToken, error) {
	if err := checkAccessToken(in); err != nil {
		return NewAccessToken{}, err
	}
	var t NewAccessToken
	err := s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		var err error
		t, err = s.insertAccessToken(ctx, tx, a.User, in)
		return err
	})
	return t, err
}

func (s *Service) insertAccessToken(ctx context.Context, tx store.Tx, user string, in AccessTokenInput) (NewAccessToken, error) {
	value := cmp.Or(in.Value, "CFPAT-"+s.IDs.base64(32))
	at := s.Now()
	h := created(store.Server, cms.KindAccessToken, s.IDs.New(), 1, user, at)
	if err := claimToken(ctx, tx, access.TokenOwner(h.ID), value); err != nil {
		return NewAccessToken{}, err
	}
	t := cms.AccessToken{Name: in.Name, Scopes: in.Scopes, Redacted: value[max(0, len(value)-4):]}
	if in.ExpiresIn != nil {
		t.ExpiresAt = at.Add(time.Duration(*in.ExpiresIn) * time.Second)
	}
	r, err := put(ctx, tx, h, store.Absent, t, store.Create, user, at)
	return NewAccessToken{r, value}, err
}

// RevokeAccessToken ends a token for good. Its value stays taken. Revoking it
// again is fault.Conflict.
func (s *Service) RevokeAccessToken(ctx context.Context, a access.Actor, id string) (Resource[cms.AccessToken], error) {
	var out Resource[cms.AccessToken]
	err := s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		h, t, err := current[cms.AccessToken](ctx, tx, store.Server, cms.KindAccessToken, id)
		switch {
		case err != nil:
			return err
		case h.CreatedBy != a.User:
			return fault.New(fault.NotFound, "")
		case !t.RevokedAt.IsZero():
			return fault.New(fault.Conflict, "The access token is revoked already.")
		}
		at := s.Now()
		t.RevokedAt = at
		out, err = put(ctx, tx, touched(h, a.User, at), h.Version, t, store.Save, a.User, at)
		return err
	})
	return out, err
}

// maxExpiry keeps the time of expiry within what a time.Duration can add.
const maxExpiry = 100 * 365 * 24 * 3600 // seconds

func checkAccessToken(in AccessTokenInput) error {
	var problems []fault.Detail
	for i, scope := range in.Scopes {
		if scope != cms.ScopeManage && scope != cms.ScopeRead {
			problems = append(problems, fault.Detail{Name: "in", Path: []any{"scopes", i}, Value: fault.Raw(scope),
				Expected: []any{cms.ScopeManage, cms.ScopeRead}, Details: "Value must be one of expected values"})
		}
	}
	if len(in.Scopes) == 0 {
		problems = append(problems, blank("scopes"))
	}
	if problems != nil {
		return fault.Invalid(fault.PersonalAccessTokenInvalidScopes, problems...)
	}
	if in.Name == "" {
		problems = append(problems, blank("name"))
	}
	if e := in.ExpiresIn; e != nil && (*e <= 0 || *e > maxExpiry) {
		problems = append(problems, fault.Detail{Name: "range", Path: []any{"expiresIn"}, Value: fault.Raw(*e),
			Min: fault.Raw(1), Max: fault.Raw(maxExpiry), Details: "expiresIn is a number of seconds, at least 1"})
	}
	if problems != nil {
		return invalidResource(problems...)
	}
	return checkTokenValue(in.Value)
}

// tokenValue is what a token can be: it travels in a header.
var tokenValue = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

// checkTokenValue checks a value that was given and not made.
func checkTokenValue(value string) error {
	if value != "" && !tokenValue.MatchString(value) {
		return fault.New(fault.BadRequest, "A token consists of letters, digits and the characters . _ ~ + / - =")
	}
	return nil
}

// claimToken makes a token its owner's.
func claimToken(ctx context.Context, tx store.Tx, owner, value string) error {
	conflicts, err := tx.SetKeys(ctx, store.Server, owner, []store.Key{access.TokenKey(value)})
	if err == nil && len(conflicts) > 0 {
		err = fault.New(fault.Conflict, "The token is in use already.")
	}
	return err
}

// base64 is n random bytes as unpadded URL-safe base64.
func (g IDs) base64(n int) string { return base64.RawURLEncoding.EncodeToString(g.bytes(n)) }

// hex is n random bytes in hexadecimal.
func (g IDs) hex(n int) string { return hex.EncodeToString(g.bytes(n)) }

func (g IDs) bytes(n int) []byte {
	out := make([]byte, n)
	if _, err := io.ReadFull(g.source(), out); err != nil {
		panic(fmt.Sprint("authoring: no randomness: ", err))
	}
	return out
}
