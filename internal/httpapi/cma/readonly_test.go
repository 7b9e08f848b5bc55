package cma_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cma"
)

func TestNoRouteWritesForAReader(t *testing.T) {
	t.Parallel()
	writes := 0
	for _, r := range cma.New(nil, "", nil, nil).Routes { // a handler that went on would panic
		if r.Method == http.MethodGet || r.Handle == nil {
			continue
		}
		writes++
		call := &httpapi.Call{
			Request: httptest.NewRequestWithContext(t.Context(), r.Method, "/", nil),
			Actor:   access.Actor{Kind: access.Management, ReadOnly: true},
		}
		_, err := r.Handle(call)
		if !fault.Is(err, fault.AccessDenied) {
			t.Errorf("%s %s: %v", r.Method, r.Pattern, err)
			continue
		}
		reasons := fault.Of(err).Details.Reasons
		deed := regexp.MustCompile(`To (create|save|change|delete|publish|unpublish|archive|unarchive|process the file of|revoke|restore|validate|complete|deprecate|reinstate) an? [A-Z][A-Za-z]+ \(` + r.Method + ` /`)
		if !deed.MatchString(reasons) || !strings.Contains(reasons, r.Pattern+")") {
			t.Errorf("%s %s: %s", r.Method, r.Pattern, reasons)
		}
	}
	if writes == 0 {
		t.Error("no route writes")
	}
}
