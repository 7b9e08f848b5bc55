package errorpage

import (
	"fmt"
	"net/http"
	"strings"
)

// Text is the explanation for a terminal.
func (e Entry) Text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	list := func(title string, items []string) {
		line("\n%s", title)
		for _, item := range items {
			line("%s", wrapped("  - ", item))
		}
	}
	line("%s (%s): %d %s", e.ID, e.Kind, e.Status, http.StatusText(e.Status))
	line("%s", e.Short())
	line("\n%s", wrapped("", e.Meaning))
	line("%s", wrapped("", "Default message: "+e.Message))
	list("Usual causes", e.Causes)
	list("How to fix it", e.Fix)
	line("\nExample")
	if e.Example.Given != "" {
		line("%s", wrapped("  ", e.Example.Given))
	}
	line("%s", indented(e.Example.Curl))
	for _, a := range e.Example.Answers {
		line("\nAnswer to %s: %d %s", a.To, a.Status, http.StatusText(a.Status))
		for _, h := range a.Headers {
			line("  %s", h)
		}
		line("%s", indented(a.Pretty()))
	}
	line("\nWhat clients show")
	for _, c := range e.Clients {
		line("%s", wrapped("  - ", c.Name+": "+c.Shows))
	}
	return b.String()
}

// Short says who gets the short id, and how.
func (e Entry) Short() string {
	s := fmt.Sprintf("Official clients get the id %s", e.ShortID)
	if e.ShortStatus != e.Status {
		s += fmt.Sprintf(" with status %d", e.ShortStatus)
	}
	if e.reason {
		s += "; plain clients get it as reason"
	}
	return s + "."
}

func indented(s string) string { return "  " + strings.ReplaceAll(s, "\n", "\n  ") }

// wrapped is text in lines of at most 96 characters, the first of which begins
// with lead and the others with as much space.
func wrapped(lead, text string) string {
	const width = 96
	var b strings.Builder
	b.WriteString(lead)
	column := len(lead)
	for i, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", len(lead)))
			column = len(lead)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
