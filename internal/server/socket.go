package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// A running server takes the commands of package main on a Unix socket that only
// its own user can open, so they need no token. One connection carries one
// request and one reply, both JSON. A command that takes its time sends replies
// with nothing but news before the last one; one whose client hangs up is stopped.
type socket struct {
	listener net.Listener
	tempDir  string // "" unless the socket is outside the data directory
	running  sync.WaitGroup
}

type request struct {
	Command string          `json:"command"`
	Args    json.RawMessage `json:"args"`
}

type reply struct {
	News   string          `json:"news,omitempty"` // how far the command has come; the reply is still to come
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

const (
	socketName = "typecase.sock"
	// Paths of sockets are shorter than other paths: 104 bytes on macOS.
	socketPathLimit = 100
	// socketWait is how long a command waits for a server that is starting or for
	// another command to end.
	socketWait  = 10 * time.Second
	socketRetry = 50 * time.Millisecond
)

// listenSocket opens the socket. The data directory must be locked: a socket
// that is there already belongs to a process that died.
func listenSocket(data string) (*socket, error) {
	path, err := filepath.Abs(filepath.Join(data, socketName))
	if err != nil {
		return nil, err
	}
	s := &socket{}
	if len(path) > socketPathLimit {
		if s.tempDir, err = os.MkdirTemp("", "typecase-"); err != nil {
			return nil, err
		}
		path = filepath.Join(s.tempDir, socketName)
	} else if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if s.listener, err = net.Listen("unix", path); err != nil {
		return nil, errors.Join(err, s.removeTemp())
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func (s *socket) path() string { return s.listener.Addr().String() }

// serve answers commands with run until close.
func (s *socket) serve(ctx context.Context, run runner) error {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("command socket: %w", err)
		}
		s.running.Go(func() {
			defer conn.Close()
			var req request
			if err := errors.Join(conn.SetReadDeadline(time.Now().Add(socketWait)), json.NewDecoder(conn).Decode(&req)); err != nil {
				return // it hung up, or is no client of ours
			}
			if conn.SetReadDeadline(time.Time{}) != nil {
				return
			}
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			s.running.Go(func() {
				_, _ = io.Copy(io.Discard, conn) // until it hangs up, or this end does
				cancel()
			})
			// A client that does not wait for the reply has no use for an error.
			enc := json.NewEncoder(conn)
			_ = enc.Encode(answer(ctx, req, run, func(news string) { _ = enc.Encode(reply{News: news}) }))
		})
	}
}

// runner runs a command; it tells how far the command has come.
type runner func(ctx context.Context, req request, tell func(string)) (any, error)

func answer(ctx context.Context, req request, run runner, tell func(string)) reply {
	result, err := run(ctx, req, tell)
	if err != nil {
		return reply{Error: explain(err)}
	}
	body, err := json.Marshal(result)
	if err != nil {
		return reply{Error: err.Error()}
	}
	return reply{Result: body}
}

// close takes no more commands and waits for those that run.
func (s *socket) close() error {
	err := s.listener.Close()
	s.running.Wait()
	return errors.Join(err, s.removeTemp())
}

func (s *socket) removeTemp() error {
	if s.tempDir == "" {
		return nil
	}
	return os.RemoveAll(s.tempDir)
}

// Command runs a command on the data directory of cfg and stores its result in
// result: through the server that uses the directory, or directly when none
// does. note is called with things the user should know.
func Command(ctx context.Context, cfg config.Config, log *slog.Logger, command string, args, result any, note func(string)) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return err
	}
	req := request{command, raw}
	patience := time.After(socketWait)
	for {
		rep, err := runDirectly(ctx, cfg, log, req, note)
		var inUse *InUse
		if errors.As(err, &inUse) {
			var d net.Dialer
			conn, dialErr := d.DialContext(ctx, "unix", inUse.Socket)
			if dialErr != nil { // it is starting or stopping, or is another command
				select {
				case <-time.After(socketRetry):
					continue
				case <-ctx.Done():
					return ctx.Err()
				case <-patience:
					return fmt.Errorf("%w (it takes no commands: %w)", inUse, dialErr)
				}
			}
			rep, err = call(ctx, conn, req, note)
		}
		switch {
		case err != nil:
			return err
		case rep.Error != "":
			return errors.New(rep.Error)
		default:
			return json.Unmarshal(rep.Result, result)
		}
	}
}

func runDirectly(ctx context.Context, cfg config.Config, log *slog.Logger, req request, note func(string)) (reply, error) {
	// Only what creates may begin a data directory: for the rest its absence means
	// that another one was meant.
	if _, err := os.Stat(cfg.Data); errors.Is(err, fs.ErrNotExist) && !strings.HasSuffix(req.Command, " create") {
		return reply{}, fmt.Errorf("there is no data directory %s", cfg.Data)
	}
	if strings.HasPrefix(req.Command, "request ") {
		return reply{}, noServer(cfg.Data)
	}
	s, err := New(ctx, cfg, log)
	if err != nil {
		return reply{}, err
	}
	if s.FirstToken != "" {
		note("The first management token, shown only this once: " + s.FirstToken)
	}
	rep := answer(ctx, req, s.command, note)
	if rep.Error != "" && ctx.Err() != nil {
		rep.Error = errStopped.Error()
	}
	return rep, s.Close()
}

// noServer is the error of commands about what a server has in memory, when none
// runs; *InUse when one does.
func noServer(data string) error {
	l, err := acquire(data)
	if err != nil {
		return err
	}
	return errors.Join(fmt.Errorf("no server runs on the data directory %s, and requests are remembered in memory only; name another with --data", data), l.release())
}

var errStopped = errors.New("stopped before it was done")

// call makes a request once: it may have been carried out even if no reply comes.
func call(ctx context.Context, conn net.Conn, req request, note func(string)) (reply, error) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	var rep reply
	err := json.NewEncoder(conn).Encode(req)
	for dec := json.NewDecoder(conn); err == nil; {
		rep = reply{}
		if err = dec.Decode(&rep); err != nil || rep.News == "" {
			break
		}
		note(rep.News)
	}
	switch {
	case err != nil && ctx.Err() != nil: // that is why it has no answer
		return reply{}, errStopped
	case err != nil:
		return reply{}, fmt.Errorf("the running server gave no answer: %w", err)
	}
	return rep, nil
}

// explain words an error for the person at the command line.
func explain(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind == fault.ServerError || f.Kind == fault.Timeout {
		return err.Error()
	}
	text := f.Message
	if text == "" {
		text = f.Kind.String()
	}
	if d := f.Details; d != nil {
		if d.Type != "" {
			text += ": " + d.Type + " " + d.ID
		}
		for _, p := range d.Errors {
			if !strings.Contains(text, p.Details) {
				text += "\n  " + p.Details
				for _, step := range p.Path {
					text += fmt.Sprintf(" %v", step)
				}
			}
			text += meant(p.Suggestions)
		}
	}
	text += meant(f.Suggestions)
	if f.Hint != "" {
		text += " " + f.Hint
	}
	return text
}

// meant asks for what suggestions say.
func meant(suggestions []string) string {
	if len(suggestions) == 0 {
		return ""
	}
	return " Did you mean " + nearest.Quoted(suggestions) + "?"
}
