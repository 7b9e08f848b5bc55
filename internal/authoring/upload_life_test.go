package authoring_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

func TestUploadLife(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	inSpace := d.place
	inSpace.EnvironmentID, inSpace.Environment, inSpace.Target = "", 0, ""
	up, err := d.CreateUpload(t.Context(), d.place, d.actor, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	want := authoring.Upload{Size: 5, Environment: "master", ExpiresAt: time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff(want, up.Value); diff != "" || up.CreatedBy != "anna" || up.Kind != cms.KindUpload {
		t.Errorf("made %+v %s", up, diff)
	}
	got, err := d.Upload(t.Context(), inSpace, up.ID)
	if diff := cmp.Diff(up, got); err != nil || diff != "" {
		t.Errorf("read %v %s", err, diff)
	}
	if jobs := d.due(t); len(jobs) > 0 {
		t.Errorf("due before their time: %v", jobs)
	}

	d.now = want.ExpiresAt
	_, err = d.Upload(t.Context(), inSpace, up.ID)
	if diff := cmp.Diff(&fault.Details{Type: "Upload", ID: up.ID, Space: "s1"}, fault.Of(err).Details); !fault.Is(err, fault.NotFound) || diff != "" {
		t.Errorf("an expired upload: %v %s", err, diff)
	}
	if err := d.DeleteUpload(t.Context(), d.place, d.actor, up.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("deleting an expired upload: %v", err)
	}
	if n := d.blobCount(t, "uploads"); n != 1 {
		t.Fatalf("%d uploads are stored before the job ran", n)
	}
	d.develop(t)
	if n := d.blobCount(t, "uploads"); n != 0 {
		t.Errorf("%d uploads are stored after they expired", n)
	}
	if _, err := d.Store.Get(t.Context(), d.place.Space, cms.KindUpload, up.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the record stays: %v", err)
	}
}

func TestDeleteUpload(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	up, err := d.CreateUpload(t.Context(), d.place, d.actor, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		err := d.DeleteUpload(t.Context(), d.place, d.actor, up.ID)
		if (err == nil) != want || err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("deletion %d: %v", i+1, err)
		}
	}
	if n := d.blobCount(t, "uploads"); n != 0 {
		t.Errorf("%d uploads are stored", n)
	}
	d.now = up.Value.ExpiresAt
	d.develop(t) // its job finds nothing to do
}

func TestCreateUploadRefuses(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	for _, tt := range []struct {
		name string
		body io.Reader
		kind fault.Kind
	}{
		{"too large", strings.NewReader(strings.Repeat("x", fileLimit+1)), fault.BodyTooLarge},
		{"broken off", io.MultiReader(strings.NewReader("abc"), brokenOff{}), fault.BadRequest},
	} {
		if _, err := d.CreateUpload(t.Context(), d.place, d.actor, tt.body); !fault.Is(err, tt.kind) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if n := d.blobCount(t, "uploads") + d.blobCount(t, "tmp"); n != 0 {
		t.Errorf("%d files were left", n)
	}
}

// An upload that meets the deletion of its space leaves nothing behind.
func TestCreateUploadInDeletedSpace(t *testing.T) {
	t.Parallel()
	d := newDarkroom(t)
	err := d.Store.Update(t.Context(), store.Server, func(tx store.Tx) error { return tx.DropScope(t.Context(), d.place.Space) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.CreateUpload(t.Context(), d.place, d.actor, strings.NewReader("hello")); !fault.Is(err, fault.NotFound) {
		t.Errorf("made: %v", err)
	}
	if n := d.blobCount(t, "uploads"); n != 0 {
		t.Errorf("%d files were left", n)
	}
}

// brokenOff is the end of a body whose client went away.
type brokenOff struct{}

func (brokenOff) Read([]byte) (int, error) { return 0, fmt.Errorf("reading: %w", io.ErrUnexpectedEOF) }
