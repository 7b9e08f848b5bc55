package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/typecase/typecase/internal/authority"
	"github.com/typecase/typecase/internal/server"
)

type serveCmd struct{}

// Run runs the server until a signal stops it.
func (serveCmd) Run(a *app) error {
	return a.serve(func(s *server.Server) error {
		_, err := fmt.Fprintf(a.stdout, "Typecase %s is ready.\n", server.Version)
		return errors.Join(err, printAccess(a.stdout, a.config.Data, s))
	})
}

// serve runs a server; greet is called when clients can connect.
func (a *app) serve(greet func(*server.Server) error) error {
	log, flush, err := a.serverLog()
	if err != nil {
		return err
	}
	defer flush()
	s, err := server.New(a.ctx, a.config, log)
	if err != nil {
		return err
	}
	err = s.Listen()
	if err == nil {
		err = greet(s)
	}
	if err == nil {
		err = s.Run(a.ctx)
	}
	return errors.Join(err, s.Close())
}

// printAccess says where the server answers, how to trust it, and the first
// token while it is known.
func printAccess(w io.Writer, data string, s *server.Server) error {
	plain, secure := s.URLs()
	rows := [][2]string{{"HTTP", plain}}
	if secure != "" {
		ca, err := filepath.Abs(authority.Path(data))
		if err != nil {
			return err
		}
		rows = append(rows, [2]string{"HTTPS", secure}, [2]string{"Trust for HTTPS", "NODE_EXTRA_CA_CERTS=" + ca})
	}
	rows = append(rows, [2]string{"Management token", s.FirstToken})
	return printRows(w, rows)
}

// printRows prints names and values; those without a value are left out.
func printRows(w io.Writer, rows [][2]string) error {
	for _, r := range rows {
		if r[1] == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "  %-17s %s\n", r[0], printableLine(r[1])); err != nil {
			return err
		}
	}
	return nil
}
