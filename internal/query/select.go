package query

import "slices"

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
