package docgen

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/httpapi/cda"
	"github.com/typecase/typecase/internal/httpapi/cma"
)

var update = flag.Bool("update", false, "write the generated pages")

// apis are all APIs; their lists of routes need no services.
func apis() []httpapi.API {
	return []httpapi.API{
		cma.New(nil, "", nil, nil),
		cda.New(nil, access.Delivery, nil, "", 0, nil),
		cda.New(nil, access.Preview, nil, "", 0, nil),
	}
}

func TestRoutesReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	const path = "../../docs/reference/routes.md"
	want := httpapi.RoutesReference(apis())
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the page is out of date; go test ./internal/docgen -update writes it (-want +got):\n%s", diff)
	}
}

// TestRoutesDoNotCollide: the edge accepts the lists as they are.
func TestRoutesDoNotCollide(t *testing.T) {
	t.Parallel()
	httpapi.New(httpapi.Options{APIs: apis(), TestMode: true}) // panics when two routes collide
	for _, api := range apis() {
		for _, r := range api.Routes {
			if r.Level == httpapi.ServerLevel && (r.Pattern == httpapi.ErrorsPath || strings.HasPrefix(r.Pattern, httpapi.ErrorsPath+"/")) {
				t.Errorf("%s has the path of the catalogue of errors: %s", api.Name, r.Pattern)
			}
		}
	}
}
