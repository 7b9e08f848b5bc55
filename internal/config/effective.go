package config

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// Setting is one effective value.
type Setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`  // secrets hidden
	Origin string `json:"origin"` // default, flag --…, environment TYPECASE_…, or file path:line
}

// Effective lists all settings of a parsed command line, in the order of
// Config.
func (s *Sources) Effective(ctx *kong.Context) []Setting {
	given := map[string]bool{}
	for _, p := range ctx.Path {
		if p.Flag != nil && !p.Resolved {
			given[p.Flag.Name] = true
		}
	}
	var out []Setting
	for _, f := range ctx.Model.Flags {
		if !isSetting(f) {
			continue
		}
		e := Setting{Name: f.Name, Value: text(f.Target.Interface()), Origin: "default"}
		if given[f.Name] {
			e.Origin = "flag --" + f.Name
		} else if v, ok := s.values[f.Name]; ok {
			e.Origin = v.origin
		}
		out = append(out, e)
	}
	return out
}

func text(v any) string {
	if list, ok := v.([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(v)
}
