package authoring

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"slices"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// APIKey is an API key or a preview key with its value.
type APIKey struct {
	Resource[cms.APIKey]
	Token string
}

// APIKeyInput is the body of a write to an API key.
type APIKeyInput struct {
	Name         string
	Description  *string
	Environments json.RawMessage // list of links; nil or [] for master

	// Values of the key and its preview key, for applications that move here;
	// "" for new random ones. Only at creation.
	Token, PreviewToken string
}

// APIKeys lists the API keys of a space; with kind cms.KindPreviewAPIKey, the
// preview keys.
func (s *Service) APIKeys(ctx context.Context, p access.Place, kind cms.Kind, params url.Values) (Listing[APIKey], error) {
	all, err := list[cms.APIKey](ctx, s.Store, p.Space, kind)
	if err != nil {
		return Listing[APIKey]{}, err
	}
	page, err := listing(all, params, defaultListing, func(k cms.APIKey) string { return k.Name })
	if err != nil {
		return Listing[APIKey]{}, err
	}
	out := Listing[APIKey]{Total: page.Total, Skip: page.Skip, Limit: page.Limit, Items: make([]APIKey, len(page.Items))}
	for i, k := range page.Items {
		if out.Items[i], err = s.unsealed(p, k); err != nil {
			return out, err
		}
	}
	return out, nil
}

// APIKey returns an API key, or a preview key with cms.KindPreviewAPIKey.
func (s *Service) APIKey(ctx context.Context, p access.Place, kind cms.Kind, id string) (APIKey, error) {
	k, err := get[cms.APIKey](ctx, s.Store, p.Space, kind, id)
	if err != nil {
		return APIKey{}, err
	}
	return s.unsealed(p, k)
}

// Keys are made and removed under the server's lock, since that is where their
// values are kept unique; only then comes the space's.

// CreateAPIKey makes an API key and the preview key that belongs to it. A value
// that is in use already is fault.Conflict.
func (s *Service) CreateAPIKey(ctx context.Context, p access.Place, a access.Actor, in APIKeyInput) (APIKey, error) {
	return s.createAPIKey(ctx, p, a, s.IDs.New(), in)
}

func (s *Service) createAPIKey(ctx context.Context, p access.Place, a access.Actor, id string, in APIKeyInput) (APIKey, error) {
	environments, err := checkAPIKey(in)
	if err != nil {
		return APIKey{}, err
	}
	previewID := s.IDs.New()
	key := APIKey{Token: cmp.Or(in.Token, s.IDs.hex(32))}
	preview := cmp.Or(in.PreviewToken, s.IDs.base64(32))
	err = s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		if err := environmentsExist(ctx, tx, p.Space, environments); err != nil {
			return err
		}
		value := cms.APIKey{Name: in.Name, Description: in.Description, Environments: inOrder(environments)}
		var err error
		value.Partner = id
		if _, err = s.insertKey(ctx, tx, p, a, cms.KindPreviewAPIKey, previewID, value, preview); err != nil {
			return err
		}
		value.Partner = previewID
		key.Resource, err = s.insertKey(ctx, tx, p, a, cms.KindAPIKey, id, value, key.Token)
		return err
	})
	if err != nil {
		return APIKey{}, err
	}
	return key, nil
}

func (s *Service) insertKey(ctx context.Context, tx store.Tx, p access.Place, a access.Actor, kind cms.Kind, id string, value cms.APIKey, token string) (Resource[cms.APIKey], error) {
	owner := access.KeyOwner(kind, p.SpaceID, id)
	if err := claimToken(ctx, tx, owner, token); err != nil {
		return Resource[cms.APIKey]{}, err
	}
	var err error
	if value.Sealed, err = s.seal(owner, token); err != nil {
		return Resource[cms.APIKey]{}, err
	}
	at := s.Now()
	return put(ctx, tx, created(p.Space, kind, id, 0, a.User, at), store.Absent, value, store.Create, a.User, at)
}

// PutAPIKey changes a key, or makes one with this id when there is none and no
// version of one was meant. It says whether the key is new.
func (s *Service) PutAPIKey(ctx context.Context, p access.Place, a access.Actor, id string, v Version, in APIKeyInput) (key APIKey, isNew bool, err error) {
	key, err = s.updateAPIKey(ctx, p, a, id, v, in)
	if v.Sent || !fault.Is(err, fault.NotFound) {
		return key, false, err
	}
	key, err = s.createAPIKey(ctx, p, a, id, in)
	return key, true, err
}

