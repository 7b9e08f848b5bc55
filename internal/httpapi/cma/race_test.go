package cma_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// atOnce makes requests beside each other and returns their answers.
func (sc *script) atOnce(n int, do func(i int) *httptest.ResponseRecorder) []*httptest.ResponseRecorder {
	answers := make([]*httptest.ResponseRecorder, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { answers[i] = do(i) })
	}
	wg.Wait()
	return answers
}

// TestOneWinner sends the same write with the same version many times at once:
// one is made, the others are told of it.
func TestOneWinner(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		for path, body := range map[string]string{
			content + "/entries/":       `{"fields":{"title":{"en-US":"x"}}}`,
			content + "/assets/":        `{"fields":{"file":{"en-US":` + processedFile("w") + `}}}`,
			content + "/content_types/": `{"name":"x"}`,
		} {
			for _, round := range []struct {
				name, call, body string
				header           []string
				made             int
			}{
				{"create", "PUT " + path + "w", body, []string{contentOf}, 201},
				{"save", "PUT " + path + "w", body, version(1), 200},
				{"publish", "PUT " + path + "w/published", "", version(2), 200},
				{"unpublish", "DELETE " + path + "w/published", "", nil, 200},
				{"delete", "DELETE " + path + "w", "", nil, 204},
			} {
				codes := map[int]int{}
				for _, w := range sc.atOnce(16, func(int) *httptest.ResponseRecorder { return sc.do(round.call, round.header, round.body) }) {
					codes[w.Code]++
				}
				lost := map[string]int{"unpublish": 400, "delete": 404}[round.name]
				if lost == 0 {
					lost = 409
				}
				if codes[round.made] != 1 || codes[lost] != 15 {
					sc.t.Errorf("%s %s: answers by status %v", round.name, path, codes)
				}
			}
		}
	})
}

// TestWriterRace lets writers save one entry again and again, each with the
// version it read: every version is acknowledged once and has the content of
// the writer it was acknowledged to.
func TestWriterRace(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		sc.activate("post", `{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol"},{"id":"n","name":"N","type":"Object"}]}`)
		sc.make("one", `{"n":{"en-US":[]}}`)
		const writers, saves = 16, 4
		const one = content + "/entries/one"
		var mu sync.Mutex
		acknowledged := map[int]string{}
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				for done := 0; done < saves; {
					var e struct {
						Sys    struct{ Version int }
						Fields struct {
							N struct {
								Value []string `json:"en-US"`
							}
						}
					}
					read := sc.do("GET "+one, nil, "")
					if err := json.Unmarshal(read.Body.Bytes(), &e); err != nil || read.Code != 200 {
						t.Errorf("status %d: %s", read.Code, read.Body)
						return
					}
					mine := fmt.Sprintf("%d.%d", i, done)
					all, err := json.Marshal(append(e.Fields.N.Value, mine))
					if err != nil {
						t.Error(err)
						return
					}
					w := sc.do("PUT "+one, version(e.Sys.Version), `{"fields":{"n":{"en-US":`+string(all)+`}}}`)
					switch w.Code {
					case 200:
						v := versionOf(t, w.Body.String())
						mu.Lock()
						if v != e.Sys.Version+1 || acknowledged[v] != "" {
							t.Errorf("version %d after %d acknowledged to %q and %q", v, e.Sys.Version, acknowledged[v], mine)
						}
						acknowledged[v] = mine
						mu.Unlock()
						done++
					case 409:
					default:
						t.Errorf("status %d: %s", w.Code, w.Body)
						return
					}
				}
			})
		}
		wg.Wait()
		want := make([]string, 0, writers*saves)
		for v := 2; v <= 1+writers*saves; v++ {
			want = append(want, acknowledged[v])
		}
		all, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		l := sc.entry("one", `{"n":{"en-US":`+string(all)+`}}`)
		l.version = 1 + writers*saves
		sc.play(step{name: "every save is in it", call: "GET " + one, want: l.show()})
	})
}

