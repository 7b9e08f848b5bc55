package cms

import (
	"encoding/json"
	"strings"
)

// PartID is the id in the store of what belongs to another resource, as tasks and
// comments do: with the other one's before it, all that belong to one stand in a
// row there.
func PartID(owner, id string) string { return owner + "/" + id }

// OwnID is the id by which a resource is known outside of the store.
func OwnID(id string) string { return id[strings.LastIndexByte(id, '/')+1:] }

// OwnerOf is what a resource belongs to, as PartID has it.
func OwnerOf(id string) string { return id[:max(0, strings.LastIndexByte(id, '/'))] }

// VersionID is the kind and the id in the store of the version that a release has of
// an entry or asset.
func VersionID(release string, of Kind, id string) (Kind, string) {
	kind := KindReleaseEntry
	if of == KindAsset {
		kind = KindReleaseAsset
	}
	return kind, PartID(release, id)
}

// States of tasks and comments.
const (
	StatusActive   = "active"
	StatusResolved = "resolved"
)

// Task is the stored body of a task: something that is to be done before an entry
// can be published. Its id in the store is PartID of the entry's.
type Task struct {
	Body       string `json:"body"`
	AssignedTo string `json:"assignedTo"` // user id
	Status     string `json:"status"`     // StatusActive or StatusResolved
	DueDate    string `json:"dueDate,omitempty"`
}

// Comment is the stored body of a comment. Its id in the store is PartID of what
// CommentsOn names.
type Comment struct {
	Text      string          `json:"text"`              // without any marks
	Rich      json.RawMessage `json:"rich,omitempty"`    // as rich text, if it was written as that
	Status    string          `json:"status"`            // StatusActive or StatusResolved
	Parent    string          `json:"parent,omitempty"`  // id of the comment that it answers
	Reference string          `json:"ref,omitempty"`     // the place that it is about: fields.title.en-US
	Version   int             `json:"version,omitempty"` // workflows: the version that it is about
}

// CommentsOn names what comments belong to.
func CommentsOn(kind Kind, id string) string { return string(kind) + "/" + id }
