package errorpage

import (
	"bytes"
	"fmt"

	"github.com/typecase/typecase/internal/httpapi"
)

// Reference is docs/reference/errors.md: the table of errors and an explanation
// of each.
func Reference() []byte {
	b := bytes.NewBuffer(httpapi.ErrorsReference())
	list := func(title string, items []string) {
		fmt.Fprintf(b, "\n%s:\n\n", title)
		for _, item := range items {
			fmt.Fprintf(b, "- %s\n", item)
		}
	}
	b.WriteString("\n## Explanations\n\nThe requests ask for things in the example space of `typecase demo`.\n")
	for _, e := range Catalogue("http://127.0.0.1:8080") {
		fmt.Fprintf(b, "\n### %s\n\n%d `%s`. %s\n\n%s\n", e.Kind, e.Status, e.ID, e.Short(), e.Meaning)
		list("Usual causes", e.Causes)
		list("How to fix it", e.Fix)
		if e.Example.Given != "" {
			fmt.Fprintf(b, "\nExample: %s\n", e.Example.Given)
		}
		fmt.Fprintf(b, "\n```sh\n%s\n```\n\n```json\n%s\n```\n", e.Example.Curl, e.Example.Answers[0].Pretty())
	}
	return b.Bytes()
}
