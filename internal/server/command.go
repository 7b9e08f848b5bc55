package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// command does what Command is asked to do, as the owner; tell says how far it has
// come.
type command func(ctx context.Context, s *Server, owner access.Actor, args json.RawMessage, tell func(string)) (any, error)

// commands are what Command can do, by name.
var commands = map[string]command{
	"token create":     with(createToken),
	"token list":       with(listTokens),
	"space create":     with(createSpace),
	"space list":       with(listSpaces),
	"space delete":     with(deleteSpace),
	"space hibernate":  with(hibernateSpace),
	"space wake":       with(wakeSpace),
	"space key create": with(createKey),
	"content model":    with(contentModel),
	"content export":   telling(exportContent),
	"content import":   telling(importContent),
	"server addresses": with(addresses),
	"request list":     with(listRequests),
	"request get":      with(getRequest),
}

// with decodes a command's arguments.
func with[In, Out any](do func(context.Context, *Server, access.Actor, In) (Out, error)) command {
	return telling(func(ctx context.Context, s *Server, a access.Actor, in In, _ func(string)) (Out, error) {
		return do(ctx, s, a, in)
	})
}

// telling is with, for a command that takes its time.
func telling[In, Out any](do func(context.Context, *Server, access.Actor, In, func(string)) (Out, error)) command {
	return func(ctx context.Context, s *Server, a access.Actor, raw json.RawMessage, tell func(string)) (any, error) {
		var in In
		if err := json.Unmarshal(raw, &in); err != nil {
			return nil, err
		}
		return do(ctx, s, a, in, tell)
	}
}

// command runs a command. Its name may come from a program of another version.
func (s *Server) command(ctx context.Context, req request, tell func(string)) (any, error) {
	do, ok := commands[req.Command]
	if !ok {
		return nil, fmt.Errorf("this server (version %s) has no command %q", Version, req.Command)
	}
	owner, err := s.Authoring.Owner(ctx)
	if err != nil {
		return nil, err
	}
	return do(ctx, s, owner, req.Args, tell)
}

// Token is a management token.
type Token struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	ReadOnly  bool      `json:"readOnly"`
	CreatedAt time.Time `json:"createdAt"`
	Revoked   bool      `json:"revoked"`
	Value     string    `json:"value,omitempty"` // known only when it is created
}

// TokenCreate are the arguments of "token create"; its result is a Token.
type TokenCreate struct {
	Name     string
	Value    string // "" for a new one
	ReadOnly bool
}

func createToken(ctx context.Context, s *Server, a access.Actor, in TokenCreate) (Token, error) {
	scopes := []string{cms.ScopeManage}
	if in.ReadOnly {
		scopes = []string{cms.ScopeRead}
	}
	made, err := s.Authoring.CreateAccessToken(ctx, a, authoring.AccessTokenInput{Name: in.Name, Scopes: scopes, Value: in.Value})
	t := tokenOf(made.Resource)
	t.Value = made.Token
	return t, err
}

// listTokens is "token list"; its result is a []Token.
func listTokens(ctx context.Context, s *Server, a access.Actor, _ struct{}) ([]Token, error) {
	return all(func(page url.Values) (authoring.Listing[authoring.Resource[cms.AccessToken]], error) {
		return s.Authoring.AccessTokens(ctx, a, page)
	}, tokenOf)
}

func tokenOf(r authoring.Resource[cms.AccessToken]) Token {
	readOnly := true
	for _, scope := range r.Value.Scopes {
		readOnly = readOnly && scope != cms.ScopeManage
	}
	return Token{ID: r.ID, Name: r.Value.Name, ReadOnly: readOnly, CreatedAt: r.CreatedAt, Revoked: !r.Value.RevokedAt.IsZero()}
}

// Space is a space.
type Space struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	CreatedAt  time.Time `json:"createdAt"`
	Hibernated bool      `json:"hibernated"`
}

// SpaceCreate are the arguments of "space create"; its result is a Space.
type SpaceCreate struct {
	ID            string // "" for a new one
	Name          string
	DefaultLocale string
}

