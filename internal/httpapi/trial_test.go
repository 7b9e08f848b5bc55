package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/httpapi"
)

func TestTrial(t *testing.T) {
	t.Parallel()
	done, tried := 0, 0
	e := newEdge(echo, func(o *httpapi.Options) {
		o.TestMode = true
		count := func(n *int) httpapi.Handler {
			return func(*httpapi.Call) (httpapi.Reply, error) { *n++; return httpapi.NoContent(), nil }
		}
		o.APIs[0].Routes = append(o.APIs[0].Routes,
			httpapi.Route{Method: "POST", Level: httpapi.EnvironmentLevel, Pattern: "/things", Handle: count(&done), Try: count(&tried)},
			httpapi.Route{Method: "DELETE", Level: httpapi.EnvironmentLevel, Pattern: "/things", Handle: count(&done)},
			httpapi.Route{Method: "GET", Level: httpapi.EnvironmentLevel, Pattern: "/things", Handle: count(&done)})
	})
	const bad = "BadRequestError"
	for _, c := range []struct {
		call   string
		values []string
		status int
		id     string
		done   int
		tried  int
	}{
		{"POST /things", nil, 204, "", 1, 0},
		{"POST /things", []string{"false"}, 204, "", 1, 0},
		{"POST /things", []string{"true"}, 204, "", 0, 1},
		{"POST /things", []string{"True"}, 400, bad, 0, 0},
		{"POST /things", []string{""}, 400, bad, 0, 0},
		{"POST /things", []string{"false", "true"}, 400, bad, 0, 0},
		{"DELETE /things", []string{"false"}, 204, "", 1, 0},
		{"DELETE /things", []string{"true"}, 400, bad, 0, 0},
		{"DELETE /things", []string{"no"}, 400, bad, 0, 0},
		{"GET /things", []string{"true"}, 204, "", 1, 0},
		{"HEAD /things", []string{"what"}, 204, "", 1, 0},
		{"POST /uploads", []string{"true"}, 400, bad, 0, 0},
		{"POST /nowhere", []string{"true"}, 404, "UnknownRoute", 0, 0},
	} {
		done, tried = 0, 0
		method, path, _ := strings.Cut(c.call, " ")
		r := request(method, mine+path, "")
		r.Header[httpapi.ValidateOnlyHeader] = c.values
		if c.values == nil {
			r.Header.Del(httpapi.ValidateOnlyHeader)
		}
		w := e.send(r)
		if c.id != "" {
			wantError(t, w, c.status, c.id)
		}
		if w.Code != c.status || done != c.done || tried != c.tried {
			t.Errorf("%s with %q: status %d, done %d, tried %d", c.call, c.values, w.Code, done, tried)
		}
	}
	if log := e.log.String(); strings.Count(log, `"validate_only":true`) != 1 {
		t.Errorf("log: %s", log)
	}

	// The dial is not in the API's own list.
	w := e.do(http.MethodPut, httpapi.SimulatePath, `{"simulate":"502"}`, httpapi.ValidateOnlyHeader, "true")
	if wantError(t, w, 400, bad); !strings.Contains(w.Body.String(), "PUT /_typecase/simulate cannot be tried.") {
		t.Errorf("%s", w.Body)
	}
	if w := e.do(http.MethodGet, httpapi.SimulatePath, ""); !strings.Contains(w.Body.String(), `"simulate":null`) {
		t.Errorf("the dial was turned: %s", w.Body)
	}
}
