package query

import (
	"slices"
	"strings"
)

// Select is what to show of each item. A nil *Select shows everything, and its
// methods say so.
type Select struct {
	Sys           bool     // all of sys
	SysNames      []string // else these members
	Fields        bool     // all fields
	FieldIDs      []string // else these fields, by public id
	Metadata      bool     // all of metadata
	MetadataNames []string // else tags, concepts
}

// AnySys reports whether sys is shown at all.
func (s *Select) AnySys() bool { return s == nil || s.Sys || len(s.SysNames) > 0 }

// SysName reports whether this member of sys is shown.
func (s *Select) SysName(name string) bool {
	return s == nil || s.Sys || slices.Contains(s.SysNames, name)
}

// AnyField reports whether fields is shown at all.
func (s *Select) AnyField() bool { return s == nil || s.Fields || len(s.FieldIDs) > 0 }

// Field reports whether the field with this id is shown.
func (s *Select) Field(id string) bool {
	return s == nil || s.Fields || slices.Contains(s.FieldIDs, id)
}

// AnyMetadata reports whether metadata is shown at all.
func (s *Select) AnyMetadata() bool { return s == nil || s.Metadata || len(s.MetadataNames) > 0 }

// MetadataName reports whether this member of metadata is shown.
func (s *Select) MetadataName(name string) bool {
	return s == nil || s.Metadata || slices.Contains(s.MetadataNames, name)
}

// selection reads select: a comma list of sys, fields, metadata and of paths one
// level below them.
func (p *parser) selection(value string) {
	if strings.Trim(value, ", ") == "" {
		return
	}
	s := &Select{}
	n := 0
	for item := range strings.SplitSeq(value, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		n++
		root, name, below := strings.Cut(item, ".")
		switch {
		case root == "sys" && !below:
			s.Sys = true
		case root == "fields" && !below:
			s.Fields = true
		case root == "metadata" && !below:
			s.Metadata = true
		case root == "sys" && slices.Contains(sysNames, name):
			s.SysNames = appendNew(s.SysNames, name)
		case root == "metadata" && (name == "tags" || name == "concepts"):
			s.MetadataNames = appendNew(s.MetadataNames, name)
		case root == "fields" && below:
			if p.selectable(name, item) {
				s.FieldIDs = appendNew(s.FieldIDs, name)
			}
		default:
			p.unknownPath(strings.Split(item, "."))
		}
	}
	if n > maxSelect {
		p.add(detail("select", []string{"select"}, "At most 100 properties can be selected."))
	}
	p.q.Select = s
}

// selectable reports whether a field can be selected, and why not.
func (p *parser) selectable(id, path string) bool {
	if strings.Contains(id, ".") {
		p.unknownPath(strings.Split(path, "."))
		return false
	}
	_, ok := p.resolve([]string{"fields", id})
	return ok
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
