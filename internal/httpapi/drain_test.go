package httpapi_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/httpapi"
)

// TestErrorReachesAClientThatIsStillSending: a client that reads nothing before
// it has sent its whole body gets the error, not a reset connection.
func TestErrorReachesAClientThatIsStillSending(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newEdge(echo, func(o *httpapi.Options) { o.MaxBody = 1024 }))
	t.Cleanup(server.Close)
	body := make([]byte, 24<<20) // more than the buffers on the way hold
	for _, tt := range []struct {
		name, target, token string
		status              int
	}{
		{"too large", mine + "/entries/e1", string(access.Management), 413},
		{"unknown token", mine + "/uploads", "unknown", 401},
		{"unknown environment", "/spaces/s1/environments/nope/uploads", string(access.Management), 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n",
				tt.target, tt.token, len(body)); err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Write(body); err != nil {
				t.Fatalf("sending: %v", err)
			}
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatalf("receiving: %v", err)
			}
			defer res.Body.Close()
			if res.StatusCode != tt.status {
				t.Errorf("status %d, want %d", res.StatusCode, tt.status)
			}
		})
	}
}
