package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/typecase/typecase/internal/authority"
	"github.com/typecase/typecase/internal/detour"
	"github.com/typecase/typecase/internal/server"
)

type runCmd struct {
	Server  string   `placeholder:"URL" help:"The server to use, for one that does not run on the data directory of this machine, such as https://content.example.org."`
	Refuse  bool     `help:"Let the command reach nothing but this server. Without it other names are passed on; private and loopback addresses only with allow-private-addresses."`
	Command []string `arg:"" passthrough:"" help:"The command, with its arguments."`
}

// Help is what --help says at length.
func (runCmd) Help() string {
	return "The official host names, such as api.contentful.com and images.ctfassets.net, lead the command to the server that runs on " +
		"the data directory; if none does, one runs as long as the command. Nothing is changed outside of the command. Its exit code is that of typecase."
}

// exitCode ends the program with a code and without a word.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

const (
	exitNotRun   = 126 // as shells say it
	exitNotFound = 127
	exitSignal   = 128 // and the number of the signal
)

// Validate finds what is wrong with the command line itself.
func (c *runCmd) Validate() error {
	if len(c.Command) > 0 && c.Command[0] == "--" {
		c.Command = c.Command[1:]
	}
	if len(c.Command) == 0 {
		return errors.New("there is no command to run")
	}
	if c.Server == "" {
		return nil
	}
	_, err := parseServer(c.Server)
	return err
}

// Run runs a command whose requests to the official hosts reach a server.
func (c runCmd) Run(a *app) error {
	for _, s := range a.settings() {
		// The output is the command's: what every request came to would drown it.
		if s.Name == "log.level" && s.Origin == "default" {
			a.config.LogLevel = slog.LevelWarn.String()
		}
	}
	log, err := a.logger(a.stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "typecase-run-")
	if err != nil {
		return err
	}
	code, err := c.inside(a, log, dir)
	if err = errors.Join(err, os.RemoveAll(dir)); err == nil && code != 0 {
		err = code
	}
	return err
}

// inside is Run with a logger and a folder for the time of the command. The code
// is the command's.
func (c runCmd) inside(a *app, log *slog.Logger, dir string) (code exitCode, err error) {
	// The first signal ends the command, and only then what it uses.
	ctx, cancel := context.WithCancel(context.WithoutCancel(a.ctx))
	defer cancel()
	behind, ctx := errgroup.WithContext(ctx)

	opt := detour.Options{Refuse: c.Refuse, AllowPrivate: a.config.AllowPrivateAddresses, Log: log}
	data := a.config.Data
	if c.Server == "" {
		opt.Server, err = a.localServer(ctx, log, behind)
	} else {
		data = dir // no server's own, so no server's authority
		opt.Server, err = parseServer(c.Server)
	}
	if err == nil {
		opt.ServerTLS, err = a.trusting(c.Server == "")
	}
	var own *authority.Authority
	if err == nil {
		own, err = authority.OpenGuest(data, detour.Names, func() time.Time { return time.Now().UTC() })
	}
	if err == nil {
		opt.Certificates = own.Config()
		code, err = c.detoured(a, ctx, opt, data, dir, behind)
	}
	cancel()
	return code, errors.Join(err, behind.Wait())
}

// detoured runs the command through a proxy.
func (c runCmd) detoured(a *app, ctx context.Context, opt detour.Options, data, dir string, behind *errgroup.Group) (exitCode, error) {
	proxy, err := detour.New(opt)
	if err != nil {
		return 0, err
	}
	behind.Go(func() error { return proxy.Serve(ctx) })
	certificate, err := os.ReadFile(authority.Path(data))
	if err != nil {
		return 0, err
	}
	environ, err := proxy.Environment(os.Environ(), certificate, dir)
	if err != nil {
		return 0, err
	}
	if other := os.Getenv("HTTPS_PROXY") + os.Getenv("https_proxy"); other != "" && !c.Refuse {
		opt.Log.Warn("the proxy that the environment names is not used: other hosts are reached directly")
	}
	code, err := c.execute(a, environ)
	fmt.Fprintln(a.stderr, "typecase: caught", counted(proxy.Caught()))
	if refused := proxy.Refused(); len(refused) > 0 {
		fmt.Fprintln(a.stderr, "typecase: refused", counted(refused))
	}
	return code, err
}

