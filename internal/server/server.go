// Package server puts everything together: it chooses the implementations,
// connects them, and runs them until told to stop. It is used by the command
// line and by end-to-end tests.
//
// It holds no rules of its own. Nothing but package main imports it.
//
// Start reading at New and Server.Run, then socket.go for commands that reach a
// running server.
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/authority"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/fetch"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cda"
	"github.com/typecase/typecase/internal/httpapi/cma"
	"github.com/typecase/typecase/internal/httpapi/errorpage"
	"github.com/typecase/typecase/internal/httpapi/files"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/job"
	"github.com/typecase/typecase/internal/journal"
	"github.com/typecase/typecase/internal/metrics"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/sqlstore"
	"github.com/typecase/typecase/internal/usage"
	"github.com/typecase/typecase/internal/webhook"
)

// Version is the version of Typecase.
const Version = "0.1.0"

// pollTime is how often a server asks what others that share its database have
// written. Delivery may be this far behind them.
const pollTime = 200 * time.Millisecond

// usageTime is how often what was counted of requests goes to the database: the most
// that is lost when the process is killed.
const usageTime = 10 * time.Second

// RequestRecord is the message of the log's record of each request.
const RequestRecord = httpapi.RequestRecord

// Server is a Typecase that is ready to run.
type Server struct {
	// FirstToken is the management token that was made because the database was
	// empty and none was configured. It is known only now.
	FirstToken string
	Authoring  *authoring.Service
	Access     *access.Directory

	config   config.Config
	lock     *lock
	log      *slog.Logger
	handler  http.Handler
	refuse   func(base, reason string) []byte // what is no HTTP; see refusing
	store    store.Store
	journal  *journal.Journal // nil: off
	requests metrics.Requests
	metrics  net.Listener // nil: off
	index    *index.Index
	usage    *usage.Counter
	jobs     *job.Runner
	hooks    *webhook.Service
	reading  *delivery.Service
	keys     *embargo.Service // of protected files
	sleep    *sleep
	// stopping ends when Run is to end, for requests that would go on for ever.
	stopping context.Context
	stop     context.CancelFunc
	told     int64 // position of the server's scope up to which sleeping spaces are known
	deaf     bool  // the last poll failed
	front    *front
	open     []func() error // what Close closes, in the order of opening

	headroom []byte
}

// New opens a data directory, which it makes if needed, and everything in it.
// *InUse if another process works on it. Nothing is served before Run.
func New(ctx context.Context, cfg config.Config, log *slog.Logger) (*Server, error) {
	s := &Server{config: cfg, log: log, headroom: make([]byte, headroom)}
	s.stopping, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.build(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) build(ctx context.Context) error {
	cfg := s.config
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return fmt.Errorf("data directory: %w (choose another with --data)", err)
	}
	var err error
	if s.lock, err = acquire(cfg.Data); err != nil {
		return err
	}
	s.open = append(s.open, s.lock.release)
	secret, err := sealingKey(cfg.Data, cfg.Secret)
	if err != nil {
		return err
	}
	if s.store, err = openStore(ctx, cfg); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	s.open = append(s.open, s.store.Close)
	blobs, err := blob.New(filepath.Join(cfg.Data, "blobs"))
	if err != nil {
		return err
	}
	s.open = append(s.open, blobs.Close)

	// A quarter of the memory is for finished answers.
	s.index = index.New(s.store, index.Options{Bytes: int64(cfg.IndexMemory) / 4 * 3})
	s.reading = delivery.New(s.index, s.store, int64(cfg.IndexMemory)/4, secret)
	s.Access = access.New(s.store, now)
	s.Authoring = &authoring.Service{
		Store: leavingStore{s.store}, Index: s.index, Blobs: blobs, Fetch: fetch.New(fetch.Options{AllowPrivate: cfg.AllowPrivateAddresses}),
		Now: now, Secret: secret, Wake: func() { s.jobs.Wake() }, FileLimit: int64(cfg.UploadLimit), KeepTrash: time.Duration(cfg.TrashKeep),
	}
	if s.hooks, err = s.webhooks(); err != nil {
		return err
	}
	s.usage = usage.New(s.store, now)
	s.jobs = job.New(s.store, now, s.log, handlers(s.Authoring))
	s.sleep = newSleep(time.Duration(cfg.HibernateAfter), now, s.log)
	s.sleep.free, s.sleep.load = s.freeSpace, s.loadSpace
	s.open = append(s.open, s.sleep.close)
	if s.FirstToken, err = s.Authoring.Bootstrap(ctx, string(cfg.BootstrapToken)); err != nil {
		return errors.New(explain(err))
	}

	if cfg.JournalRequests > 0 {
		s.journal = journal.New(journal.Options{Requests: cfg.JournalRequests, Bytes: int64(cfg.JournalMemory), Values: cfg.JournalValues})
	}
	public := strings.TrimSuffix(cfg.PublicURL, "/")
	s.keys = embargo.New(s.store, s.Access, secret, now, uuid.NewString)
	assets := files.New(blobs, s.keys, public, now)
	rates := cfg.Rates()
	opt := httpapi.Options{
		Access: s.Access,
		APIs: []httpapi.API{
			cma.New(s.Authoring, public, s.keys, s.journal),
			cda.New(s.reading, access.Delivery, s.Access, public, time.Duration(cfg.CacheShared), s.keys),
			cda.New(s.reading, access.Preview, s.Access, public, 0, s.keys),
		},
		Extra: []httpapi.Extra{
			{Prefix: files.Prefix, Handler: assets},
			{Prefix: files.SecurePrefix, Handler: assets},
			{Prefix: "/healthz", Handler: health(s.store)},
			{Prefix: httpapi.ErrorsPath, Handler: errorpage.New(public)},
			{Prefix: httpapi.ErrorsPath + "/", Handler: errorpage.New(public)},
		},
		Domains: cfg.Domain, PublicURL: public, ErrorIDs: httpapi.Vocabulary(cfg.ErrorIDs),
		Turns: turns(), Timeout: time.Duration(cfg.RequestTimeout), MaxBody: int64(cfg.BodyLimit), TestMode: cfg.TestMode,
		RateLimit: byAPI(rates.Token), SpaceRateLimit: byAPI(rates.Space),
		Awake: s.sleep.awake, Stopping: s.stopping,
		Observe: s.observe, Journal: s.journal, Log: s.log, Now: now,
	}
	if cfg.TestMode {
		s.log.Warn("test mode is on: clients may ask for errors, for themselves and for everybody")
	}
	s.handler = httpapi.New(opt)
	s.refuse = func(base, reason string) []byte { return httpapi.Refuse(opt, base, reason) }
	return nil
}

