package httpapi_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/turn"
)

// TestTurns: who writes waits for a turn, no longer than a request may take; who
// reads does not.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		computed := make(chan struct{})
		e := newEdge(func(c *httpapi.Call) (httpapi.Reply, error) {
			switch c.Request.Header.Get("X-Handler") {
			case "computes":
				<-computed
			case "waits for the database":
				turn.Leave(c.Request.Context())
				<-computed
			}
			return httpapi.Reply{Value: "done"}, nil
		}, func(o *httpapi.Options) { o.Turns, o.Timeout = turn.New(1), time.Minute })
		codes := make(chan int, 4)
		send := func(method, handler string) {
			go func() { codes <- e.do(method, "/answer", "{}", "X-Handler", handler).Code }()
			synctest.Wait()
		}
		want := func(code int) {
			t.Helper()
			synctest.Wait()
			select {
			case got := <-codes:
				if got != code {
					t.Errorf("status %d, not %d", got, code)
				}
			default:
				t.Errorf("no answer, not even %d", code)
			}
		}

		send("POST", "waits for the database")
		send("POST", "") // has the turn that the first one has left
		want(http.StatusOK)
		send("POST", "computes")
		send("GET", "")
		want(http.StatusOK)
		send("POST", "")
		synctest.Wait()
		if len(codes) > 0 {
			t.Errorf("two had a turn, and one of them got %d", <-codes)
		}
		computed <- struct{}{}
		computed <- struct{}{}
		for range 3 {
			want(http.StatusOK)
		}

		send("POST", "computes")
		time.Sleep(time.Second) // of the test's own clock
		send("POST", "")
		time.Sleep(2 * time.Minute)
		want(http.StatusServiceUnavailable)
		computed <- struct{}{} // the handler ends, long after its answer
		want(http.StatusServiceUnavailable)
	})
}
