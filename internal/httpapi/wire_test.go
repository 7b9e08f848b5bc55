package httpapi

import (
	"testing"

	"github.com/typecase/typecase/internal/fault"
)

// documented are the rows of the error table this project promises.
var documented = map[fault.Kind]struct {
	status int
	id     string
}{
	fault.BadRequest:         {400, "BadRequestError"},
	fault.InvalidQuery:       {400, "InvalidQueryError"},
	fault.AccessTokenInvalid: {401, "AccessTokenInvalidError"},
	fault.AccessDenied:       {403, "AccessDeniedError"},
	fault.NotFound:           {404, "NotFoundError"},
	fault.VersionMismatch:    {409, "VersionMismatchError"},
	fault.ValidationFailed:   {422, "ValidationFailedError"},
	fault.UnknownQueryField:  {422, "ValidationFailedError"},
	fault.InvalidEntry:       {422, "InvalidEntryError"},
	fault.RateLimitExceeded:  {429, "RateLimitExceededError"},
	fault.ServerError:        {500, "ServerError"},
	fault.Hibernated:         {502, "AccessDeniedError"},
}

func TestEveryKindHasARow(t *testing.T) {
	ids := map[string]bool{}
	for _, d := range documented {
		ids[d.id] = true
	}
	for k := range fault.NumKinds {
		w := wire[k]
		if w.status == 0 || w.id == "" || w.short == "" || w.message == "" || w.when == "" {
			t.Errorf("%v has no wire form", k)
		}
		if !ids[w.id] {
			t.Errorf("%v: plain clients get %s, which is not documented", k, w.id)
		}
		d, ok := documented[k]
		if w.beyond == ok {
			t.Errorf("%v: beyond the documented rows is %v", k, w.beyond)
		}
		if ok && (w.status != d.status || w.id != d.id) {
			t.Errorf("%v is %d %s, documented is %d %s", k, w.status, w.id, d.status, d.id)
		}
		if (w.status == 422) != (w.details == errorsAlways) && k != fault.InvalidQuery {
			t.Errorf("%v: a 422 always has problems, others need not", k)
		}
	}
}
