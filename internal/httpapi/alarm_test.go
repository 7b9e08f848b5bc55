package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/typecase/typecase/internal/httpapi"
)

// TestTimeouts: of many requests that take their time at once, each one is answered
// when its own time is over, whichever others end before it.
func TestTimeouts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = time.Second
		asleep := func(c *httpapi.Call) (httpapi.Reply, error) {
			d, err := time.ParseDuration(c.URL.Query().Get("d"))
			time.Sleep(d) // and does not look at the context
			return httpapi.OK("done"), err
		}
		e := newEdge(asleep, func(o *httpapi.Options) { o.Timeout = limit })
		var all sync.WaitGroup
		ask := func(d time.Duration, after time.Duration, status int) {
			all.Go(func() {
				time.Sleep(after)
				w := &timed{ResponseRecorder: httptest.NewRecorder()}
				start := time.Now()
				e.ServeHTTP(w, request("GET", "/answer?d="+d.String(), ""))
				// As much later than its own limit as the edge has patience.
				if took := w.at.Sub(start); w.Code != status || status == 200 && took != d || status == 503 && (took < limit || took > limit+100*time.Millisecond) {
					t.Errorf("%v long, begun at %v: status %d after %v", d, after, w.Code, took)
				}
			})
		}
		for i := range time.Duration(20) {
			after := i * 130 * time.Millisecond
			ask(0, after, 200)
			ask(limit-time.Millisecond, after, 200)
			ask(limit*3, after, 503)
			ask(limit/2, after, 200)
			ask(limit*2, after+time.Millisecond, 503)
		}
		all.Wait()
		time.Sleep(time.Minute) // nothing is left of them
		ask(limit*2, 0, 503)
		all.Wait()
	})
}

// timed is a recorder that knows when the answer came.
type timed struct {
	*httptest.ResponseRecorder
	at time.Time
}

func (w *timed) WriteHeader(status int) {
	w.at = time.Now()
	w.ResponseRecorder.WriteHeader(status)
}

var _ http.ResponseWriter = (*timed)(nil)
