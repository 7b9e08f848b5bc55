package httpapi

import (
	"io"
	"net/http"
	"time"
)

const (
	maxDrain  = 64 << 20 // bytes
	drainTime = 10 * time.Second
)

// drain reads what is left of a body that an error leaves unread. Many clients
// write all of it before they read the answer: one that came with the rest
// unread would be lost in the reset of the connection.
func (x *exchange) drain() {
	if x.r.ContentLength == 0 || x.r.ContentLength > maxDrain || x.r.Header.Get("Expect") != "" {
		return // nothing to read, too much, or the client waits for leave to send it
	}
	// Without a deadline it is the size alone that bounds this; a client that
	// cannot send the rest does not get the answer either.
	_ = http.NewResponseController(x.w).SetReadDeadline(time.Now().Add(drainTime))
	_, _ = io.CopyN(io.Discard, x.r.Body, maxDrain)
}
