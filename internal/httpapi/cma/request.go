package cma

import (
	"context"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/journal"
)

// requestJSON is a request in the journal.
type requestJSON struct {
	Sys  requestSys `json:"sys"`
	ID   string     `json:"id,omitempty"`   // always empty: hides the one below, which sys has
	Time string     `json:"time,omitempty"` // likewise
	journal.Request
}

type requestSys struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	CreatedAt string `json:"createdAt"`
}

const requestType = "Request"

func requestOf(r journal.Request) requestJSON {
	return requestJSON{Sys: requestSys{Type: requestType, ID: r.ID, CreatedAt: millis(r.Time)}, Request: r}
}

func (a *api) listRequests(c *httpapi.Call) (httpapi.Reply, error) {
	if err := a.mayReadJournal(c.Context(), c.Actor); err != nil {
		return httpapi.Reply{}, err
	}
	f, err := journal.ParseFilter(c.URL.Query(), a.s.Now())
	if err != nil {
		return httpapi.Reply{}, err
	}
	p := a.journal.Find(f)
	items := make([]requestJSON, len(p.Items))
	for i, r := range p.Items {
		items[i] = requestOf(r)
	}
	return httpapi.OK(collect(items, p.Total, f.Skip, f.Limit)), nil
}

func (a *api) getRequest(c *httpapi.Call) (httpapi.Reply, error) {
	if err := a.mayReadJournal(c.Context(), c.Actor); err != nil {
		return httpapi.Reply{}, err
	}
	id := c.PathValue("id")
	r, found := a.journal.Get(id)
	if !found {
		return httpapi.Reply{}, fault.Missing(requestType, id, "", "")
	}
	return httpapi.OK(requestOf(r)), nil
}

// mayReadJournal lets nobody but the owner in, with a token that may do
// everything: the journal is about the requests of all users to all spaces.
func (a *api) mayReadJournal(ctx context.Context, actor access.Actor) error {
	denied := func(reasons string) error {
		return &fault.Error{Kind: fault.AccessDenied, Details: &fault.Details{Reasons: reasons}}
	}
	if actor.ReadOnly {
		return denied("The access token has the scope " + cms.ScopeRead + " only; reading the journal of requests needs " + cms.ScopeManage + ".")
	}
	owner, err := a.s.Owner(ctx)
	switch {
	case err != nil:
		return err
	case actor.User != owner.User:
		return denied("Only the owner of the server may read the journal of requests.")
	case a.journal == nil:
		return journal.Off()
	}
	return nil
}
