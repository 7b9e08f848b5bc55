package cma_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestStatements counts the SQL statements of the common requests: few, and no
// more for a large entry than for a small one.
func TestStatements(t *testing.T) {
	onBoth(t, func(sc *script) {
		t := sc.t
		fields, values := make([]string, 50), make([]string, 50)
		for i := range fields {
			fields[i] = fmt.Sprintf(`{"id":"f%d","name":"F","type":"Symbol","validations":[]}`, i)
			values[i] = fmt.Sprintf(`"f%d":{"en-US":"ID-%d"}`, i, i)
		}
		fields[1] = strings.Replace(fields[1], `[]`, `[{"unique":true}]`, 1)
		sc.activate("post", `{"name":"Post","fields":[`+strings.Join(fields, ",")+
			`,{"id":"refs","name":"R","type":"Array","items":{"type":"Link","linkType":"Entry"}},{"id":"pics","name":"P","type":"Array","items":{"type":"Link","linkType":"Asset"}}]}`)
		var entries, assets, tags []string
		found := map[string]string{"x": "sys.id"}
		for i := range 30 {
			id := fmt.Sprint("t", i)
			sc.make(id, `{}`)
			sc.play(step{name: "asset", call: "PUT " + content + "/assets/" + id, status: 201, find: found},
				step{name: "tag", call: "PUT " + content + "/tags/" + id, body: `{"name":"` + id + `"}`, status: 201, find: found})
			entries, assets, tags = append(entries, linkJSON("Entry", id)), append(assets, linkJSON("Asset", id)), append(tags, linkJSON("Tag", id))
		}
		// count is how many statements a request takes when others have written before it
		count := func(call string, header []string, body string) int64 {
			t.Helper()
			if w := sc.do("PUT "+content+"/tags/x"+fmt.Sprint(sc.s.Store.Statements()), nil, `{"name":"`+fmt.Sprint("other", sc.s.Store.Statements())+`"}`); w.Code != 201 {
				t.Fatalf("status %d: %s", w.Code, w.Body)
			}
			before := sc.s.Store.Statements()
			if w := sc.do(call, header, body); w.Code/100 != 2 {
				t.Fatalf("%s: status %d: %s", call, w.Code, w.Body)
			}
			return sc.s.Store.Statements() - before
		}
		type costs struct{ create, get, save, publish, unpublish, archive int64 }
		of := func(id, fields, tags string) costs {
			path := content + "/entries/" + id
			body := `{"metadata":{"tags":[` + tags + `]},"fields":{` + fields + `}}`
			return costs{
				create:    count("PUT "+path, []string{contentOf}, body),
				get:       count("GET "+path, nil, ""),
				save:      count("PUT "+path, version(1), body),
				publish:   count("PUT "+path+"/published", version(2), ""),
				unpublish: count("DELETE "+path+"/published", nil, ""),
				archive:   count("PUT "+path+"/archived", nil, ""),
			}
		}
		large := strings.Join(values, ",") + `,"refs":{"en-US":[` + strings.Join(entries, ",") + `]},"pics":{"en-US":[` + strings.Join(assets, ",") + `]}`
		of("warm", "", "") // whatever is done once only
		small := of("small", `"f1":{"en-US":"x"},"refs":{"en-US":[`+entries[0]+`]},"pics":{"en-US":[`+assets[0]+`]}`, tags[0])
		big := of("big", large, strings.Join(tags, ","))
		t.Logf("small %+v, big %+v", small, big)
		if small != big {
			t.Errorf("a small entry takes %+v statements, a big one %+v", small, big)
		}
		if most := (costs{create: 10, get: 3, save: 11, publish: 17, unpublish: 11, archive: 10}); small.create > most.create || small.get > most.get || small.save > most.save ||
			small.publish > most.publish || small.unpublish > most.unpublish || small.archive > most.archive {
			t.Errorf("statements %+v, at most %+v", small, most)
		}
		for i := range 80 {
			sc.make(fmt.Sprint("l", i), `{}`)
		}
		if n := count("GET "+content+"/entries?limit=10", nil, ""); n > 20 {
			t.Errorf("%d statements to catch up and list", n)
		}
		ten, hundred := count("GET "+content+"/entries?limit=10", nil, ""), count("GET "+content+"/entries?limit=100", nil, "")
		t.Logf("list of 10: %d, of 100: %d", ten, hundred)
		if ten > 8 || hundred > ten+1 { // one for bodies that were not read before
			t.Errorf("%d statements to list 10 entries, %d to list 100", ten, hundred)
		}
	})
}
