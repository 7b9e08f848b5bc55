package cma_test

import (
	"bytes"
	"encoding/json"
	"testing"
)

// An answer has no spaces that the client has sent, and what is shown later is what
// was answered.
func TestAnswersAreCompact(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.activate("post", `{"name":"Post","displayField":"title","fields":[{"id":"title","name":"T","type":"Symbol"},{"id":"more","name":"M","type":"Object"}]}`)
	const entry = ` { "fields" : { "title" : { "en-US" : "a  b" } , "more" : { "en-US" : { "x" : [ 1 , 2.50 , "\\" ] } } } } `
	const asset = ` { "fields" : { "title" : { "en-US" : "a  b" } , "file" : { "en-US" : { "upload" : "http://example.com/a" , "fileName" : "a b" , "contentType" : "text/plain" } } } } `
	sc.make("a", `{}`)
	sc.newRelease("r", release2Body("R", publishes("Entry", "a")))
	for _, st := range []step{
		{call: "PUT " + content + "/entries/b", header: []string{"X-Contentful-Content-Type: post"}, body: entry, status: 201},
		{call: "PUT " + content + "/entries/b", header: version(1), body: entry, status: 200},
		{call: "PUT " + content + "/entries/b/published", header: version(2), status: 200},
		{call: "PUT " + content + "/assets/a", body: asset, status: 201},
		{call: "PUT " + inR + "/entries/a", header: version(1), body: entry, status: 200},
	} {
		for _, call := range []step{st, {call: "GET" + st.call[len("PUT"):], status: 200}} {
			w := sc.do(call.call, call.header, call.body)
			if w.Code == 404 { // published is not to be read
				continue
			}
			var want bytes.Buffer
			if err := json.Compact(&want, w.Body.Bytes()); err != nil || w.Code != call.status {
				t.Fatalf("%s: %d %v", call.call, w.Code, err)
			}
			if want.String() != w.Body.String() {
				t.Errorf("%s answers %s", call.call, w.Body)
			}
		}
	}
}