func createSpace(ctx context.Context, s *Server, a access.Actor, in SpaceCreate) (Space, error) {
	made, err := s.Authoring.CreateSpace(ctx, a, authoring.SpaceInput{ID: in.ID, Name: in.Name, DefaultLocale: in.DefaultLocale})
	return spaceOf(made), err
}

// listSpaces is "space list"; its result is a []Space.
func listSpaces(ctx context.Context, s *Server, _ access.Actor, _ struct{}) ([]Space, error) {
	return all(func(page url.Values) (authoring.Listing[authoring.Resource[cms.Space]], error) {
		return s.Authoring.Spaces(ctx, "", page)
	}, func(r authoring.Resource[cms.Space]) Space {
		sp := spaceOf(r)
		sp.Hibernated = sp.Hibernated || s.sleep.sleeps(sp.ID)
		return sp
	})
}

func spaceOf(r authoring.Resource[cms.Space]) Space {
	return Space{ID: r.ID, Name: r.Value.Name, CreatedAt: r.CreatedAt, Hibernated: r.Value.Hibernated}
}

// SpaceID are the arguments of "space delete", "space hibernate" and "space
// wake", which have no result.
type SpaceID struct {
	ID string
}

func deleteSpace(ctx context.Context, s *Server, a access.Actor, in SpaceID) (struct{}, error) {
	return struct{}{}, named(in.ID, s.Authoring.DeleteSpace(ctx, a, in.ID))
}

func hibernateSpace(ctx context.Context, s *Server, _ access.Actor, in SpaceID) (struct{}, error) {
	if err := s.Authoring.HibernateSpace(ctx, in.ID); err != nil {
		return struct{}{}, named(in.ID, err)
	}
	return struct{}{}, named(in.ID, s.sleep.put(ctx, in.ID))
}

func wakeSpace(ctx context.Context, s *Server, a access.Actor, in SpaceID) (struct{}, error) {
	p, err := s.Access.Locate(ctx, a, in.ID, "")
	if err == nil {
		err = s.sleep.wake(ctx, p)
	}
	return struct{}{}, named(in.ID, err)
}

// named says which space was not found, and which was probably meant.
func named(space string, err error) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := fault.New(fault.NotFound, "There is no space %q.", space)
	if f.Suggestions = fault.Of(err).Suggestions; f.Suggestions == nil {
		f.Hint = "typecase space list prints those there are."
	}
	return f
}

// Key is an API key: a token for delivery and one for preview.
type Key struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Value        string `json:"value"`
	PreviewValue string `json:"previewValue"`
}

// KeyCreate are the arguments of "space key create"; its result is a Key.
type KeyCreate struct {
	Space               string // id
	Name                string
	Value, PreviewValue string // "" for new ones
}

func createKey(ctx context.Context, s *Server, a access.Actor, in KeyCreate) (Key, error) {
	p, err := s.Access.Locate(ctx, a, in.Space, "")
	if err != nil {
		return Key{}, named(in.Space, err)
	}
	return s.newKey(ctx, p, a, authoring.APIKeyInput{Name: in.Name, Token: in.Value, PreviewToken: in.PreviewValue})
}

func (s *Server) newKey(ctx context.Context, p access.Place, a access.Actor, in authoring.APIKeyInput) (Key, error) {
	made, err := s.Authoring.CreateAPIKey(ctx, p, a, in)
	if err != nil {
		return Key{}, err
	}
	return s.keyOf(ctx, p, made)
}

// keyOf joins a key with its preview key.
func (s *Server) keyOf(ctx context.Context, p access.Place, k authoring.APIKey) (Key, error) {
	preview, err := s.Authoring.APIKey(ctx, p, cms.KindPreviewAPIKey, k.Value.Partner)
	return Key{ID: k.ID, Name: k.Value.Name, Value: k.Token, PreviewValue: preview.Token}, err
}

// all reads a collection to its end.
func all[T, Out any](read func(page url.Values) (authoring.Listing[T], error), out func(T) Out) ([]Out, error) {
	items := []Out{}
	for {
		page, err := read(url.Values{"limit": {"100"}, "skip": {strconv.Itoa(len(items))}})
		if err != nil {
			return nil, err
		}
		for _, it := range page.Items {
			items = append(items, out(it))
		}
		if len(page.Items) == 0 || len(items) >= page.Total {
			return items, nil
		}
	}
}
