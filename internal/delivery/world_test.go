package delivery_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
	"github.com/typecase/typecase/internal/fault"
)

const (
	delivered = cms.Published
	preview   = cms.Draft
)

// world is a deliverytest.World that is read.
type world struct {
	*deliverytest.World
	t testing.TB
	s *delivery.Service
}

func newWorld(t testing.TB) *world { return on(t, deliverytest.New(t)) }

func on(t testing.TB, w *deliverytest.World) *world {
	return &world{w, t, delivery.New(w.Index, w.Store, 0, []byte("secret"))}
}

func (w *world) request(stage cms.Stage, params string) delivery.Request {
	w.t.Helper()
	values, err := url.ParseQuery(params)
	if err != nil {
		w.t.Fatal(err)
	}
	return delivery.Request{Place: w.Place, Stage: stage, Params: values, Base: "https://files.example"}
}

type (
	collectionOf = func(*delivery.Service, context.Context, delivery.Request) (delivery.Answer, error)
	resourceOf   = func(*delivery.Service, context.Context, delivery.Request, string) (delivery.Answer, error)
)

var (
	entries      collectionOf = (*delivery.Service).Entries
	assets       collectionOf = (*delivery.Service).Assets
	contentTypes collectionOf = (*delivery.Service).ContentTypes
	locales      collectionOf = (*delivery.Service).Locales
	tags         collectionOf = (*delivery.Service).Tags
	space        collectionOf = (*delivery.Service).Space
	concepts     collectionOf = (*delivery.Service).Concepts
	schemes      collectionOf = (*delivery.Service).ConceptSchemes

	entry       resourceOf = (*delivery.Service).Entry
	asset       resourceOf = (*delivery.Service).Asset
	contentType resourceOf = (*delivery.Service).ContentType
	tag         resourceOf = (*delivery.Service).Tag
	concept     resourceOf = (*delivery.Service).Concept
	scheme      resourceOf = (*delivery.Service).ConceptScheme
	ancestors   resourceOf = (*delivery.Service).Ancestors
	descendants resourceOf = (*delivery.Service).Descendants
)

func (w *world) list(read collectionOf, stage cms.Stage, params string) string {
	w.t.Helper()
	a, err := read(w.s, w.t.Context(), w.request(stage, params))
	if err != nil {
		w.t.Fatalf("%s: %v", params, err)
	}
	return string(a.Body.Bytes())
}

func (w *world) get(read resourceOf, stage cms.Stage, id, params string) string {
	w.t.Helper()
	a, err := read(w.s, w.t.Context(), w.request(stage, params), id)
	if err != nil {
		w.t.Fatalf("%s?%s: %v", id, params, err)
	}
	return string(a.Body.Bytes())
}

// sameJSON compares answers byte for byte, but for the space in want.
func sameJSON(t *testing.T, what, want, got string) {
	t.Helper()
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(want)); err != nil {
		t.Fatalf("%s: the expected JSON: %v", what, err)
	}
	if compact.String() == got {
		return
	}
	t.Errorf("%s (-want +got):\n%s", what, cmp.Diff(lines(t, compact.String()), lines(t, got)))
}

func lines(t *testing.T, s string) []string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(s), "", " "); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return strings.Split(b.String(), "\n")
}

// wantFault checks the kind, message and details of an error.
func wantFault(t *testing.T, what string, want *fault.Error, err error) {
	t.Helper()
	var got *fault.Error
	if !errors.As(err, &got) {
		t.Errorf("%s: %v, want %v", what, err, want)
		return
	}
	if diff := cmp.Diff([]any{want.Kind, want.Message, want.Details}, []any{got.Kind, got.Message, got.Details}); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
