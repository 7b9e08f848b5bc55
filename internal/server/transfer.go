package server

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/httpapi/cma"
	"github.com/typecase/typecase/internal/transfer"
)

// tellEvery is how often a transfer tells how far it has come.
const tellEvery = time.Second

// Export are the arguments of "content export"; its result is a transfer.Report.
// Paths are absolute: the command may run in another directory.
type Export struct {
	Space       string // id; "" means the only one there is
	Environment string // id or alias
	transfer.ExportOptions
}

func exportContent(ctx context.Context, s *Server, a access.Actor, in Export, tell func(string)) (*transfer.Report, error) {
	p, err := s.environment(ctx, a, in.Space, in.Environment)
	if err != nil {
		return nil, err
	}
	return s.mover(tell).Export(ctx, p, in.ExportOptions)
}

// Import are the arguments of "content import"; its result is a transfer.Report.
type Import struct {
	Space       string // id; "" means the only one there is
	Environment string // id or alias
	transfer.ImportOptions
}

// importContent is "content import". A dry run is an import into a copy of the
// environment, which is removed when it ends: so it meets what an import would.
func importContent(ctx context.Context, s *Server, a access.Actor, in Import, tell func(string)) (r *transfer.Report, err error) {
	p, err := s.environment(ctx, a, in.Space, in.Environment)
	if err != nil {
		return nil, err
	}
	m := s.mover(tell)
	if !in.DryRun {
		return m.Import(ctx, p, a, in.ImportOptions)
	}
	copied, err := s.Authoring.CreateEnvironment(ctx, p, a, authoring.EnvironmentInput{Name: "dry run of an import", Source: p.Target})
	if err != nil {
		return nil, err
	}
	defer func() {
		// also when the import was stopped
		err = errors.Join(err, s.Authoring.DeleteEnvironment(context.WithoutCancel(ctx), p, a, copied.ID))
	}()
	to, err := s.Access.Locate(ctx, a, p.SpaceID, copied.ID)
	if err != nil {
		return nil, err
	}
	if r, err = m.Import(ctx, to, a, in.ImportOptions); r != nil {
		r.Environment = p.EnvironmentID
	}
	return r, err
}

// mover is what moves content for a command.
func (s *Server) mover(tell func(string)) *transfer.Mover {
	var told time.Time
	return &transfer.Mover{
		Authoring: s.Authoring, Wire: cma.Wire, Now: s.Authoring.Now, Words: explain,
		FileBase: cmp.Or(strings.TrimSuffix(s.config.PublicURL, "/"), "//localhost"),
		Progress: func(p transfer.Progress) {
			if now := s.Authoring.Now(); now.Sub(told) >= tellEvery {
				told = now
				tell(p.String())
			}
		},
	}
}
