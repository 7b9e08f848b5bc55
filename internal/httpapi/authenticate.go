package httpapi

import (
	"context"
	"crypto/sha256"
	"net/http"
	"sync"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
)

// authenticate finds out who asks. A token that has not been good before is only
// looked for while its network address has not come with too many such.
func (h *handler) authenticate(r *http.Request, token string) (access.Actor, error) {
	if token == "" {
		return access.Actor{}, noToken(r)
	}
	actor, known, current := h.opt.Access.Recall(token)
	if current {
		return actor, nil
	}
	if known {
		return h.opt.Access.Authenticate(r.Context(), token)
	}
	done, err := h.lookups.begin(r.Context(), token)
	if err != nil {
		return actor, err
	}
	defer done()
	if actor, _, current = h.opt.Access.Recall(token); current { // somebody has just looked for it
		return actor, nil
	}
	from, now := network(r.RemoteAddr), h.opt.Now()
	if _, ok := h.strangers.take(from, now); !ok {
		return access.Actor{}, fault.New(fault.RateLimitExceeded, "Too many unknown access tokens came from your network address. Please wait a moment before trying the request again.")
	}
	actor, err = h.opt.Access.Authenticate(r.Context(), token)
	if !fault.Is(err, fault.AccessTokenInvalid) {
		h.strangers.giveBack(from, now)
	}
	return actor, strangeToken(err, token)
}

// lookups are the tokens that are being looked for. A client that comes with a
// thousand connections after a restart has one token: whoever comes while it is
// looked for waits, and neither asks the database nor counts as a stranger.
type lookups struct {
	mu      sync.Mutex
	running map[[sha256.Size]byte]chan struct{} // closed at the end
}

// begin waits until nobody looks for a token any more. The caller then does, and
// calls done at the end.
func (l *lookups) begin(ctx context.Context, token string) (done func(), err error) {
	key := sha256.Sum256([]byte(token))
	for {
		l.mu.Lock()
		other, ok := l.running[key]
		if !ok {
			if l.running == nil {
				l.running = map[[sha256.Size]byte]chan struct{}{}
			}
			own := make(chan struct{})
			l.running[key] = own
			l.mu.Unlock()
			return func() {
				l.mu.Lock()
				delete(l.running, key)
				l.mu.Unlock()
				close(own)
			}, nil
		}
		l.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
