package authoring

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Organizations lists the organizations.
func (s *Service) Organizations(ctx context.Context, params url.Values) (Listing[Resource[cms.Organization]], error) {
	all, err := list[cms.Organization](ctx, s.Store, store.Server, cms.KindOrganization)
	if err != nil {
		return Listing[Resource[cms.Organization]]{}, err
	}
	return listing(all, params, defaultListing, func(o cms.Organization) string { return o.Name })
}

// Organization returns an organization; fault.NotFound without details when
// there is none with this id.
func (s *Service) Organization(ctx context.Context, id string) (Resource[cms.Organization], error) {
	return get[cms.Organization](ctx, s.Store, store.Server, cms.KindOrganization, id)
}

// owning is the organization a new space belongs to: the one that is named, or
// else the only one there is.
func owning(ctx context.Context, r store.Reader, named *string) (string, error) {
	if named != nil {
		h, err := r.Get(ctx, store.Server, cms.KindOrganization, *named)
		return h.ID, err
	}
	all, err := r.List(ctx, store.Server, cms.KindOrganization, "", 2)
	switch {
	case err != nil:
		return "", err
	case len(all) != 1:
		return "", fault.New(fault.MissingOrganizationParameter, "")
	}
	return all[0].ID, nil
}
