package httpapi

import (
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// additions are what errors say beyond the original: at the top of the body,
// where every client leaves them alone.
type additions struct {
	Current     *currentVersion `json:"current,omitempty"`
	Sent        *sentVersion    `json:"sent,omitempty"`
	Changed     []string        `json:"changed,omitzero"` // empty: no field is another one
	Fields      []string        `json:"fields,omitempty"`
	Suggestions []string        `json:"suggestions,omitempty"`
	Hint        string          `json:"hint,omitempty"`
}

// currentVersion is what a resource is now, in the words of its sys.
type currentVersion struct {
	Version   int       `json:"version"`
	UpdatedAt string    `json:"updatedAt,omitempty"`
	UpdatedBy *cms.Link `json:"updatedBy,omitempty"`
}

type sentVersion struct {
	Version int `json:"version"`
}

func additionsOf(f *fault.Error) additions {
	a := additions{Fields: f.Fields, Suggestions: f.Suggestions, Hint: f.Hint}
	v := f.Versions
	if v == nil {
		return a
	}
	a.Current = &currentVersion{Version: v.Current}
	if !v.UpdatedAt.IsZero() {
		a.Current.UpdatedAt = v.UpdatedAt.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	if v.UpdatedBy != "" {
		by := cms.LinkTo(cms.KindUser, v.UpdatedBy)
		a.Current.UpdatedBy = &by
	}
	if v.Sent != nil {
		a.Sent = &sentVersion{*v.Sent}
	}
	a.Changed = v.Changed
	return a
}

var tokenNames = map[access.TokenKind]string{
	access.Management: "a management token", access.Delivery: "a delivery key", access.Preview: "a preview key",
}

// wrongKind is the error for a token that is good, but not here. Only its holder
// can see the hint.
func wrongKind(sent, wanted access.TokenKind) error {
	f := fault.New(fault.AccessTokenInvalid, "")
	f.Hint = "The token is valid, but it is " + tokenNames[sent] + "; this endpoint takes " + tokenNames[wanted] + "."
	return f
}
