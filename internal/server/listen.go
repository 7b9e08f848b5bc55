package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/typecase/typecase/internal/config"
)

const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	// drainTime is how long requests may take to finish when the server stops.
	drainTime = 10 * time.Second
)

// front is the network side: what listens, and the HTTP server behind it.
type front struct {
	plain, secure net.Listener // nil when off
	http          *http.Server
	both          *either // nil when one of them is off
}

// listen opens the addresses of the configuration; certificates may be nil when
// HTTPS is off. Clients may connect from now on; they are answered by serve.
func listen(cfg config.Config, handler http.Handler, certificates *tls.Config, log *slog.Logger) (*front, error) {
	f := &front{http: &http.Server{
		Handler: handler, TLSConfig: certificates,
		ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	var err error
	if cfg.HTTP != config.Off {
		if f.plain, err = net.Listen("tcp", cfg.HTTP); err != nil {
			return nil, notOpened("http", err)
		}
	}
	if cfg.HTTPS != config.Off {
		if f.secure, err = net.Listen("tcp", cfg.HTTPS); err != nil {
			return nil, errors.Join(notOpened("https", err), f.close())
		}
	}
	if f.plain != nil && f.secure != nil {
		// Each address speaks both: what the client begins with decides.
		f.both = newEither(f.plain, f.secure)
		f.plain, f.secure = f.both.plain, f.both.secure
	}
	if f.plain != nil {
		f.plain = lazyDeadlines{f.plain}
	}
	if f.secure != nil {
		f.secure = lazyDeadlines{f.secure}
	}
	return f, nil
}

// notOpened is the error for an address that a setting names and that cannot be
// listened on, with what to do about it.
func notOpened(setting string, err error) error {
	advice := "choose another"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		advice = "another program uses it; stop that, or choose another"
	case errors.Is(err, os.ErrPermission):
		advice = "ports below 1024 are often for the administrator alone; choose another"
	}
	return fmt.Errorf("%s: %w (%s address with --%[1]s)", setting, err, advice)
}

// serve answers requests until ctx ends, then lets those that run finish for
// drainTime and cuts off the rest. It returns early when a listener fails.
func (f *front) serve(ctx context.Context) error {
	failed := make(chan error, 2)
	if f.plain != nil {
		go func() { failed <- f.http.Serve(f.plain) }()
	}
	if f.secure != nil {
		go func() { failed <- f.http.ServeTLS(f.secure, "", "") }()
	}
	select {
	case err := <-failed:
		return errors.Join(err, f.close())
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := f.http.Shutdown(drain); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off after %v: %w", drainTime, err), f.http.Close())
	}
	return nil
}

// close frees the addresses at once.
func (f *front) close() error {
	err := f.http.Close()
	for _, l := range []net.Listener{f.plain, f.secure} {
		if l != nil {
			// Closed twice is an error of no interest: serving closes it too.
			if e := l.Close(); e != nil && !errors.Is(e, net.ErrClosed) {
				err = errors.Join(err, e)
			}
		}
	}
	return err
}

// address is where a listener listens; "" for none.
func address(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}
