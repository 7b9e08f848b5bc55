package config

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

const preface = `# Settings

<!-- Generated from internal/config; go test ./internal/config -update writes it. -->

Typecase runs without any. Each can be given as a flag, as an environment
variable, or as a line ` + "`name = value`" + ` of the file named by ` + "`--config`" + `. A flag
wins over the environment, the environment over the file. An unknown name in the
environment (anything that begins with TYPECASE_) or in the file is an error. An
empty variable counts as unset. ` + "`typecase config`" + ` prints the effective values and
where each comes from.
`

// Reference is docs/reference/settings.md.
func Reference() (string, error) {
	k, err := kong.New(&Config{}, kong.ExplicitGroups(Groups))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(preface)
	for _, g := range Groups {
		fmt.Fprintf(&b, "\n## %s\n\n| setting | flag | variable | default | |\n|---|---|---|---|---|\n", g.Title)
		for _, f := range k.Model.Flags {
			if !isSetting(f) || f.Group.Key != g.Key {
				continue
			}
			fmt.Fprintf(&b, "| %s | `--%s` | `%s` | %s | %s |\n", f.Name, f.Name, EnvName(f.Name), defaultOf(f), f.Help)
		}
	}
	return b.String(), nil
}

func defaultOf(f *kong.Flag) string {
	switch {
	case f.Default != "":
		return "`" + f.Default + "`"
	case f.IsBool():
		return "`false`"
	default:
		return "none"
	}
}
