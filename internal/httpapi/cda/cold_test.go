package cda_test

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cda"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// slow is a store in which reading all of one scope takes until it is released.
type slow struct {
	store.Store
	scope    store.Scope
	reading  chan struct{} // gets one for each that waits
	released chan struct{}
}

func (s *slow) List(ctx context.Context, scope store.Scope, k cms.Kind, after string, limit int) ([]store.Head, error) {
	if scope == s.scope {
		s.reading <- struct{}{}
		select {
		case <-s.released:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.Store.List(ctx, scope, k, after, limit)
}

// twoPlaces are keys for which alias is another environment.
type twoPlaces struct {
	keys
	alias access.Place
}

func (k twoPlaces) Locate(ctx context.Context, a access.Actor, space, environment string) (access.Place, error) {
	if environment == "alias" {
		return k.alias, nil
	}
	return k.keys.Locate(ctx, a, space, environment)
}

// While a large environment is read for the first time, others answer at once,
// warm or cold, and so does who needs no environment.
func TestColdEnvironmentBlocksNobody(t *testing.T) {
	t.Parallel()
	st, err := sqlstore.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "world.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &slow{Store: st, reading: make(chan struct{}, 10), released: make(chan struct{})}
	w := deliverytest.On(t, s)
	w.Type("post", cms.ContentType{Name: "Post", Fields: []cms.Field{{ID: "title", Type: cms.Symbol}}})
	w.Entry("e1", "post", `{"title":{"en-US":"One"}}`)
	w.Publish(cms.KindEntry, "e1")
	large := w.Copy("alias")
	s.scope = large.Environment
	both := twoPlaces{keys{w}, large}
	reading := delivery.New(w.Index, s, 0, []byte("secret"))
	c := client{t, httpapi.New(httpapi.Options{
		Access: both,
		APIs:   []httpapi.API{cda.New(reading, access.Delivery, both, "", 0, nil)},
		Log:    slog.New(slog.NewTextHandler(io.Discard, nil)),
	})}

	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- c.do("GET", "delivery", "/spaces/s/environments/alias/entries/e1") }()
	<-s.reading
	for _, path := range []string{"/spaces/s", "/spaces/s/environments/master/entries/e1", "/spaces/s/environments/master/entries", "/spaces/s/environments/alias/_typecase/purges"} {
		if r := c.do("GET", "delivery", path); r.Code != 200 {
			t.Errorf("%s meanwhile: %d %s", path, r.Code, r.Body)
		}
	}
	if stats := w.Index.Stats(); stats.Environments != 2 {
		t.Errorf("%d environments are read or being read", stats.Environments)
	}
	select {
	case r := <-first:
		t.Errorf("the large one answered before it was read: %d", r.Code)
	default:
	}
	close(s.released)
	if r := <-first; r.Code != 200 {
		t.Errorf("the large one: %d %s", r.Code, r.Body)
	}
}