// updateAPIKey changes name, description and environments of a key and of its
// preview key. Another version is fault.Conflict.
func (s *Service) updateAPIKey(ctx context.Context, p access.Place, a access.Actor, id string, v Version, in APIKeyInput) (APIKey, error) {
	var out Resource[cms.APIKey]
	err := s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		h, key, err := current[cms.APIKey](ctx, tx, p.Space, cms.KindAPIKey, id)
		if err != nil {
			return err
		}
		environments, err := checkAPIKey(in)
		if err != nil {
			return err
		}
		if err := v.check(h.Sys); err != nil {
			f := fault.Of(err)
			return &fault.Error{Kind: fault.Conflict, Message: f.Message, Versions: f.Versions} // the original's kind for keys
		}
		if err := environmentsExist(ctx, tx, p.Space, environments); err != nil {
			return err
		}
		ph, preview, err := current[cms.APIKey](ctx, tx, p.Space, cms.KindPreviewAPIKey, key.Partner)
		if err != nil {
			return err
		}
		at := s.Now()
		for _, k := range []*cms.APIKey{&key, &preview} {
			k.Name, k.Description, k.Environments = in.Name, in.Description, inOrder(environments)
		}
		if _, err := put(ctx, tx, touched(ph, a.User, at), ph.Version, preview, store.Save, a.User, at); err != nil {
			return err
		}
		out, err = put(ctx, tx, touched(h, a.User, at), h.Version, key, store.Save, a.User, at)
		return err
	})
	if err != nil {
		return APIKey{}, err
	}
	return s.unsealed(p, out)
}

// DeleteAPIKey removes a key and its preview key. Both stop working at once.
func (s *Service) DeleteAPIKey(ctx context.Context, p access.Place, a access.Actor, id string) error {
	return s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		h, key, err := current[cms.APIKey](ctx, tx, p.Space, cms.KindAPIKey, id)
		if err != nil {
			return err
		}
		ph, err := tx.Get(ctx, p.Space, cms.KindPreviewAPIKey, key.Partner)
		if err != nil {
			return err
		}
		for _, k := range []store.Head{h, ph} {
			if _, err := tx.SetKeys(ctx, store.Server, access.KeyOwner(k.Kind, p.SpaceID, k.ID), nil); err != nil {
				return err
			}
			if err := tx.Delete(ctx, p.Space, k.Kind, k.ID, k.Version, a.User, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// uncover takes an environment or alias that goes away out of all keys, so that
// a later one with the same id is not open to them. It is no edit of the keys:
// their versions stay.
func (s *Service) uncover(ctx context.Context, tx store.Tx, space store.Scope, environment, actor string) error {
	for _, kind := range []cms.Kind{cms.KindAPIKey, cms.KindPreviewAPIKey} {
		keys, err := list[cms.APIKey](ctx, tx, space, kind)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if !slices.Contains(k.Value.Environments, environment) {
				continue
			}
			k.Value.Environments = slices.DeleteFunc(k.Value.Environments, func(e string) bool { return e == environment })
			h := store.Head{Scope: space, Sys: k.Sys}
			if _, err := put(ctx, tx, h, k.Version, k.Value, store.Save, actor, s.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) unsealed(p access.Place, k Resource[cms.APIKey]) (APIKey, error) {
	token, err := s.unseal(access.KeyOwner(k.Kind, p.SpaceID, k.ID), k.Value.Sealed)
	return APIKey{k, token}, err
}

// checkAPIKey checks a body and returns the ids of the environments as they
// stand there.
func checkAPIKey(in APIKeyInput) ([]string, error) {
	if isNull(in.Environments) {
		return nil, fault.New(fault.BadRequest, `"environments" must be a list of links to environments.`)
	}
	var problems []fault.Detail
	if in.Name == "" {
		problems = append(problems, blank("name"))
	}
	var links []json.RawMessage
	if in.Environments != nil && json.Unmarshal(in.Environments, &links) != nil {
		problems = append(problems, wrongType("environments", "Array", in.Environments, "environments"))
	}
	var ids []string
	for i, raw := range links {
		id, problem := environmentLink(raw, "environments", i)
		if problem != nil {
			problems = append(problems, *problem)
		}
		ids = append(ids, id)
	}
	if problems != nil {
		return nil, invalidResource(problems...)
	}
	for _, value := range []string{in.Token, in.PreviewToken} {
		if err := checkTokenValue(value); err != nil {
			return nil, err
		}
	}
	if len(ids) == 0 {
		ids = []string{cms.MainEnvironment}
	}
	return ids, nil
}

// inOrder are ids as they are stored.
func inOrder(ids []string) []string { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// environmentsExist checks that all ids, in the order of the body, are
// environments or aliases.
func environmentsExist(ctx context.Context, tx store.Tx, space store.Scope, ids []string) error {
	known := map[string]bool{}
	for _, kind := range []cms.Kind{cms.KindEnvironment, cms.KindEnvironmentAlias} {
		heads, err := tx.GetMany(ctx, space, kind, ids)
		if err != nil {
			return err
		}
		for _, h := range heads {
			known[h.ID] = true
		}
	}
	var problems []fault.Detail
	var absent []string
	for i, id := range ids {
		if known[id] {
			continue
		}
		absent = append(absent, id)
		problems = append(problems, noEnvironment(id, nil, "environments", i))
	}
	if err := suggestTargets(ctx, tx, space, problems, absent, cms.KindEnvironment, cms.KindEnvironmentAlias); err != nil {
		return err
	}
	if problems != nil {
		return invalidResource(problems...)
	}
	return nil
}
