package server

import (
	"context"
	"net/url"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/journal"
)

// RequestList are the arguments of "request list": the parameters of the
// management API's list of requests. Its result is a journal.Page.
type RequestList struct {
	Params url.Values
}

func listRequests(_ context.Context, s *Server, _ access.Actor, in RequestList) (journal.Page, error) {
	if s.journal == nil {
		return journal.Page{}, journal.Off()
	}
	f, err := journal.ParseFilter(in.Params, now())
	if err != nil {
		return journal.Page{}, err
	}
	return s.journal.Find(f), nil
}

// RequestGet are the arguments of "request get"; its result is a
// journal.Request.
type RequestGet struct {
	ID string
}

func getRequest(_ context.Context, s *Server, _ access.Actor, in RequestGet) (journal.Request, error) {
	if s.journal == nil {
		return journal.Request{}, journal.Off()
	}
	r, found := s.journal.Get(in.ID)
	if !found {
		return r, fault.New(fault.NotFound, "The journal has no request %q. It has the latest only, and none from before the server started.", in.ID)
	}
	return r, nil
}
