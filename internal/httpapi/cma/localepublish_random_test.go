package cma_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestPublishLocalesRandom saves, publishes and unpublishes an entry in random
// locales, and compares what is published with the plainest model there is: of each
// locale a copy of its values as they were when it was published.
func TestPublishLocalesRandom(t *testing.T) {
	onBoth(t, func(sc *script) {
		seed := uint64(time.Now().UnixNano())
		sc.t.Logf("seed %d", seed)
		r := rand.New(rand.NewPCG(seed, seed))
		sc.play(
			step{name: "de", call: "POST " + content + "/locales", body: germanIt, status: 201, find: map[string]string{"x": "sys.id"}},
			step{name: "it", call: "POST " + content + "/locales", body: italianIt, status: 201, find: map[string]string{"x": "sys.id"}},
		)
		sc.activate("post", `{"name":"Post","fields":[{"id":"a","name":"A","type":"Symbol","localized":true},{"id":"b","name":"B","type":"Symbol","localized":true},{"id":"c","name":"C","type":"Symbol"}]}`)
		codes := []string{"de", "en-US", "it"}
		some := func() []string {
			list := slices.DeleteFunc(slices.Clone(codes), func(string) bool { return r.IntN(2) == 0 })
			if len(list) == 0 {
				list = []string{codes[r.IntN(3)]}
			}
			return list
		}
		type values map[string]string // by field, of one locale
		draft, published := map[string]values{}, map[string]values{}
		random := func() string {
			fields := map[string]map[string]string{}
			draft = map[string]values{"de": {}, "en-US": {}, "it": {}}
			for _, field := range []string{"a", "b", "c"} {
				for _, code := range codes {
					if r.IntN(3) == 0 || field == "c" && code != "en-US" {
						continue
					}
					if fields[field] == nil {
						fields[field] = map[string]string{}
					}
					fields[field][code] = fmt.Sprint(r.IntN(3))
					draft[code][field] = fields[field][code]
				}
			}
			b, err := json.Marshal(map[string]any{"fields": fields})
			if err != nil {
				sc.t.Fatal(err)
			}
			return string(b)
		}
		if w := sc.do("PUT "+content+"/entries/one", []string{contentOf}, random()); w.Code != 201 {
			sc.t.Fatal(w.Body)
		}
		for v := 1; v < 150; {
			var call, body string
			next, status := maps.Clone(published), 200
			switch r.IntN(5) {
			case 0:
				call, body = "PUT "+content+"/entries/one", random()
			case 1:
				call = "PUT " + content + "/entries/one/published"
				for _, code := range codes {
					next[code] = draft[code]
				}
			case 2, 3:
				add := some()
				call, body = "PUT "+content+"/entries/one/published", inLocales("add", add...)
				for _, code := range add {
					next[code] = draft[code]
				}
			default:
				remove := some()
				call, body = []string{"PUT ", "DELETE "}[r.IntN(2)]+content+"/entries/one/published", inLocales("remove", remove...)
				for _, code := range remove {
					delete(next, code)
				}
				if len(next) == len(published) {
					status = 400
				}
			}
			w := sc.do(call, version(v), body)
			if w.Code != status {
				sc.t.Fatalf("%s %s: %d %s", call, body, w.Code, w.Body)
			}
			if status == 200 {
				v++
				published = next
			}
			wantStatus := map[string]string{}
			for _, code := range codes {
				switch {
				case published[code] == nil:
					wantStatus[code] = "draft"
				case maps.Equal(published[code], draft[code]):
					wantStatus[code] = "published"
				default:
					wantStatus[code] = "changed"
				}
			}
			wantFields := map[string]map[string]string{}
			for code, values := range published {
				for field, value := range values {
					if wantFields[field] == nil {
						wantFields[field] = map[string]string{}
					}
					wantFields[field][code] = value
				}
			}
			var latest struct {
				Sys struct {
					FieldStatus      map[string]map[string]string
					PublishedVersion int
				}
			}
			var list struct {
				Items []struct{ Fields map[string]map[string]string }
			}
			decodeInto(sc.t, sc.do("GET "+content+"/entries/one", nil, "").Body.String(), &latest)
			decodeInto(sc.t, sc.do("GET "+content+"/public/entries", nil, "").Body.String(), &list)
			if diff := cmp.Diff(wantStatus, latest.Sys.FieldStatus["*"]); diff != "" {
				sc.t.Fatalf("%s %s: the status (-want +got)\n%s", call, body, diff)
			}
			if (len(published) > 0) != (latest.Sys.PublishedVersion > 0) || len(list.Items) != min(1, len(published)) {
				sc.t.Fatalf("%s %s: %d locales are published, %v, %d listed", call, body, len(published), latest.Sys, len(list.Items))
			}
			if len(published) > 0 {
				if diff := cmp.Diff(wantFields, list.Items[0].Fields); diff != "" {
					sc.t.Fatalf("%s %s: what is published (-want +got)\n%s", call, body, diff)
				}
			}
			// a search over what is published sees no other values
			for _, code := range codes {
				query := content + "/public/entries?content_type=post&fields.a." + code + "[exists]=true"
				found := !strings.Contains(sc.do("GET "+query, nil, "").Body.String(), `"total":0`)
				if _, want := published[code]["a"]; found != want {
					sc.t.Fatalf("%s %s: %s finds something: %v", call, body, query, found)
				}
			}
		}
	})
}

func decodeInto(t *testing.T, body string, dst any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), dst); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
}
