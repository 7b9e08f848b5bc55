package httpapi

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// unlimited is the limit that is told to clients when there is none. Some pace
// themselves by it, so it is a number and generous.
const unlimited = 1000

// limiter has a token bucket for each key: so much may be taken at once, and so
// much comes back every second. Its memory is bounded: see bucket.
type limiter[K comparable] struct {
	perSecond, burst int

	mu         sync.Mutex
	young, old map[K]*bucket
}

// bucket is how much was left at a time.
type bucket struct {
	left float64
	at   time.Time
}

// maxBuckets is how many buckets a generation of a limiter has.
const maxBuckets = 1 << 14

// newLimiter makes a limiter, or nil when there is no limit. A second's worth
// may come at once.
func newLimiter[K comparable](perSecond int) *limiter[K] {
	if perSecond <= 0 {
		return nil
	}
	return &limiter[K]{perSecond: perSecond, burst: perSecond, young: map[K]*bucket{}}
}

// take takes one from the bucket of a key, unless less is left.
func (l *limiter[K]) take(key K, now time.Time) (left int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(key, now)
	if passed := now.Sub(b.at); passed > 0 {
		b.left = min(float64(l.burst), b.left+passed.Seconds()*float64(l.perSecond))
		b.at = now
	}
	if b.left < 1 {
		return 0, false
	}
	b.left--
	return int(b.left), true
}

// giveBack undoes a take.
func (l *limiter[K]) giveBack(key K, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(key, now)
	b.left = min(float64(l.burst), b.left+1)
}

// bucket finds or makes a bucket. When a generation is full, the one before it
// is forgotten, so whoever comes back stays and invented keys cost no more than
// two generations. A new bucket is full.
func (l *limiter[K]) bucket(key K, now time.Time) *bucket {
	if b := l.young[key]; b != nil {
		return b
	}
	b := l.old[key]
	if b == nil {
		b = &bucket{float64(l.burst), now}
	}
	if len(l.young) >= maxBuckets {
		l.old, l.young = l.young, map[K]*bucket{}
	}
	l.young[key] = b
	return b
}

// quota is what a request finds of the limits that it counts against.
type quota struct {
	counted          bool
	limit, remaining int // per second; limit is 0 while there is none
}

// count takes one from a limiter; q then is that of the tighter of all so far. It
// reports whether the request may go on.
func count[K comparable](q *quota, l *limiter[K], key K, now time.Time) bool {
	left, ok := l.take(key, now)
	if q.limit == 0 {
		q.limit, q.remaining = l.perSecond, left
		return ok
	}
	q.limit, q.remaining = min(q.limit, l.perSecond), min(q.remaining, left)
	return ok
}

// exhaust makes a quota what a request over the limit finds.
func (q *quota) exhaust() {
	if q.limit == 0 {
		q.limit = unlimited
	}
	q.remaining = 0
}

// Checking a token that nobody is known to have is limited whatever the
// settings say, for each network address. Tokens are long and random: guessing
// is hopeless at any rate, and what is limited is the work that the database
// does for nobody. So it is generous. Five look-ups a second are no work; a
// hundred at once let all the clients behind one address come back after a
// restart, when no token is remembered, and look-ups of good tokens are not
// counted. A client that keeps on with a wrong token locks out nobody behind
// its address whose token has been good before.
const (
	strangersPerSecond = 5
	strangersAtOnce    = 100
)

func newStrangers() *limiter[netip.Prefix] {
	l := newLimiter[netip.Prefix](strangersPerSecond)
	l.burst = strangersAtOnce
	return l
}

// network is who is behind a remote address: an IPv4 address, or the /64 of an
// IPv6 address, which is what one customer gets. Headers of proxies are not
// looked at, because anyone can write them. All without an address are one.
func network(remote string) netip.Prefix {
	a, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	ip := a.Addr().Unmap()
	p, _ := ip.Prefix(min(ip.BitLen(), 64)) // 64 fits into both
	return p
}

const rateHeader = "X-Contentful-Ratelimit-"

// announce tells a client inside a visible space about its quota: all of it on
// the management API, the limit alone on the others. There is no limit per
// hour; the numbers are those the limit per second allows.
func (x *exchange) announce(h http.Header) {
	q := x.quota
	management := x.endpoint.management()
	if q.limit == 0 {
		q.limit, q.remaining = unlimited, unlimited-1
		if !management { // nearly all that is read
			h[rateHeader+"Second-Limit"] = noLimit
			return
		}
	}
	x.say(h, rateHeader+"Second-Limit", strconv.Itoa(q.limit))
	if !management {
		return
	}
	x.say(h, rateHeader+"Second-Remaining", strconv.Itoa(q.remaining))
	x.say(h, rateHeader+"Hour-Limit", strconv.Itoa(q.limit*3600))
	x.say(h, rateHeader+"Hour-Remaining", strconv.Itoa((q.limit-1)*3600+q.remaining))
	h[rateHeader+"Reset"] = notLimited
}
