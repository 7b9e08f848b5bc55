package httpapi

import (
	"crypto/sha256"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// unlimited is the limit that is told to clients when there is none. Some pace
// themselves by it, so it is a number and generous.
const unlimited = 1000

// limiter counts requests per token. Tokens are kept as their hash only.
type limiter struct {
	perSecond int // 0: no limit

	mu      sync.Mutex
	buckets map[[sha256.Size]byte]*rate.Limiter
	sweepAt int // number of buckets at which the idle ones are dropped
}

const minSweep = 1024

func newLimiter(perSecond int) *limiter {
	return &limiter{perSecond: max(perSecond, 0), buckets: map[[sha256.Size]byte]*rate.Limiter{}, sweepAt: minSweep}
}

// quota is what a request finds of its token's limit.
type quota struct {
	limit, remaining int  // per second
	ok               bool // the request may go on
}

// take counts one request.
func (l *limiter) take(token string, now time.Time) quota {
	if l.perSecond == 0 {
		return quota{unlimited, unlimited - 1, true}
	}
	b := l.bucket(sha256.Sum256([]byte(token)), now)
	ok := b.AllowN(now, 1)
	return quota{l.perSecond, max(int(b.TokensAt(now)), 0), ok}
}

func (l *limiter) bucket(key [sha256.Size]byte, now time.Time) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil {
		if len(l.buckets) >= l.sweepAt { // a full bucket is as good as none
			for k, b := range l.buckets {
				if b.TokensAt(now) >= float64(l.perSecond) {
					delete(l.buckets, k)
				}
			}
			l.sweepAt = max(minSweep, 2*len(l.buckets))
		}
		b = rate.NewLimiter(rate.Limit(l.perSecond), l.perSecond)
		l.buckets[key] = b
	}
	return b
}

const rateHeader = "X-Contentful-Ratelimit-"

// announce tells a client inside a visible space about its quota: all of it on
// the management API, the limit alone on the others. There is no limit per
// hour; the numbers are those the limit per second allows.
func (q quota) announce(h http.Header, management bool) {
	h.Set(rateHeader+"Second-Limit", strconv.Itoa(q.limit))
	if !management {
		return
	}
	h.Set(rateHeader+"Second-Remaining", strconv.Itoa(q.remaining))
	h.Set(rateHeader+"Hour-Limit", strconv.Itoa(q.limit*3600))
	h.Set(rateHeader+"Hour-Remaining", strconv.Itoa((q.limit-1)*3600+q.remaining))
	h.Set(rateHeader+"Reset", "0")
}
