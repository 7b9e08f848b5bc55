package embargo_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/embargo"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// gallery is a world whose unpublished files are protected, and guards of them.
type gallery struct {
	*deliverytest.World
	t *testing.T
}

// guard is what guards the gallery on a node with a store.
func (g gallery) guard(st store.Store) *embargo.Service {
	return embargo.New(st, protected{g.Place}, []byte("secret"), time.Now, func() string { return "jti" })
}

// protected is a space whose unpublished files are protected.
type protected struct{ access.Place }

func (p protected) Space(context.Context, string) (access.Place, error) {
	p.Protection = cms.ProtectUnpublished
	return p.Place, nil
}

// file is the n-th file of an asset.
func file(asset string, n int) blob.File {
	return blob.NewFile("s", asset, fmt.Sprintf("%032x", n), "a.png")
}

// save saves an asset with its n-th file.
func (g gallery) save(asset string, n int) {
	g.Asset(asset, `{"file":{"en-US":{"url":"`+file(asset, n).Path()+`"}}}`)
}

// free asks whether the n-th file of an asset is free.
func (g gallery) free(s *embargo.Service, asset string, n int, want bool) {
	g.t.Helper()
	_, err := s.Admit(g.t.Context(), embargo.Request{File: file(asset, n)})
	if want && err != nil || !want && !fault.Is(err, fault.AccessDenied) {
		g.t.Errorf("file %d of %s: %v, want free %t", n, asset, err, want)
	}
}

func newGallery(t *testing.T) gallery { return opened(deliverytest.New(t), t) }

func opened(w *deliverytest.World, t *testing.T) gallery {
	g := gallery{w, t}
	g.save("a", 1)
	g.Publish(cms.KindAsset, "a")
	return g
}

// What is published is read once, until something is written.
func TestPublishedIsRemembered(t *testing.T) {
	t.Parallel()
	g := newGallery(t)
	s := g.guard(g.Store)
	g.free(s, "a", 1, true)
	before := g.Store.Statements()
	for range 100 {
		g.free(s, "a", 1, true)
		g.free(s, "a", 2, false)
	}
	if n := g.Store.Statements() - before; n != 0 {
		t.Errorf("%d statements", n)
	}

	elsewhere := g.Copy("elsewhere") // a is published there, too
	g.Unpublish(cms.KindAsset, "a")
	g.free(s, "a", 1, true)
	g.Place, elsewhere = elsewhere, g.Place
	g.Unpublish(cms.KindAsset, "a")
	g.free(s, "a", 1, false)
	g.save("a", 2)
	g.Publish(cms.KindAsset, "a")
	g.free(s, "a", 1, false)
	g.free(s, "a", 2, true)
	g.Place = elsewhere
	g.free(s, "a", 2, true)
}

// What another server has unpublished is free no longer once it is polled.
func TestPollForgetsWhatIsUnpublishedElsewhere(t *testing.T) {
	t.Parallel()
	g := opened(deliverytest.NewShared(t), t)
	s := g.guard(g.Node().Store)
	g.free(s, "a", 1, true)
	g.Unpublish(cms.KindAsset, "a")
	if err := s.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.free(s, "a", 1, false)
}
