package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/journal"
	"github.com/typecase/typecase/internal/turn"
)

// Options are what the edge needs. Access and APIs are required; the zero
// value of every other member is a sensible default.
type Options struct {
	Access access.Authenticator

	// APIs answer in the order given: where neither the host, nor the path, nor
	// a valid token decides, the first one that has the path words the error.
	// Give the management API first.
	APIs []API

	// Extra are handlers beside the APIs: asset files, health checks.
	Extra []Extra

	// Domains are the names in front of which the labels api, upload, cdn and
	// preview choose an API, such as "example.com" for cdn.example.com.
	// localhost and everything below it always count.
	Domains []string

	// PublicURL is the address that clients know this server by, without a slash
	// at its end; "" means that of each request. The documentationUrl of errors
	// begins with it.
	PublicURL string

	ErrorIDs Vocabulary    // "" means Auto
	Timeout  time.Duration // for one answer; 0 means 30 s. Uploads get ten times as long
	MaxBody  int64         // bytes of a request body, uploads aside; 0 means 1 MiB

	// TestMode lets clients ask for errors, by SimulateHeader and SimulatePath.
	TestMode bool

	// RateLimit is requests per second for each token, SpaceRateLimit for all
	// tokens in a space together, by name of the API; 0 or absent means no limit.
	// A second's worth may come at once.
	RateLimit, SpaceRateLimit map[string]int

	// Turns are those that requests which change something take turns in; nil: they
	// do not.
	Turns turn.Turns

	// Awake is called once the place of a request is known. It returns
	// fault.Hibernated while the space wakes up. Nil: spaces never sleep.
	Awake func(place access.Place) error

	// Observe is called when a request has been answered. It must be quick. Nil:
	// nobody counts.
	Observe func(Served)

	// Stopping ends when the server is about to stop: streams end then, which
	// would go on for ever otherwise. Nil: never.
	Stopping context.Context

	Journal   *journal.Journal // nil: no request is remembered
	Log       *slog.Logger     // nil: slog.Default()
	Now       func() time.Time // nil: time.Now; for rate limits and the request log
	RequestID func() string    // nil: a random UUID for each request that brings no sane one
}

// Served is a request that has been answered. Of the words in it there is a bounded
// number, but for the ids.
type Served struct {
	Organization, Space string // ids, when the request was in a space that its sender sees; else ""
	At                  time.Time

	API    string // "" beside the APIs
	Method string // a known one, or other
	Route  string // pattern; "" when there is none
	Status int
	Fault  *fault.Error // what the client was told; nil: no error
	Took   time.Duration
}

// Extra is a handler for paths outside the APIs. It writes its own answers and
// reports failures through Fail.
type Extra struct {
	Prefix  string // "/files/" is the whole tree, "/healthz" that path only, "/" the root page only
	Handler http.Handler
}

func (o Options) withDefaults() Options {
	if o.ErrorIDs == "" {
		o.ErrorIDs = Auto
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 20
	}
	o.Domains = slices.Clone(o.Domains)
	for i, d := range o.Domains {
		o.Domains[i] = strings.ToLower(d)
	}
	if o.Stopping == nil {
		o.Stopping = context.Background()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.RequestID == nil {
		o.RequestID = randomID
	}
	return o
}
