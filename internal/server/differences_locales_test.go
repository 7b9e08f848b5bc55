package server

import "testing"

// The test of docs/differences.md about locales that are published by themselves.
func init() {
	differences[17] = func(t *testing.T, l *live) {
		const entry = master + "/entries/in-some-locales"
		l.model(t, "some-locales", `{"name":"Some","fields":[{"id":"title","name":"Title","type":"Symbol","localized":true}]}`)
		l.succeeds(t, "PUT", entry, `{"fields":{"title":{"en-US":"a","de-DE":"b"}}}`, "X-Contentful-Content-Type: some-locales")
		for _, body := range []string{
			`{"add":{"fields":{"*":["de"]}}}`, `{"add":{"fields":{"*":[]}}}`, `{"add":{"fields":{"title":["de-DE"]}}}`,
			`{"fields":{"*":["de-DE"]}}`, `{"Add":{"fields":{"*":["de-DE"]}}}`,
		} {
			l.fails(t, "PUT", entry+"/published", testToken, body, 422, "InvalidEntry", official, "X-Contentful-Version: 1")
		}
		l.fails(t, "PUT", entry+"/published", testToken, `{"add":{"fields":{"*":["de-DE"]}}}`, 409, "VersionMismatch", official)
		both := `{"add":{"fields":{"*":["de-DE"]}},"remove":{"fields":{"*":["en-US"]}}}`
		l.succeeds(t, "PUT", entry+"/published", both, "X-Contentful-Version: 1")
		l.fails(t, "DELETE", entry+"/published", testToken, `{"remove":{"fields":{"*":["de-DE"]}}}`, 409, "VersionMismatch", official, "X-Contentful-Version: 1")
		l.succeeds(t, "DELETE", entry+"/published", `{"remove":{"fields":{"*":["de-DE"]}}}`)
	}
}