// openStore chooses the database.
func openStore(ctx context.Context, cfg config.Config) (store.Store, error) {
	if cfg.Database != "" {
		return sqlstore.OpenPostgres(ctx, string(cfg.Database))
	}
	return sqlstore.OpenSQLite(ctx, filepath.Join(cfg.Data, "typecase.db"))
}

func byAPI(r config.APIRates) map[string]int {
	return map[string]int{"cma": r.Management, "cda": r.Delivery, "cpa": r.Preview}
}

func handlers(s *authoring.Service) map[string]job.Handler {
	out := map[string]job.Handler{}
	for name, handle := range s.Jobs() {
		out[name] = handle
	}
	return out
}

func now() time.Time { return time.Now().UTC() }

// Listen opens the addresses to serve on. From now on clients can connect; they
// are answered by Run.
func (s *Server) Listen() error {
	var certificates *tls.Config
	if s.config.HTTPS != config.Off {
		a, err := authority.Open(s.config.Data, certificateNames(s.config), now)
		if err != nil {
			return err
		}
		certificates = a.Config()
	}
	var err error
	s.front, err = listen(s.config, s.handler, certificates, s.log)
	if err != nil {
		return err
	}
	s.front.http.RegisterOnShutdown(s.stop)
	s.open = append(s.open, s.front.close)
	if err := s.listenMetrics(); err != nil {
		return err
	}
	if s.front.plain != nil {
		s.front.plain = refusing{s.front.plain, s.refuse}
	}
	return nil
}

// certificateNames are the names clients may know this server by.
func certificateNames(cfg config.Config) []string {
	names := cfg.Domain
	if u, err := url.Parse(cfg.PublicURL); err == nil && u.Hostname() != "" {
		names = append(names[:len(names):len(names)], u.Hostname())
	}
	return names
}

// URLs are where the server answers, plain and secure; "" for one that is off.
func (s *Server) URLs() (plain, secure string) {
	if a := address(s.front.plain); a != "" {
		plain = "http://" + a
	}
	if a := address(s.front.secure); a != "" {
		secure = "https://" + a
	}
	return plain, secure
}

// Close stops what Run did not and releases the data directory. A Server that
// was not made by New has nothing to close.
func (s *Server) Close() error {
	var err error
	for len(s.open) > 0 {
		last := len(s.open) - 1
		err = errors.Join(err, s.open[last]())
		s.open = s.open[:last]
	}
	return err
}
