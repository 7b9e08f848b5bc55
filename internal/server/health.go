package server

import (
	"io"
	"net/http"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/store"
)

// health answers whether requests can be served: for load balancers and
// containers.
func health(st store.Store) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			httpapi.Fail(r, fault.New(fault.UnknownRoute, ""))
			return
		}
		if err := st.Ping(r.Context()); err != nil {
			httpapi.Fail(r, fault.Wrap(err, fault.ServerError, "The database does not answer."))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		// A client that has hung up does not want to know.
		_, _ = io.WriteString(w, `{"status":"ok"}`)
	})
}
