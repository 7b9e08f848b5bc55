package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Report is what came of a transfer.
type Report struct {
	Space       string `json:"space"`
	Environment string `json:"environment"`
	Path        string `json:"path"` // of the file or folder
	DryRun      bool   `json:"dryRun,omitempty"`

	Counts   []Count   `json:"counts"`
	Files    int       `json:"files"`     // of assets that were copied
	Bytes    int64     `json:"fileBytes"` // of those
	Problems []Problem `json:"problems"`
	Omitted  int       `json:"problemsOmitted,omitempty"` // of the problems, that are too many to list
	Notices  []string  `json:"notices"`
	Seconds  float64   `json:"seconds"`
}

// Count says what became of the resources of one kind. In an export only Total
// counts.
type Count struct {
	Kind      string `json:"kind"`
	Total     int    `json:"total"`
	Created   int    `json:"created,omitempty"`
	Updated   int    `json:"updated,omitempty"`
	Unchanged int    `json:"unchanged,omitempty"` // was there already, all the same
	Published int    `json:"published,omitempty"`
	Archived  int    `json:"archived,omitempty"`
	Failed    int    `json:"failed,omitempty"`
}

// Problem is why a resource is not where it should be.
type Problem struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Doing   string `json:"doing"` // what failed: read, save, publish, archive, file
	Problem string `json:"problem"`
}

// maxProblems is how many problems a report lists.
const maxProblems = 1000

// count is the line of a kind, which is made if need be.
func (r *Report) count(kind string) *Count {
	for i := range r.Counts {
		if r.Counts[i].Kind == kind {
			return &r.Counts[i]
		}
	}
	r.Counts = append(r.Counts, Count{Kind: kind})
	return &r.Counts[len(r.Counts)-1]
}

// problem adds a problem. One resource has one: the first that stops it.
func (r *Report) problem(kind, id, doing string, why string) {
	r.count(kind).Failed++
	if len(r.Problems) == maxProblems {
		r.Omitted++
		return
	}
	r.Problems = append(r.Problems, Problem{kind, id, doing, why})
}

// unreadable words why something could not be read. The decoder's own words name types of
// this program.
func unreadable(err error) string {
	var wrong *json.UnmarshalTypeError
	switch {
	case !errors.As(err, &wrong):
		return err.Error()
	case wrong.Field == "":
		return fmt.Sprintf("it is not an object, but of the type %s", wrong.Value)
	default:
		return fmt.Sprintf("%s is of the type %s, which it cannot be", wrong.Field, wrong.Value)
	}
}

func (r *Report) notice(format string, args ...any) {
	r.Notices = append(r.Notices, fmt.Sprintf(format, args...))
}

// String is a problem for people; lines after the first are indented.
func (p Problem) String() string {
	return fmt.Sprintf("%s %s, %s: %s", p.Kind, p.ID, p.Doing, strings.ReplaceAll(p.Problem, "\n", "\n  "))
}