// TestModelRace changes a content type back and forth while entries of it are
// written: nothing is stored that the content type of that moment refuses.
func TestModelRace(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		body := func(field, newID string) string {
			return `{"name":"Post","fields":[{"id":"` + field + `","newId":"` + newID + `","name":"T","type":"Symbol"}]}`
		}
		sc.activate("post", body("a", "a"))
		stop, written := make(chan struct{}), make(chan struct{}, 1)
		var wg sync.WaitGroup
		wg.Go(func() {
			defer close(stop)
			from, to, v := "a", "b", 2
			for range 40 {
				<-written // so writers get on between the changes, too
				for _, call := range []struct{ path, body string }{{"", body(from, to)}, {"/published", ""}} {
					if w := sc.do("PUT "+content+"/content_types/post"+call.path, version(v), call.body); w.Code != 200 {
						t.Errorf("content type: status %d: %s", w.Code, w.Body)
						return
					}
					v++
				}
				from, to = to, from
			}
		})
		counts := [2]int{}
		var mu sync.Mutex
		var writers sync.WaitGroup
		for i := range 8 {
			writers.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					field := []string{"a", "b"}[n%2]
					id := fmt.Sprintf("e%d-%d", i, n)
					w := sc.do("PUT "+content+"/entries/"+id, []string{contentOf}, `{"fields":{"`+field+`":{"en-US":"`+id+`"}}}`)
					refused := w.Code == 422 && strings.Contains(w.Body.String(), `"UnknownField"`)
					if w.Code != 201 && !refused {
						t.Errorf("status %d: %s", w.Code, w.Body)
						return
					}
					// the answer shows the field by the name it had when it was stored
					if w.Code == 201 && !strings.Contains(w.Body.String(), `"fields":{"`+field+`":{"en-US":"`+id+`"}}`) {
						t.Errorf("stored %s", w.Body)
					}
					if !refused {
						select {
						case written <- struct{}{}:
						default:
						}
					}
					mu.Lock()
					counts[map[bool]int{true: 1, false: 0}[refused]]++
					mu.Unlock()
				}
			})
		}
		writers.Wait()
		close(written)
		wg.Wait()
		if counts[0] == 0 || counts[1] == 0 {
			t.Errorf("%d written, %d refused", counts[0], counts[1])
		}
		// under a's or b's name, every value is there
		w := sc.do("GET "+content+"/entries?limit=1000&skip=0&content_type=post", nil, "")
		page, _ := decoded(t, w.Body.String()).(map[string]any)
		if page["total"] != float64(counts[0]) {
			t.Errorf("%v entries, want %d", page["total"], counts[0])
		}
		for _, item := range page["items"].([]any) {
			e := item.(map[string]any)
			fields := e["fields"].(map[string]any)
			value, _ := fields["a"].(map[string]any)
			if value["en-US"] != e["sys"].(map[string]any)["id"] {
				t.Errorf("fields %v of %v", fields, e["sys"].(map[string]any)["id"])
			}
		}
	})
}

// TestDeactivationRace makes an entry while its content type is deactivated:
// one of both is refused.
func TestDeactivationRace(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.post()
		v := 2
		for i := range 12 {
			entry := fmt.Sprint(content+"/entries/e", i)
			answers := sc.atOnce(2, func(who int) *httptest.ResponseRecorder {
				if who == 0 {
					return sc.do("PUT "+entry, []string{contentOf}, `{}`)
				}
				return sc.do("DELETE "+content+"/content_types/post/published", nil, "")
			})
			switch made, gone := answers[0].Code, answers[1].Code; {
			case made == 201 && gone == 400:
				sc.play(step{name: "clear up", call: "DELETE " + entry, status: 204})
			case made == 400 && gone == 200:
				sc.play(step{name: "activate again", call: "PUT " + content + "/content_types/post/published", header: version(v + 1), find: map[string]string{"x": "sys.id"}})
				v += 2
			default:
				sc.t.Fatalf("entry: %d %s, content type: %d %s", made, answers[0].Body, gone, answers[1].Body)
			}
		}
	})
}
