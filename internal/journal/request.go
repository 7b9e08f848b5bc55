package journal

import (
	"encoding/json"
	"time"
	"unsafe"
)

// Request is what is remembered of a request. Whoever makes one takes every text
// that a client sent through a Cleaner.
type Request struct {
	ID    string    `json:"id"`
	Trace string    `json:"traceId,omitempty"` // of a traceparent
	Time  time.Time `json:"time"`              // when it came, to the millisecond
	Took  float64   `json:"tookMs"`            // until its answer was made

	Method string `json:"method"`
	Path   string `json:"path,omitempty"`
	Query  string `json:"query,omitempty"` // without access_token
	Route  string `json:"route,omitempty"` // pattern
	API    string `json:"api,omitempty"`   // cma, cda, cpa

	Space       string `json:"space,omitempty"` // one that the token sees
	Environment string `json:"environment,omitempty"`
	TokenKind   string `json:"tokenKind,omitempty"` // management, delivery, preview
	Token       string `json:"tokenId,omitempty"`   // id, never the token
	User        string `json:"userId,omitempty"`

	Status    int    `json:"status"`
	Fault     string `json:"fault,omitempty"`     // name of its kind
	Message   string `json:"message,omitempty"`   // as it was sent
	Simulated string `json:"simulated,omitempty"` // in test mode: whose wish the error was
	Trial     bool   `json:"validateOnly,omitempty"`

	RequestBytes int64 `json:"requestBytes"` // of the body; -1 when nobody counted
	AnswerBytes  int64 `json:"answerBytes"`

	Body   json.RawMessage `json:"body,omitempty"`   // of the request, if it failed
	Answer json.RawMessage `json:"answer,omitempty"` // to it
}

// size is the memory a request takes, with what keeps it in the list.
func (r *Request) size() int64 {
	n := 2*int(unsafe.Sizeof(r)) + int(unsafe.Sizeof(*r)) + cap(r.Body) + cap(r.Answer)
	for _, s := range [...]string{r.ID, r.Trace, r.Path, r.Query, r.Space, r.Environment, r.Token, r.User, r.Message} {
		n += len(s)
	}
	return int64(n)
}
