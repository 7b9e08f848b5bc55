package sqlstore

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/fault"
)

// errClosed is for whoever still uses a store that is closed.
func errClosed() error { return fault.New(fault.ServerError, "The database is closed.") }

// notFound is for absent resources and scopes; the caller adds what was looked for.
func notFound() error { return fault.New(fault.NotFound, "") }

// unexpected makes a *fault.Error of what a driver says. A context's error stays
// what it is.
func unexpected(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Wrap(err, fault.ServerError, "")
}

// unknownOutcome is the error of a commit that was sent but not answered.
type unknownOutcome struct{ error }

func (u unknownOutcome) Unwrap() error { return u.error }

// errAssumed ends a transaction in which a write failed after it had taken for
// granted that a resource does not exist.
var errAssumed = errors.New("a write failed that has to be run carefully")

// unreachable is the error of a transaction that could not begin.
type unreachable struct{ error }

func (u unreachable) Unwrap() error { return u.error }

// maxText is how long a text may be, in bytes, that is part of an index: all
// columns of one share some 2700 bytes on PostgreSQL.
const maxText = 1000

// storable refuses text that not every database can hold.
func storable(texts ...string) error {
	for _, t := range texts {
		if !isText(t) {
			return fault.New(fault.BadRequest, "%.100q is not a text that can be stored.", t)
		}
	}
	return nil
}

func isText(s string) bool {
	return len(s) <= maxText && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
