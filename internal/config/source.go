package config

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Prefix begins the name of every environment variable of Typecase.
const Prefix = "TYPECASE_"

// EnvName is the environment variable of a setting.
func EnvName(setting string) string {
	return Prefix + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(setting))
}

// Sources gives settings their values from the environment and the settings
// file, and remembers where each came from. Flags win over the environment, the
// environment over the file, the file over defaults.
type Sources struct {
	environ []string
	loaded  bool
	values  map[string]sourced // by name of the setting
}

type sourced struct {
	value  string
	origin string
}

var _ kong.Resolver = (*Sources)(nil)

// NewSources reads variables from environ, which has the form of os.Environ.
func NewSources(environ []string) *Sources {
	return &Sources{environ: environ}
}

// Options makes a parser whose root embeds Config take values from s.
func (s *Sources) Options() []kong.Option {
	return []kong.Option{
		kong.Resolvers(s),
		kong.ExplicitGroups(Groups),
		kong.WithBeforeResolve(s.load),
		kong.ValueFormatter(func(v *kong.Value) string {
			help := kong.DefaultHelpValueFormatter(v)
			if v.Flag != nil && isSetting(v.Flag) {
				help += " ($" + EnvName(v.Name) + ")"
			}
			return help
		}),
	}
}

// load reads both sources once; kong calls it for every element of the command
// line.
func (s *Sources) load(ctx *kong.Context) error {
	if s.loaded {
		return nil
	}
	s.loaded = true
	s.values = map[string]sourced{}
	names := map[string]bool{}
	file := ""
	for _, f := range ctx.Model.Flags {
		if !isSetting(f) {
			continue
		}
		names[f.Name] = true
		if f.Name == fileSetting {
			file, _ = ctx.FlagValue(f).(string)
		}
	}
	if err := s.loadEnvironment(names); err != nil {
		return err
	}
	if file == "" {
		file = s.values[fileSetting].value
	}
	if file == "" {
		return nil
	}
	return s.loadFile(file, names)
}

func (s *Sources) loadEnvironment(names map[string]bool) error {
	byVariable := map[string]string{}
	for name := range names {
		byVariable[EnvName(name)] = name
	}
	for _, entry := range s.environ {
		variable, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(variable, Prefix) {
			continue
		}
		name, known := byVariable[variable]
		if !known {
			return unknown("environment variable", Prefix, variable, slices.Collect(maps.Keys(byVariable)))
		}
		// An empty variable counts as unset: that is what "${NAME:-}" in a
		// container's description leaves behind.
		if value != "" {
			s.values[name] = sourced{value, "environment " + variable}
		}
	}
	return nil
}

func (s *Sources) loadFile(path string, names map[string]bool) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("settings file: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	seen := map[string]int{}
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		where := fmt.Sprintf("%s:%d", path, n)
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok:
			return fmt.Errorf("%s: not of the form name = value: %s", where, line)
		case !names[name] || name == fileSetting:
			return fmt.Errorf("%s: %w", where, unknown("setting", "", name, slices.Collect(maps.Keys(names))))
		case value == "":
			return fmt.Errorf("%s: %s has no value", where, name)
		case seen[name] != 0:
			return fmt.Errorf("%s: %s is set in line %d already", where, name, seen[name])
		}
		seen[name] = n
		if _, ok := s.values[name]; !ok {
			s.values[name] = sourced{value, "file " + where}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("settings file %s: %w", path, err)
	}
	return nil
}

// Validate is part of kong.Resolver; load has checked everything.
func (s *Sources) Validate(*kong.Application) error { return nil }

// Resolve is part of kong.Resolver.
func (s *Sources) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if v, ok := s.values[flag.Name]; ok && isSetting(flag) {
		return v.value, nil
	}
	return nil, nil
}

// fileSetting is the one setting a file cannot have: which file to read.
const fileSetting = "config"

// isSetting tells a setting from a command's own flag: settings have a group.
func isSetting(f *kong.Flag) bool { return f.Group != nil }