// counted words names and how often they were asked for.
func counted(counts []detour.Count) string {
	if len(counts) == 0 {
		return "nothing: no request went to an official host"
	}
	words := make([]string, len(counts))
	for i, n := range counts {
		words[i] = fmt.Sprintf("%s (%d)", printableLine(n.Name), n.Requests)
	}
	return strings.Join(words, ", ")
}

// localServer is the server on the data directory: the one that runs, or one that
// runs until ctx ends.
func (a *app) localServer(ctx context.Context, log *slog.Logger, behind *errgroup.Group) (*url.URL, error) {
	cfg := a.config
	for _, s := range a.settings() {
		// Nobody else has to find it, and it must not be in anybody's way.
		switch {
		case s.Origin != "default":
		case s.Name == "http":
			cfg.HTTP = "127.0.0.1:0"
		case s.Name == "https":
			cfg.HTTPS = "127.0.0.1:0"
		}
	}
	var at server.Addresses
	s, err := server.New(ctx, cfg, log)
	var inUse *server.InUse
	switch {
	case errors.As(err, &inUse):
		err = server.Command(ctx, a.config, log, "server addresses", struct{}{}, &at, func(string) {})
	case err == nil:
		if s.FirstToken != "" {
			fmt.Fprintln(a.stderr, "The first management token, shown only this once: "+s.FirstToken)
		}
		if err = s.Listen(); err == nil {
			at.HTTP, at.HTTPS = s.URLs()
			behind.Go(func() error { return errors.Join(s.Run(ctx), s.Close()) })
		} else {
			err = errors.Join(err, s.Close())
		}
	}
	if err != nil {
		return nil, err
	}
	if at.HTTPS != "" {
		return url.Parse(reachable(at.HTTPS))
	}
	return url.Parse(reachable(at.HTTP))
}

// reachable is the URL of a server with an address that can be connected to
// where it listens on all.
func reachable(u string) string {
	return strings.NewReplacer("//0.0.0.0:", "//127.0.0.1:", "//[::]:", "//127.0.0.1:").Replace(u)
}

func parseServer(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("--server: %q is not a URL such as https://content.example.org", s)
	}
	u.Path = ""
	return u, nil
}

// trusting is how the server's certificate is checked: against the authority in
// the data directory, and for a server elsewhere the system's too.
func (a *app) trusting(local bool) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
	if local {
		cfg.ServerName = "localhost" // whatever address it listens on
	} else {
		system, err := x509.SystemCertPool()
		if err != nil {
			return nil, err
		}
		cfg.RootCAs = system
	}
	own, err := os.ReadFile(authority.Path(a.config.Data))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	cfg.RootCAs.AppendCertsFromPEM(own)
	return cfg, nil
}

// execute runs the command to its end, and passes on signals to it.
func (c runCmd) execute(a *app, environ []string) (exitCode, error) {
	path, err := exec.LookPath(c.Command[0])
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(a.stderr, "typecase: there is no program %q\n", c.Command[0])
		return exitNotFound, nil
	}
	if err != nil && !errors.Is(err, exec.ErrDot) {
		fmt.Fprintln(a.stderr, "typecase:", err)
		return exitNotRun, nil
	}
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, forwarded...)
	defer signal.Stop(signals)
	if a.ctx.Err() != nil { // the signal came before there was a command
		return exitSignal + exitCode(syscall.SIGINT), nil
	}

	cmd := &exec.Cmd{Path: path, Args: c.Command, Env: environ, Stdin: os.Stdin, Stdout: a.stdout, Stderr: a.stderr}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(a.stderr, "typecase:", err)
		return exitNotRun, nil
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			if slices.Contains(fromTerminal, s) && onTerminal() {
				continue // the terminal has sent it to the command too
			}
			_ = cmd.Process.Signal(s) // it may have ended just now
		case err := <-ended:
			return ending(err)
		}
	}
}

// ending is the exit code when the command ended so.
func ending(err error) (exitCode, error) {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0, err
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return exitCode(exitSignal + int(status.Signal())), nil
	}
	return exitCode(exit.ExitCode()), nil
}
