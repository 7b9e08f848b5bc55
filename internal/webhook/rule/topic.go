package rule

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/nearest"
)

// topics are the types and actions a topic can be made of. An event happens
// when the change log has a change whose kind and action stand here; for a new
// kind of resource one line is all it takes. Types nothing makes here are known
// too: exported definitions name them.
var topics = map[string][]string{
	"ContentType":          {"create", "save", "publish", "unpublish", "delete"},
	"Entry":                {"create", "save", "auto_save", "archive", "unarchive", "publish", "unpublish", "delete"},
	"Asset":                {"create", "save", "auto_save", "archive", "unarchive", "publish", "unpublish", "delete"},
	"Task":                 {"create", "save", "delete"},
	"Comment":              {"create", "save", "delete"},
	"Release":              {"create", "save", "archive", "unarchive", "delete"},
	"ReleaseAction":        {"create", "execute"},
	"ReleaseEntity":        {"save", "auto_save"},
	"ReleaseEntry":         {"save", "auto_save"},
	"ReleaseAsset":         {"save", "auto_save"},
	"BulkAction":           {"create", "execute"},
	"BulkContentOperation": {"create", "complete"},
	"ScheduledAction":      {"create", "save", "delete", "execute"},
	"Workflow":             {"create", "save", "complete"},
	"EnvironmentAlias":     {"create", "save", "changeTarget", "delete"},
	"TemplateInstallation": {"complete"},
	"AppInstallation":      {"create", "update", "delete"},
}

// IsEvent reports whether an action on a type of resource is an event.
func IsEvent(kind, action string) bool { return slices.Contains(topics[kind], action) }

// Types are the known types.
func Types() []string { return slices.Sorted(maps.Keys(topics)) }

// actions are those of all types, with repeats.
func actions() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, of := range topics {
			for _, a := range of {
				if !yield(a) {
					return
				}
			}
		}
	}
}

// CheckTopic says what is wrong with a topic, "" if nothing; likely are topics
// that may be meant.
func CheckTopic(topic string) (problem string, likely []string) {
	kind, action, ok := strings.Cut(topic, ".")
	if !ok || kind == "" || action == "" {
		return `A topic is a type and an action, such as "Entry.publish" or "*.*".`, nil
	}
	of, known := topics[kind]
	if !known && kind != "*" {
		for _, k := range near(kind, maps.Keys(topics)) {
			likely = append(likely, k+"."+action)
		}
		return "There is no type of resource \"" + kind + "\". Types are spelled as in sys.type.", likely
	}
	all := slices.Values(of)
	if kind == "*" {
		all = actions()
	}
	if action == "*" || contains(all, action) {
		return "", nil
	}
	for _, a := range near(action, all) {
		likely = append(likely, kind+"."+a)
	}
	return "Nothing of the type \"" + kind + "\" has the action \"" + action + "\".", likely
}

func contains(all iter.Seq[string], s string) bool {
	for one := range all {
		if one == s {
			return true
		}
	}
	return false
}

// near are the names close to what was written, first of all the one that
// differs in case only.
func near(name string, all iter.Seq[string]) []string {
	for one := range all {
		if strings.EqualFold(one, name) {
			return []string{one}
		}
	}
	return nearest.Likely(name, all)
}

// Wants reports whether one of a definition's topics stands for an event.
func Wants(topics []string, kind, action string) bool {
	return slices.ContainsFunc(topics, func(t string) bool {
		k, a, _ := strings.Cut(t, ".")
		return (k == "*" || k == kind) && (a == "*" || a == action)
	})
}
