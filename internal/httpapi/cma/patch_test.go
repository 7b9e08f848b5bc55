package cma_test

import (
	"strconv"
	"strings"
	"testing"
)

func TestPatch(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.activate("post", `{"name":"Post","fields":[`+postFields+`,{"id":"list","name":"L","type":"Array","items":{"type":"Symbol"}},{"id":"n","name":"N","type":"Number"}]}`)
		const one = content + "/entries/one"
		l := sc.entry("one", `{"title":{"en-US":"a"}}`)
		sc.play(
			step{name: "tag", call: "PUT " + content + "/tags/a", body: `{"name":"A"}`, status: 201, find: map[string]string{"x": "name"}},
			step{name: "create", call: "PUT " + one, header: []string{contentOf}, body: `{"fields":{"title":{"en-US":"a"}}}`, status: 201, want: l.show()},
		)
		header := func() []string {
			return append(version(l.version), "Content-Type: application/json-patch+json; charset=utf-8")
		}
		yes := func(name, patch, rest string) {
			t := sc.t
			t.Helper()
			st := step{name: name, call: "PATCH " + one, header: header(), body: patch}
			st.want = l.saved(rest).show()
			sc.play(st, step{name: name + ", read", call: "GET " + one, want: l.show()})
		}
		yes("replace", `[{"op":"replace","path":"/fields/title/en-US","value":"b"}]`, none+`"fields":{"title":{"en-US":"b"}}`)
		yes("add a field", `[{"op":"add","path":"/fields/list","value":{"en-US":["x","y"]}}]`, none+`"fields":{"title":{"en-US":"b"},"list":{"en-US":["x","y"]}}`)
		yes("in an array", `[{"op":"add","path":"/fields/list/en-US/-","value":"z"},{"op":"remove","path":"/fields/list/en-US/0"},{"op":"move","from":"/fields/list/en-US/1","path":"/fields/list/en-US/0"}]`,
			none+`"fields":{"title":{"en-US":"b"},"list":{"en-US":["z","y"]}}`)
		yes("an exact number", `[{"op":"add","path":"/fields/n","value":{"en-US":9007199254740993}}]`, none+`"fields":{"title":{"en-US":"b"},"list":{"en-US":["z","y"]},"n":{"en-US":9007199254740993}}`)
		yes("test and copy", `[{"op":"test","path":"/fields/title/en-US","value":"b"},{"op":"copy","from":"/fields/title","path":"/fields/body"},{"op":"remove","path":"/fields/list"},{"op":"remove","path":"/fields/n"}]`,
			none+`"fields":{"title":{"en-US":"b"},"body":{"en-US":"b"}}`)
		yes("metadata", `[{"op":"add","path":"/metadata/tags/-","value":`+linkJSON("Tag", "a")+`}]`, `"metadata":{"tags":[`+linkJSON("Tag", "a")+`],"concepts":[]},"fields":{"title":{"en-US":"b"},"body":{"en-US":"b"}}`)
		yes("nothing", `[]`, l.rest)
		yes("no metadata, no fields", `[{"op":"remove","path":"/metadata"},{"op":"remove","path":"/fields"}]`, none+`"fields":{}`)

		const array = "The body must be a JSON Patch: an array of at most 1000 operations as RFC 6902 describes them."
		patchProblem := func(message, problem string) string {
			return failure("BadRequest", message, `{"errors":[`+problem+`]}`)
		}
		unfit := func(name, path, value, details string) string {
			return patchProblem("The JSON Patch cannot be applied: "+details, `{"name":"`+name+`","path":`+path+`,"value":`+value+`,"details":`+strconv.Quote(details)+`}`)
		}
		no := func(name, patch string, status int, want string) {
			sc.t.Helper()
			sc.play(step{name: name, call: "PATCH " + one, header: header(), body: patch, status: status, want: want})
		}
		many := `[` + strings.Repeat(`{"op":"test","path":"/fields","value":{}},`, 1000) + `{"op":"test","path":"/fields","value":{}}]`
		no("too many", many, 400, badRequest(array))
		no("no list", `{"op":"add"}`, 400, badRequest(array))
		no("no operations", `[1]`, 400, patchProblem(array, `{"name":"type","path":[0],"value":1,"type":"Object","details":"The type of an operation is incorrect, expected type: Object"}`))
		no("no body", ``, 400, badRequest(array))
		no("null", `null`, 400, badRequest(array))
		no("no JSON", `[{`, 400, badRequest(`Invalid JSON in request body: [{ (unexpected end of JSON input, at byte 2)`))
		no("the parent is missing", `[{"op":"add","path":"/fields/title/en-US","value":"x"}]`, 400,
			unfit("unknown", `[0,"path"]`, `"/fields/title/en-US"`, `There is nothing at "/fields/title". What a value is added to has to be there: add that whole, with all that it is to have.`))
		no("nothing to remove", `[{"op":"remove","path":"/fields/title"}]`, 400,
			unfit("unknown", `[0,"path"]`, `"/fields/title"`, `There is nothing at "/fields/title".`))
		no("the value differs", `[{"op":"test","path":"/fields","value":{"title":{}}}]`, 400,
			unfit("test", `[0,"value"]`, `{"title":{}}`, `The value at "/fields" is another one.`))
		no("unknown operation, no value, no path", `[{"op":"replaces","path":"/fields"},{"op":"add","path":"/fields"},{"op":"remove","path":"fields"}]`, 400, patchProblem(array,
			`{"name":"in","path":[0,"op"],"value":"replaces","expected":["add","remove","replace","move","copy","test"],"details":"Value must be one of expected values.","suggestions":["replace"]},`+
				`{"name":"required","path":[1,"value"],"details":"The property \"value\" is required here"},`+
				`{"name":"invalid","path":[2,"path"],"value":"fields","details":"A path is a JSON pointer, such as \"/fields/title\": each step has a slash in front, and a slash and a tilde in a name are ~1 and ~0."}`))
		no("the second one of two", `[{"op":"add","path":"/fields/title","value":{"en-US":"x"}},{"op":"move","from":"/fields/title","path":"/fields/title/de"}]`, 400,
			unfit("invalid", `[1,"path"]`, `"/fields/title/de"`, `"/fields/title/de" is inside of what is to be moved there.`))
		deep := `[{"op":"replace","path":"","value":{"fields":{}}}` + strings.Repeat(`,{"op":"copy","from":"","path":"/fields"}`, 199)
		no("too deep", deep+`]`, 400, badRequest("The JSON Patch cannot be applied: what comes out is nested more than 200 levels deep."))
		copied := strings.Repeat(`,{"op":"copy","from":"","path":"/fields"}`, 2)
		no("a copy that is too deep", deep+copied+`]`, 400, patchProblem("The JSON Patch cannot be applied: What would be copied is nested more than 200 levels deep.",
			`{"name":"size","path":[200,"from"],"max":200,"details":"What would be copied is nested more than 200 levels deep."}`))
		no("sys is not for change", `[{"op":"replace","path":"/sys/version","value":1}]`, 400,
			unfit("unknown", `[0,"path"]`, `"/sys/version"`, `There is nothing at "/sys".`))
		no("an unknown member", `[{"op":"add","path":"/colour","value":"red"}]`, 422, problems("InvalidEntry", `{"name":"unknown","path":["colour"],"value":"red","details":"The property \"colour\" is not allowed here."}`))
		no("fields that are none", `[{"op":"replace","path":"/fields","value":[1]}]`, 422, problems("InvalidEntry", `{"name":"type","type":"Object","path":["fields"],"value":[1],"details":"The type of \"fields\" is incorrect, expected type: Object"}`))
		no("another document", `[{"op":"replace","path":"","value":[]}]`, 422, problems("InvalidEntry", `{"name":"type","type":"Object","path":[],"value":[],"details":"The type of \"value\" is incorrect, expected type: Object"}`))
		no("an unknown field", `[{"op":"add","path":"/fields/nope","value":{"en-US":1}}]`, 422,
			failure("UnknownField", `No field with id "nope" found.`, `{"errors":[{"name":"unknown","path":["fields","nope"],"value":{"en-US":1},"details":"The property \"nope\" is not allowed here."}]}`))
		no("a wrong value", `[{"op":"add","path":"/fields/title","value":{"en-US":1}}]`, 422,
			problems("InvalidEntry", `{"name":"type","type":"Symbol","path":["fields","title","en-US"],"value":1,"details":"The type of \"value\" is incorrect, expected type: Symbol"}`))
		sc.play(
			step{name: "as JSON", call: "PATCH " + one, header: append(version(l.version), "Content-Type: application/json"), body: `[]`, status: 415,
				want: failure("UnsupportedMediaType", "The content type of the request body must be application/json-patch+json.", "")},
			step{name: "outdated", call: "PATCH " + one, header: append(header()[1:], version(1)...), body: `[]`, status: 409, want: with("changed", `["title"]`, tooOld("Entry", "one", l.version, 1))},
			step{name: "no such entry", call: "PATCH " + content + "/entries/two", header: header(), body: `[]`, status: 404, want: lacking("Entry", "two")},
			step{name: "nothing of all this was kept", call: "GET " + one, want: l.show()},
			step{name: "archive", call: "PUT " + one + "/archived", want: l.archive().show()},
			step{name: "archived", call: "PATCH " + one, header: header(), body: `[{"op":"test","path":"","value":1}]`, status: 400, want: badRequest("Cannot edit archived")},
			step{name: "no PATCH of assets", call: "PATCH " + content + "/assets/one", header: header(), body: `[]`, status: 404,
				want: failure("UnknownRoute", "The path you tried to reach is unknown or doesn't support this HTTP method.", "")},
		)
	})
}

