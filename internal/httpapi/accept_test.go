package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/typecase/typecase/internal/httpapi"
)

func TestPreferred(t *testing.T) {
	t.Parallel()
	const a, b = "text/html", "application/json"
	for _, tt := range []struct {
		accept []string
		want   string
	}{
		{nil, a},
		{[]string{""}, a},
		{[]string{"*/*"}, a},
		{[]string{"text/*"}, a},
		{[]string{"application/*"}, b},
		{[]string{"APPLICATION/JSON; charset=utf-8"}, b},
		{[]string{"application/json, text/html"}, b},
		{[]string{"application/json;q=0.8, text/html;q=0.9"}, a},
		{[]string{"text/html;q=0.1", "application/json"}, b},
		{[]string{"application/json;q=0, image/png"}, a},
		{[]string{"application/json;q=high, ;;, application/*;q=0.2"}, b},
		{[]string{"image/png"}, a},
		{[]string{"applicationx/json"}, a},
	} {
		if got := httpapi.Preferred(http.Header{"Accept": tt.accept}, a, b); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.accept, got, tt.want)
		}
	}
}
