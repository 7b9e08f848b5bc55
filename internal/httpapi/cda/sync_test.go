package cda_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/cms"
)

type syncAnswer struct {
	Items []struct {
		Sys struct{ ID, Type string }
	}
	NextSyncURL, NextPageURL string
}

func (c client) sync(token, path string) syncAnswer {
	c.t.Helper()
	r := c.do("GET", token, path)
	var a syncAnswer
	if err := json.Unmarshal(r.Body.Bytes(), &a); err != nil || r.Code != 200 {
		c.t.Fatalf("%s: %d %s", path, r.Code, r.Body)
	}
	return a
}

// The URL leads where the request came from, and can be asked for as it is.
func TestSyncURLs(t *testing.T) {
	t.Parallel()
	w := content(t)
	for _, test := range []struct{ public, path, token, want string }{
		{"", "/spaces/s/sync", "delivery", "http://host.example/spaces/s/environments/master/sync?sync_token="},
		{"", "/spaces/s/environments/alias/sync/", "delivery", "http://host.example/spaces/s/environments/alias/sync?sync_token="},
		{"https://cms.example", "/spaces/s/environments/master/sync", "preview", "https://cms.example/spaces/s/environments/master/sync?sync_token="},
	} {
		c := newClient(t, w, test.public)
		a := c.sync(test.token, test.path+"?initial=true&limit=1")
		if !strings.HasPrefix(a.NextPageURL, test.want) || a.NextSyncURL != "" || len(a.Items) != 1 {
			t.Errorf("%s: %+v", test.path, a)
		}
		_, token, _ := strings.Cut(a.NextPageURL, "?")
		if next := c.sync(test.token, test.path+"?"+token); len(next.Items) != 1 {
			t.Errorf("the next page: %+v", next)
		}
	}
	secure := newClient(t, w, "")
	r := httptest.NewRequest("GET", "https://host.example/spaces/s/sync?initial=true", nil) // which has TLS
	r.Header.Set("Authorization", "Bearer delivery")
	rec := httptest.NewRecorder()
	secure.handler.ServeHTTP(rec, r)
	if !strings.Contains(rec.Body.String(), `"nextSyncUrl":"https://host.example/spaces/s/environments/master/sync?sync_token=`) {
		t.Errorf("over TLS: %s", rec.Body)
	}
}

func TestSyncConditionally(t *testing.T) {
	t.Parallel()
	w := content(t)
	c := newClient(t, w, "")
	a := c.sync("delivery", "/spaces/s/sync?initial=true")
	path := strings.TrimPrefix(a.NextSyncURL, "http://host.example")
	first := c.do("GET", "delivery", path)
	tag := first.Header().Get("ETag")
	if r := c.do("GET", "delivery", path, "If-None-Match", tag); tag == "" || r.Code != 304 {
		t.Errorf("nothing new: %d", r.Code)
	}
	w.Publish(cms.KindEntry, "e2")
	if r := c.do("GET", "delivery", path, "If-None-Match", tag); r.Code != 200 || !strings.Contains(r.Body.String(), `"id":"e2"`) {
		t.Errorf("something new: %d %s", r.Code, r.Body)
	}
}

// Every refusal, as it comes out.
func TestSyncErrors(t *testing.T) {
	t.Parallel()
	c := newClient(t, content(t), "")
	token := func(key, path string) string {
		_, token, _ := strings.Cut(c.sync(key, path).NextSyncURL, "=")
		return token
	}
	mine := token("delivery", "/spaces/s/sync?initial=true")
	const (
		foreign = `The sync token is damaged, or it was made for another space, environment or API. Drop what you have synced and start again with \"initial=true\".`
		byType  = `When passing a sync token you can not pass any other parameters. If you want to sync only a specific type or content_type start a new sync with \"initial\".`
		byLimit = `When passing a sync token you can not pass any other parameters. If you want to sync with a specific limit, start a new sync with \"initial\".`
		invalid = `The query you sent was invalid. Probably a filter or ordering specification is not applicable to the type of a field.`
	)
	for _, test := range []struct{ key, query, id, message, rest string }{
		{"delivery", "sync_token=nonsense", "BadRequest", foreign, ""},
		{"delivery", "sync_token=" + mine + "x", "BadRequest", foreign, ""},
		{"delivery", "sync_token=" + token("preview", "/spaces/s/sync?initial=true"), "BadRequest", foreign, ""},
		{"delivery", "sync_token=" + token("delivery", "/spaces/s/environments/alias/sync?initial=true"), "BadRequest", foreign, ""},
		{"delivery", "sync_token=" + mine + "&type=Entry", "BadRequest", byType, ""},
		{"delivery", "sync_token=" + mine + "&limit=10", "BadRequest", byLimit, ""},
		{"delivery", "", "BadRequest", `A sync begins with \"initial=true\" and goes on with the \"sync_token\" of the URL in the last answer.`, ""},
		{"delivery", "initial=true&typ=Entry", "InvalidQuery", invalid, `"details":{"errors":[{"name":"unknown","path":["typ"],"details":"The path \"typ\" is not recognized. Did you mean \"type\"?","parameter":"typ","suggestions":["type"]}]},`},
		{"preview", "initial=true&type=Entry&content_type=pots", "InvalidQuery", invalid,
			`"details":{"errors":[{"name":"unknownContentType","path":["content_type"],"value":"pots","details":"The content type \"pots\" could not be found or was not activated. Did you mean \"post\"?","parameter":"content_type","suggestions":["post"]}]},`},
		{"preview", "initial=true&type=Entries", "InvalidQuery", invalid,
			`"details":{"errors":[{"name":"value","path":["type"],"value":"Entries","details":"Entries used on type is not a valid value for type SyncType.","type":"SyncType","filter":"equals","expected":["all","Asset","Entry","Deletion","DeletedAsset","DeletedEntry"],"parameter":"type"}]},`},
	} {
		r := c.do("GET", test.key, "/spaces/s/sync?"+test.query)
		want := `{"sys":{"type":"Error","id":"` + test.id + `"},"message":"` + test.message + `",` + test.rest +
			`"requestId":"r","documentationUrl":"http://host.example/errors/` + test.id + `"}`
		if diff := cmp.Diff(want, r.Body.String()); r.Code != 400 || diff != "" {
			t.Errorf("%s: %d (-want +got):\n%s", test.query, r.Code, diff)
		}
	}
}
