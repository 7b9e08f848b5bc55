package store

import "context"

// Usage is how many requests one API has answered in a space on a day. Nothing else
// in the database depends on it, and it outlives the space.
type Usage struct {
	Organization, Space string // ids
	API                 string // its name
	Day                 int    // since 1970, in UTC
	Requests            int64
}

// Usages is the part of a Store that keeps numbers of requests.
type Usages interface {
	// AddUsage adds to what was counted before, by whichever server. Counts that
	// differ in Requests only come once.
	AddUsage(ctx context.Context, counts []Usage) error

	// Usage returns what was counted in the spaces of an organization from one day to
	// another, both included, ordered by space, API and day.
	Usage(ctx context.Context, organization string, from, to int) ([]Usage, error)

	// ForgetUsage removes what was counted before a day.
	ForgetUsage(ctx context.Context, day int) error
}
