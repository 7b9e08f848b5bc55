package authoring

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Bootstrap makes an empty server usable: an organization, its owner and a
// management token. The token is the given one or, with "", a new one, and only
// then it is returned to be shown: nobody can read it again. On a server that is
// not empty a given token that nobody has had yet becomes another one of the
// owner's. It refuses a database whose values were sealed with another secret:
// what this server would seal, the others could not open.
func (s *Service) Bootstrap(ctx context.Context, token string) (printed string, err error) {
	if err := checkTokenValue(token); err != nil {
		return "", err
	}
	err = s.Store.Update(ctx, store.Server, func(tx store.Tx) error {
		printed = ""
		if err := s.checkSecret(ctx, tx); err != nil {
			return err
		}
		owner, err := owner(ctx, tx)
		if err != nil {
			return err
		}
		if owner == "" {
			if owner, err = s.insertOwner(ctx, tx); err != nil {
				return err
			}
		} else if token == "" {
			return nil
		}
		if token != "" {
			holder, err := tx.Owner(ctx, store.Server, access.TokenKey(token))
			if err != nil || holder != "" {
				return err
			}
		}
		t, err := s.insertAccessToken(ctx, tx, owner, AccessTokenInput{Name: "Owner's first token", Scopes: []string{cms.ScopeManage}, Value: token})
		if err == nil && token == "" {
			printed = t.Token
		}
		return err
	})
	return printed, err
}

// Owner is the actor for work at the server itself, such as on its command
// line: the owner, with every right.
func (s *Service) Owner(ctx context.Context) (access.Actor, error) {
	id, err := owner(ctx, s.Store)
	if err == nil && id == "" {
		err = fault.New(fault.ServerError, "the server has no owner yet: start it once first")
	}
	return access.Actor{Kind: access.Management, User: id}, err
}

// owner is the id of the first user, "" on an empty server.
func owner(ctx context.Context, r store.Reader) (string, error) {
	users, err := r.List(ctx, store.Server, cms.KindUser, "", 1)
	if err != nil || len(users) == 0 {
		return "", err
	}
	return users[0].ID, nil
}

func (s *Service) insertOwner(ctx context.Context, tx store.Tx) (string, error) {
	at := s.Now()
	user := created(store.Server, cms.KindUser, s.IDs.New(), 1, "", at)
	user.CreatedBy, user.UpdatedBy = user.ID, user.ID
	if _, err := put(ctx, tx, user, store.Absent, cms.User{FirstName: "Typecase", LastName: "Owner", Email: "owner@localhost"}, store.Create, user.ID, at); err != nil {
		return "", err
	}
	organization := created(store.Server, cms.KindOrganization, s.IDs.New(), 1, user.ID, at)
	_, err := put(ctx, tx, organization, store.Absent, cms.Organization{Name: "Typecase"}, store.Create, user.ID, at)
	return user.ID, err
}
