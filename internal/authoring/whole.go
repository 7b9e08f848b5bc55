package authoring

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// What stands here reads an environment from one end to the other, for package
// transfer: in the order of ids and in pieces, whatever there is of it.

// Latest is where the log of an environment stands. Whoever reads for a long time
// sees by it whether something changed meanwhile.
func (s *Service) Latest(ctx context.Context, p access.Place) (seq int64, err error) {
	at, err := s.Store.Position(ctx, p.Environment)
	return at.Seq, missing(err, p, cms.KindEnvironment, p.EnvironmentID)
}

// EntitiesAfter are up to limit entries or assets with ids behind after, in both
// faces.
func (s *Service) EntitiesAfter(ctx context.Context, p access.Place, kind cms.Kind, after string, limit int) ([]Entity, error) {
	model, err := s.model(ctx, p)
	if err != nil {
		return nil, err
	}
	heads, err := s.Store.List(ctx, p.Environment, kind, after, limit)
	if err != nil {
		return nil, err
	}
	revs := make([]store.Revision, 0, 2*len(heads))
	for _, h := range heads {
		revs = append(revs, h.Draft, h.Published)
	}
	docs, err := s.Index.Documents(ctx, revs)
	if err != nil {
		return nil, err
	}
	out := make([]Entity, len(heads))
	for i, h := range heads {
		out[i] = entityOf(model, h, docs[h.Draft], docs[h.Published])
	}
	return out, nil
}

// TypeFaces are a content type's latest version and the activated one, which are
// the same when nothing changed since; nil when it is not active.
type TypeFaces struct {
	Draft     Resource[cms.ContentType]
	Activated *cms.ContentType
	Changed   bool // Activated differs from the draft
}

// EachContentType calls f with all content types of an environment.
func (s *Service) EachContentType(ctx context.Context, p access.Place, f func(TypeFaces) error) error {
	const page = 100
	for after := ""; ; {
		heads, err := s.Store.List(ctx, p.Environment, cms.KindContentType, after, page)
		if err != nil {
			return err
		}
		for _, h := range heads {
			draft, activated, err := faces(ctx, s.Store, h)
			if err != nil {
				return err
			}
			t := TypeFaces{Resource[cms.ContentType]{Sys: h.Sys, Value: *draft}, activated, h.Published != 0 && h.Published != h.Draft}
			if err := f(t); err != nil {
				return err
			}
		}
		if len(heads) < page {
			return nil
		}
		after = heads[len(heads)-1].ID
	}
}

// AllTags are the tags of an environment.
func (s *Service) AllTags(ctx context.Context, p access.Place) ([]Resource[cms.Tag], error) {
	return list[cms.Tag](ctx, s.Store, p.Environment, cms.KindTag)
}

// AllLocales are the locales of an environment.
func (s *Service) AllLocales(ctx context.Context, p access.Place) ([]Resource[cms.Locale], error) {
	return list[cms.Locale](ctx, s.Store, p.Environment, cms.KindLocale)
}

// AllExtensions are the UI extensions of an environment.
func (s *Service) AllExtensions(ctx context.Context, p access.Place) ([]Resource[cms.Extension], error) {
	return list[cms.Extension](ctx, s.Store, p.Environment, cms.KindExtension)
}

// AllWebhooks are the webhook definitions of a space.
func (s *Service) AllWebhooks(ctx context.Context, p access.Place) ([]Resource[cms.Webhook], error) {
	return list[cms.Webhook](ctx, s.Store, p.Space, cms.KindWebhook)
}

// AllPreviews are the content previews of a space.
func (s *Service) AllPreviews(ctx context.Context, p access.Place) ([]Resource[cms.PreviewPlatform], error) {
	return list[cms.PreviewPlatform](ctx, s.Store, p.Space, cms.KindPreviewPlatform)
}

// Count is how many resources of a kind an environment has.
func (s *Service) Count(ctx context.Context, p access.Place, kind cms.Kind) (n int, err error) {
	const page = 1000
	for after := ""; ; {
		heads, err := s.Store.List(ctx, p.Environment, kind, after, page)
		n += len(heads)
		if err != nil || len(heads) < page {
			return n, err
		}
		after = heads[len(heads)-1].ID
	}
}

// HasContentTypes reports whether an environment has any.
func (s *Service) HasContentTypes(ctx context.Context, p access.Place) (bool, error) {
	return s.Store.Has(ctx, p.Environment, cms.KindContentType, "")
}
