package sqlstore

import (
	"context"

	"github.com/typecase/typecase/internal/store"
)

// AddUsage implements store.Usages.
func (s *Store) AddUsage(ctx context.Context, counts []store.Usage) error {
	for _, u := range counts {
		if err := storable(u.Organization, u.Space, u.API); err != nil {
			return err
		}
	}
	if len(counts) == 0 {
		return nil
	}
	return s.submit(ctx, noScope, func(x *tx) error {
		for _, u := range counts {
			err := x.exec(ctx, `INSERT INTO request_count (organization, day, space, api, requests) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (organization, day, space, api) DO UPDATE SET requests = request_count.requests + excluded.requests`,
				u.Organization, int64(u.Day), u.Space, u.API, u.Requests)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Usage implements store.Usages.
func (s *Store) Usage(ctx context.Context, organization string, from, to int) ([]store.Usage, error) {
	if !isText(organization) { // nothing has such an id
		return nil, nil
	}
	var out []store.Usage
	err := s.q.query(ctx, func(scan scanner) error {
		u := store.Usage{Organization: organization}
		var day int64
		err := scan(&u.Space, &u.API, &day, &u.Requests)
		u.Day = int(day)
		out = append(out, u)
		return err
	}, "SELECT space, api, day, requests FROM request_count WHERE organization = $1 AND day BETWEEN $2 AND $3 ORDER BY space, api, day",
		organization, int64(from), int64(to))
	return out, err
}

// ForgetUsage implements store.Usages.
func (s *Store) ForgetUsage(ctx context.Context, day int) error {
	return s.submit(ctx, noScope, func(x *tx) error {
		return x.exec(ctx, "DELETE FROM request_count WHERE day < $1", int64(day))
	})
}
