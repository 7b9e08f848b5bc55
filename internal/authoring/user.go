package authoring

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// User returns a user; fault.NotFound without details when there is none with
// this id.
func (s *Service) User(ctx context.Context, id string) (Resource[cms.User], error) {
	return get[cms.User](ctx, s.Store, store.Server, cms.KindUser, id)
}

// Users lists the users. All of them belong to every organization and reach
// every space.
func (s *Service) Users(ctx context.Context, params url.Values) (Listing[Resource[cms.User]], error) {
	all, err := list[cms.User](ctx, s.Store, store.Server, cms.KindUser)
	if err != nil {
		return Listing[Resource[cms.User]]{}, err
	}
	return listing(all, params, defaultListing, func(u cms.User) string { return u.FirstName + " " + u.LastName })
}
