package cma_test

import (
	"strings"
	"testing"
)

// TestEditorInterfaceFollows activates a content type again and again: each
// time its editor interface rises by one version and follows its fields.
func TestEditorInterfaceFollows(t *testing.T) {
	onBoth(t, func(sc *script) {
		const path = postType + "/editor_interface"
		control := func(id, widget string) string {
			return `{"fieldId":"` + id + `","widgetId":"` + widget + `","widgetNamespace":"builtin"}`
		}
		field := func(id, more string) string { return `{"id":"` + id + `","name":"F",` + more + `}` }
		// activated makes a content type of these fields active and expects the
		// editor interface it then has
		activated := func(name string, fields []string, version int, body string) {
			sc.t.Helper()
			sc.activate("post", `{"name":"Post","displayField":null,"fields":[`+strings.Join(fields, ",")+`]}`)
			sc.play(step{name: name, call: "GET " + path, want: editor("default", body, version, "{ms}")})
		}
		const symbol, text = `"type":"Symbol"`, `"type":"Text"`
		fields := []string{field("a", symbol), field("b", text), field("c", `"type":"Array","items":{"type":"Link","linkType":"Asset"}`),
			field("d", `"type":"Integer","validations":[{"in":[1]}]`), field("e", `"type":"Link","linkType":"Entry"`), field("f", `"type":"Boolean"`), field("g", `"type":"Date"`)}
		fresh := `"controls":[` + strings.Join([]string{control("a", "singleLine"), control("b", "markdown"), control("c", "assetLinksEditor"),
			control("d", "dropdown"), control("e", "entryLinkEditor"), control("f", "boolean"), control("g", "datePicker")}, ",") + `]`
		activated("a fresh one", fields, 1, fresh)
		activated("the same again", fields, 2, fresh)

		const layout = `"editorLayout":[{"groupId":"main","items":[{"fieldId":"b"},{"groupId":"more","items":[{"fieldId":"a"}]}]}],"groupControls":[{"groupId":"main","widgetId":"topLevelTab"}]`
		own := `"controls":[{"fieldId":"a","widgetId":"x","widgetNamespace":"app","settings":{"n":1}},` + control("b", "multipleLine") + `],`
		sc.play(step{name: "one's own", call: "PUT " + path, header: version(2), body: `{` + own + layout + `}`, want: editor("default", own+layout, 3, "{ms}")})
		own += layout
		own = strings.Replace(own, `multipleLine","widgetNamespace":"builtin"}`, `multipleLine","widgetNamespace":"builtin"},`+strings.Join([]string{control("c", "assetLinksEditor"),
			control("d", "dropdown"), control("e", "entryLinkEditor"), control("f", "boolean"), control("g", "datePicker")}, ","), 1)
		activated("controls that were left out come back", fields, 4, own)

		swapped := append([]string{field("a", symbol+`,"newId":"b"`), field("b", text+`,"newId":"a"`)}, fields[2:]...)
		swap := strings.NewReplacer(`"fieldId":"a"`, `"fieldId":"b"`, `"fieldId":"b"`, `"fieldId":"a"`)
		activated("names are swapped", swapped, 5, swap.Replace(own))

		back := append([]string{field("b", symbol+`,"newId":"tmp"`), field("a", text+`,"newId":"b"`)}, fields[2:]...)
		sc.play(step{name: "back, in two saves", call: "PUT " + postType, header: version(8), body: `{"name":"Post","fields":[` + strings.Join(back, ",") + `]}`, find: map[string]string{"x": "sys.id"}})
		back = append([]string{field("tmp", symbol+`,"newId":"a"`), field("b", text)}, fields[2:]...)
		activated("of one activation", back, 6, own)

		omitted := append([]string{field("a", symbol+`,"omitted":true`)}, fields[1:]...)
		activated("omitted is still there", omitted, 7, own)
		own = strings.Replace(own, `{"fieldId":"a","widgetId":"x","widgetNamespace":"app","settings":{"n":1}},`, "", 1)
		own = strings.Replace(own, `{"fieldId":"a"}`, "", 1)
		activated("removed is dropped", fields[1:], 8, own)
		activated("one of its name starts anew", append(fields[1:len(fields):len(fields)], field("a", text)), 9, strings.Replace(own, `"widgetId":"datePicker","widgetNamespace":"builtin"}`, `"widgetId":"datePicker","widgetNamespace":"builtin"},`+control("a", "markdown"), 1))
	})
}
