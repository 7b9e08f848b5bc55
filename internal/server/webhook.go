package server

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/httpapi/cma"
	"github.com/typecase/typecase/internal/metrics"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/webhook"
)

// webhooks makes the service that calls webhooks. They say of a resource what the
// management API or, of a publication, delivery would.
func (s *Server) webhooks() (*webhook.Service, error) {
	holder, err := nodeName(s.config.Data)
	if err != nil {
		return nil, err
	}
	base := fileBase(s.config)
	return webhook.New(webhook.Options{
		Store: s.store, Send: s.Authoring.Fetch.Send, Holder: holder, Now: now, NewID: authoring.IDs{}.New, Jitter: mathrand.Float64,
		RetryFor: time.Duration(s.config.WebhookRetry), Log: s.log, Known: s.Authoring.Index.Known, Secrets: s.Authoring.WebhookSecrets,
		Authored: func(ctx context.Context, p access.Place, m *cms.Model, h store.Head, draft, published cms.Body) ([]byte, error) {
			if err := s.protect(ctx, &p); err != nil {
				return nil, err
			}
			return cma.Shape(p, base, m, cma.Stored{Sys: h.Sys, Draft: draft, Published: published})
		},
		Delivered: func(ctx context.Context, p access.Place, m *cms.Model, h store.Head, body cms.Body) ([]byte, error) {
			if err := s.protect(ctx, &p); err != nil {
				return nil, err
			}
			published, _ := embargo.Bases(base, p.Protection)
			return delivery.Shape(p, published, m, h, body)
		},
	}), nil
}

// protect adds the protection of its space to a place that a webhook knows: the
// URLs of files depend on it.
func (s *Server) protect(ctx context.Context, p *access.Place) error {
	space, err := s.Access.Space(ctx, p.SpaceID)
	p.Protection = space.Protection
	return err
}

// fileBase is what goes before the paths of files where no request says how the
// server is reached.
func fileBase(cfg config.Config) string {
	switch {
	case cfg.PublicURL != "":
		return strings.TrimSuffix(cfg.PublicURL, "/")
	case len(cfg.Domain) > 0:
		return "//" + cfg.Domain[0]
	case cfg.HTTP != config.Off:
		return "//" + cfg.HTTP
	}
	return "//" + cfg.HTTPS
}

// nodeName names the server of a data directory among those that share a database.
// A server that begins again has the name it had.
func nodeName(data string) (string, error) {
	path := filepath.Join(data, "node.name")
	content, err := os.ReadFile(path)
	if name := strings.TrimSpace(string(content)); err == nil && name != "" {
		return name, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	name := rand.Text()
	return name, os.WriteFile(path, []byte(name+"\n"), 0o600)
}

// writeWebhooks adds the numbers of webhooks. What is to be done is counted over
// all servers, what was done is this one's.
func (s *Server) writeWebhooks(ctx context.Context, w *metrics.Writer) {
	if b, err := s.store.Behind(ctx); err == nil { // without a database there is nothing to say
		w.Gauge("typecase_webhook_lanes", "Ways of webhooks along logs of changes.", float64(b.Lanes))
		w.Gauge("typecase_webhook_changes_behind", "Changes that webhooks have not looked at.", float64(b.Changes))
		w.Gauge("typecase_webhook_parked", "Events that failed and wait to be tried again, and those behind them.", float64(b.Parked))
		w.Gauge("typecase_webhook_dead_letters", "Events that were given up and are kept.", float64(b.Dead))
	}
	h := s.hooks.Stats()
	w.Gauge("typecase_webhook_lanes_held", "Ways that this server goes along now.", float64(h.Lanes))
	w.Gauge("typecase_webhook_calls_running", "Calls that wait for an answer.", float64(h.Calling))
	w.Counter("typecase_webhook_delivered_total", "Events that receivers took.", float64(h.Delivered))
	w.Counter("typecase_webhook_failed_total", "Calls that failed and are repeated.", float64(h.Failed))
	w.Counter("typecase_webhook_given_up_total", "Events that were given up.", float64(h.GivenUp))
}
