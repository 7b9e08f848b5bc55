package query

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
)

func TestParseSync(t *testing.T) {
	t.Parallel()
	for params, want := range map[string]Sync{
		"initial=true":                                   {Type: SyncAll, Limit: 100},
		"initial=1&locale=xx&access_token=t":             {Type: SyncAll, Limit: 100},
		"initial=True&type=all&limit=1000":               {Type: SyncAll, Limit: 1000},
		"initial=true&type=Entry&content_type=post":      {Type: SyncEntry, ContentType: "post", Limit: 100},
		"initial=true&type=DeletedAsset&limit=1":         {Type: SyncDeletedAsset, Limit: 1},
		"sync_token=abc":                                 {Token: "abc"},
		"sync_token=abc&type=Entry&content_type=post":    {Token: "abc", Type: SyncEntry, ContentType: "post"},
		"sync_token=abc&limit=7&locale=*&access_token=t": {Token: "abc", Limit: 7},
	} {
		values, err := url.ParseQuery(params)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseSync(values, testModel())
		if err != nil {
			t.Errorf("%s: %v", params, err)
			continue
		}
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", params, diff)
		}
	}
}

func TestParseSyncErrors(t *testing.T) {
	t.Parallel()
	const start = `A sync begins with "initial=true" and goes on with the "sync_token" of the URL in the last answer.`
	const limit = `The value provided for "limit" is invalid. Please provide a v`
	for _, test := range []struct {
		params  string
		kind    fault.Kind
		message string
		details string
	}{
		{"", fault.BadRequest, start, ""},
		{"initial=false", fault.BadRequest, start, ""},
		{"initial=&type=Entry", fault.BadRequest, start, ""},
		{"sync_token=", fault.BadRequest, start, ""},
		{"initial=true&type=entry", fault.InvalidQuery, "", `[{"name":"value","path":["type"],"value":"entry","details":"entry used on type is not a valid value for type SyncType.","type":"SyncType","filter":"equals","expected":["all","Asset","Entry","Deletion","DeletedAsset","DeletedEntry"],"suggestions":["Entry"]}]`},
		{"initial=true&content_type=post", fault.InvalidQuery, "", `[{"name":"invalid","path":["content_type"],"details":"The parameter \"content_type\" needs \"type=Entry\" beside it."}]`},
		{"initial=true&type=Entry&content_type=pots", fault.InvalidQuery, "", `[{"name":"unknownContentType","path":["content_type"],"value":"pots","details":"The content type \"pots\" could not be found or was not activated.","suggestions":["post"]}]`},
		{"initial=true&limit=x", fault.InvalidQuery, limit + "alid number value", `[{"name":"value","path":["limit"],"value":"x","details":"The value provided for \"limit\" is invalid. Please provide a valid number value"}]`},
		{"initial=true&limit=0", fault.InvalidQuery, limit + "alue between 1 and 1000", `[{"name":"value","path":["limit"],"value":"0","details":"The value provided for \"limit\" is invalid. Please provide a value between 1 and 1000"}]`},
		{"initial=true&contenttype=post", fault.InvalidQuery, "", `[{"name":"unknown","path":["contenttype"],"details":"The path \"contenttype\" is not recognized","suggestions":["content_type"]}]`},
		{"initial=true&fields.title=x&skip=1", fault.InvalidQuery, "", `[{"name":"unknown","path":["fields","title"],"details":"The path \"fields.title\" is not recognized"},{"name":"unknown","path":["skip"],"details":"The path \"skip\" is not recognized"}]`},
		{"sync_token=abc&initial=true", fault.BadRequest, syncByType, ""},
		{"sync_token=abc&include=1", fault.BadRequest, syncByType, `[{"name":"unknown","path":["include"],"details":"The path \"include\" is not recognized"}]`},
	} {
		values, err := url.ParseQuery(test.params)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ParseSync(values, testModel())
		var f *fault.Error
		if !errors.As(err, &f) {
			t.Errorf("%s: %v", test.params, err)
			continue
		}
		details := ""
		if f.Details != nil {
			raw, err := json.Marshal(f.Details.Errors)
			if err != nil {
				t.Fatal(err)
			}
			details = string(raw)
		}
		if diff := cmp.Diff([]any{test.kind, test.message, test.details}, []any{f.Kind, f.Message, details}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.params, diff)
		}
	}
}
