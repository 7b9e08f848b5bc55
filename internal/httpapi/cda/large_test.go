package cda_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/delivery"
	"github.com/typecase/typecase/internal/delivery/deliverytest"
)

// An answer that is too large says how large, and which limit fits; that one does.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	w := deliverytest.New(t)
	w.Type("post", cms.ContentType{Name: "Post", Fields: []cms.Field{{ID: "data", Type: cms.Object}}})
	for i := range 8 {
		w.Entry(fmt.Sprint("e", i), "post", `{"data":{"en-US":"`+strings.Repeat("x", delivery.MaxAnswer/6)+`"}}`)
	}
	c := newClient(t, w, "")
	const entries = "/spaces/s/environments/master/entries?limit="
	r := c.do("GET", "preview", entries+"8")
	want := regexp.MustCompile(`^\{"sys":\{"type":"Error","id":"BadRequest"\},"message":"Response size too big\. Maximum allowed response size: 7340032B\.",` +
		`"hint":"The answer would have 97\d{5} bytes\. With limit=5 it fits\.","requestId":"r","documentationUrl":"http://host\.example/errors/BadRequest"\}$`)
	if r.Code != 400 || !want.MatchString(r.Body.String()) {
		t.Errorf("%d %.1000s", r.Code, r.Body)
	}
	if r := c.do("GET", "preview", entries+"5"); r.Code != 200 {
		t.Errorf("as the hint says: %d %.300s", r.Code, r.Body)
	}
	if r := c.do("GET", "preview", entries+"6"); r.Code != 400 {
		t.Errorf("one more: %d", r.Code)
	}
}
