package httpapi

import (
	"bytes"
	"net/http"

	"github.com/typecase/typecase/internal/fault"
)

// ErrorForm is a row of the table of errors, for those who explain it.
type ErrorForm struct {
	Kind        fault.Kind
	Status      int
	ID          string // in the documented vocabulary
	ShortStatus int    // beside ShortID
	ShortID     string
	Details     string // what details holds, in words
	Message     string // when there is nothing more precise to say
	When        string
	Reason      bool // plain clients get the nearest documented id, and ShortID as reason
}

// ErrorForms is the table of errors, by kind.
func ErrorForms() []ErrorForm {
	forms := make([]ErrorForm, fault.NumKinds)
	for k, w := range wire {
		forms[k] = ErrorForm{
			Kind: fault.Kind(k), Status: w.status, ID: w.id, ShortStatus: w.status, ShortID: w.short,
			Details: shapeNames[w.details], Message: w.message, When: w.when, Reason: w.beyond,
		}
		if w.shortStatus != 0 {
			forms[k].ShortStatus = w.shortStatus
		}
	}
	return forms
}

// Answer is an answer that was not sent.
type Answer struct {
	Status int
	Header http.Header
	Body   bytes.Buffer
}

// ErrorAnswer is how a server that is known as base answers r if it fails with
// err: what fail writes, for examples.
func ErrorAnswer(r *http.Request, err error, base string) *Answer {
	const id = "0b1f7a52-9f1e-4a0b-8c0e-4b0d6f6f1f10"
	a := &Answer{Header: http.Header{}}
	h := &handler{opt: Options{PublicURL: base}.withDefaults()}
	x := &exchange{h: h, w: unsent{a}, r: r, id: id, progress: progress{jsonBody: r.ContentLength > 0}}
	x.fail(err)
	return a
}

// WriteError answers r with err in the words of a server that is known as base,
// for what stands in front of one.
func WriteError(w http.ResponseWriter, r *http.Request, err error, base string) {
	h := &handler{opt: Options{PublicURL: base}.withDefaults()}
	x := &exchange{h: h, w: w, r: r, id: h.opt.RequestID()}
	x.commonHeaders(w.Header())
	w.Header().Set("Content-Type", "application/json")
	x.fail(err)
}

// unsent is a ResponseWriter that fills an Answer.
type unsent struct{ a *Answer }

func (u unsent) Header() http.Header         { return u.a.Header }
func (u unsent) WriteHeader(status int)      { u.a.Status = status }
func (u unsent) Write(b []byte) (int, error) { return u.a.Body.Write(b) }
