package query

import (
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/cms"
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
	Members       []string // of a content type, beside these
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

// Member reports whether this member of a content type is shown.
func (s *Select) Member(name string) bool { return s == nil || slices.Contains(s.Members, name) }

// members are what a content type has beside sys, fields and metadata.
var members = []string{"name", "description", "displayField"}

// linkNames are the members of sys that are links.
var linkNames = []string{"archivedBy", "contentType", "createdBy", "environment", "publishedBy", "space", "updatedBy"}

// isLinkPart reports whether a path below sys leads into a link. Of a link there is
// all or nothing.
func isLinkPart(path string) bool {
	link, part, _ := strings.Cut(path, ".")
	return slices.Contains(linkNames, link) && slices.Contains([]string{"sys", "sys.id", "sys.linkType", "sys.type"}, part)
}

// selection reads select: a comma list of sys, fields, metadata and of paths one
// level below them; of content types, whose fields are no values, also of their
// other members. Several lists add up.
func (p *parser) selection(value string) {
	if strings.Trim(value, ", ") == "" {
		return
	}
	s := p.q.Select
	if s == nil {
		s = &Select{}
	}
	types := p.opt.Kind == cms.KindContentType
	for item := range strings.SplitSeq(value, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		p.sel++
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
		case types && slices.Contains(members, item):
			s.Members = appendNew(s.Members, item)
		case root == "sys" && isLinkPart(name):
			link, _, _ := strings.Cut(name, ".")
			s.SysNames = appendNew(s.SysNames, link)
		case types && root != "sys":
			p.unknownPath(strings.Split(item, "."))
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
	if p.sel > maxSelect {
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