// TestPatchGrowth makes sure that a small patch does not make a huge entry.
func TestPatchGrowth(t *testing.T) {
	t.Parallel()
	sc := newScript(t)
	sc.activate("post", `{"name":"Post","fields":[{"id":"any","name":"A","type":"Object"}]}`)
	sc.play(step{name: "create", call: "PUT " + content + "/entries/one", header: []string{contentOf}, body: `{"fields":{"any":{"en-US":{"v":"` + strings.Repeat("x", 900_000) + `"}}}}`, status: 201, find: map[string]string{"x": "sys.id"}})
	header := append(version(1), "Content-Type: application/json-patch+json")
	copies := func(n int) string {
		ops := make([]string, n)
		for i := range ops {
			ops[i] = `{"op":"copy","from":"/fields/any/en-US/v","path":"/fields/any/en-US/w` + strings.Repeat("w", i) + `"}`
		}
		return `[` + strings.Join(ops, ",") + `]`
	}
	sc.play(
		step{name: "over the size of an entry", call: "PATCH " + content + "/entries/one", header: header, body: copies(2), status: 422,
			want: problems("InvalidEntry", `{"name":"size","path":[],"max":2097152,"details":"Size must be at most 2097152 bytes"}`)},
		step{name: "over what is copied at all", call: "PATCH " + content + "/entries/one", header: header, body: copies(900), status: 400, find: map[string]string{"message": "message"}},
		step{name: "below", call: "PATCH " + content + "/entries/one", header: header, body: copies(1), find: map[string]string{"x": "sys.id"}},
	)
}
