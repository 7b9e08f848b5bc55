package cma_test

import "testing"

// TestAnyText stores what JSON can spell and databases stumble over.
func TestAnyText(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"a\u0000b","description":"\u0000","fields":[{"id":"title","name":"\u0000","type":"Symbol","validations":[{"unique":true},{"in":["\u0000"],"message":"\u0000"}]},{"id":"any","name":"A","type":"Object"},{"id":"ref","name":"R","type":"Link","linkType":"Entry"}]}`)
		for id, fields := range map[string]string{
			"nul":       `{"title":{"en-US":"\u0000"},"any":{"en-US":{"\u0000":"\u0000"}}}`,
			"surrogate": `{"any":{"en-US":["\ud800","\udc00\ud800"]}}`,
			"huge":      `{"any":{"en-US":[1e400,-1E-400,123456789012345678901234567890]}}`,
			"emoji":     `{"any":{"en-US":{"𝄞":"\ud834\udd1e"}}}`,
		} {
			w := sc.do("PUT "+content+"/entries/"+id, []string{contentOf}, `{"fields":`+fields+`}`)
			if w.Code != 201 {
				sc.t.Errorf("%s: status %d: %s", id, w.Code, w.Body)
			}
		}
		sc.play(step{name: "a link to no possible id", call: "PUT " + content + "/entries/link", header: []string{contentOf}, body: `{"fields":{"ref":{"en-US":` + linkJSON("Entry", `\u0000`) + `}}}`, status: 201, find: map[string]string{"x": "sys.id"}})
		for _, r := range []struct {
			call   string
			header []string
			status int
		}{
			{"PUT " + content + "/entries/nul/published", version(1), 200},
			{"PUT " + content + "/entries/link/published", version(1), 422},
			{"PUT " + content + "/entries/x", []string{"X-Contentful-Content-Type: \x00"}, 400},
			{"GET " + content + "/entries?content_type=%00", nil, 400},
			{"GET " + content + "/entries?sys.id=%00", nil, 200},
			{"GET " + content + "/entries?links_to_entry=%00", nil, 200},
			{"GET " + content + "/entries?content_type=post&fields.title=%00", nil, 200},
			{"GET " + content + "/assets?query=%00", nil, 200},
			{"GET " + content + "/entries?order=sys.id", nil, 200},
			{"PUT " + content + "/assets/x/files/%00/process", nil, 404},
		} {
			if w := sc.do(r.call, r.header, ""); w.Code != r.status {
				sc.t.Errorf("%s: status %d, want %d: %s", r.call, w.Code, r.status, w.Body)
			}
		}
		for _, body := range []string{`{"metadata":{"tags":[` + linkJSON("Tag", `\u0000`) + `]}}`, `{"metadata":{"tags":[` + linkJSON("Tag", `\ud800`) + `]}}`} {
			if w := sc.do("PUT "+content+"/entries/y", []string{contentOf}, body); w.Code != 422 {
				sc.t.Errorf("%s: status %d: %s", body, w.Code, w.Body)
			}
		}
	})
}
