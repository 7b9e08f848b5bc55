package server

import (
	"context"
	"errors"

	"github.com/typecase/typecase/internal/access"
)

// Addresses say where a server answers. The command "server addresses" has no
// arguments and them as its result.
type Addresses struct {
	HTTP  string `json:"http"` // URL; "" for off
	HTTPS string `json:"https"`
}

func addresses(_ context.Context, s *Server, _ access.Actor, _ struct{}) (Addresses, error) {
	if s.front == nil { // the command runs by itself
		return Addresses{}, errors.New("no server runs on the data directory")
	}
	plain, secure := s.URLs()
	return Addresses{plain, secure}, nil
}
