package server

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
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

// mover is what moves content for a command.
func (s *Server) mover(tell func(string)) *transfer.Mover {
	var told time.Time
	return &transfer.Mover{
		Authoring: s.Authoring, Wire: cma.Wire, Now: s.Authoring.Now,
		FileBase: cmp.Or(strings.TrimSuffix(s.config.PublicURL, "/"), "//localhost"),
		Progress: func(p transfer.Progress) {
			if now := s.Authoring.Now(); now.Sub(told) >= tellEvery {
				told = now
				tell(p.String())
			}
		},
	}
}
