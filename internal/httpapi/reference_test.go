package httpapi_test

import (
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/httpapi"
)

func TestErrorsReferenceHasEveryKind(t *testing.T) {
	t.Parallel()
	page := string(httpapi.ErrorsReference())
	if n := strings.Count(page, "\n| 4") + strings.Count(page, "\n| 5"); n != int(fault.NumKinds) {
		t.Errorf("%d rows for %d kinds", n, fault.NumKinds)
	}
}

func TestRoutesReference(t *testing.T) {
	t.Parallel()
	page := string(httpapi.RoutesReference([]httpapi.API{managementAPI(echo), readAPI("cda", "delivery")}))
	for _, line := range []string{
		"## cma\n\nAnswers a management token with `" + management + "`. 15 of 16 routes are built.\n",
		"| GET | `/users/me` |  |  |\n",
		"| PUT | `/spaces/:space/environments/:id` | JSON |  |\n",
		"| PATCH | `/spaces/:space/environments/:environment/entries/:id` | JSON Patch |  |\n",
		"| POST | `/spaces/:space/environments/:environment/uploads` | any |  |\n",
		"| GET | `/spaces/:space/environments/:environment/releases` |  | not built yet |\n",
		"## cda\n",
	} {
		if !strings.Contains(page, line) {
			t.Errorf("no line %q in\n%s", line, page)
		}
	}
}
