package httpapi_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/typecase/typecase/internal/httpapi"
)

// FuzzSimulation: whatever is asked for is either refused with an explanation or
// leads to a complete error; and the header and the dial take the same words.
func FuzzSimulation(f *testing.F) {
	for _, words := range []string{"RateLimitExceededError; reset=2; every=1", "502", "timeout=1ms", "timeout=3s", " notfound ;", "every=5", "0404", "=;=", "429;reset=+1"} {
		f.Add(words)
	}
	e := newEdge(echo, testMode, func(o *httpapi.Options) { o.Timeout = time.Second })
	f.Fuzz(func(t *testing.T, words string) {
		if words == "" || !utf8.ValidString(words) { // no header at all, or no JSON
			return
		}
		w := e.simulate(words)
		refused := false
		if w.Code != 200 { // every=5 lets it pass
			refused = strings.HasPrefix(errorOf(t, w).Message, httpapi.SimulateHeader+": ")
		}
		body, err := json.Marshal(map[string]string{"simulate": words, "path": "/nowhere"})
		if err != nil {
			t.Fatal(err)
		}
		if d := e.do("PUT", httpapi.SimulatePath, string(body)); (d.Code != 200) != refused {
			t.Errorf("%q: the header's answer is %d %s, the dial's %d %s", words, w.Code, w.Body, d.Code, d.Body)
		}
	})
}
