package transfer

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
)

// sys is the sys of a resource as the management API shows it.
type sys struct {
	ID               string                       `json:"id"`
	Version          int                          `json:"version"`
	CreatedAt        time.Time                    `json:"createdAt"`
	UpdatedAt        time.Time                    `json:"updatedAt"`
	CreatedBy        cms.Link                     `json:"createdBy"`
	UpdatedBy        cms.Link                     `json:"updatedBy"`
	PublishedVersion int                          `json:"publishedVersion"`
	PublishedCounter int                          `json:"publishedCounter"`
	PublishedAt      time.Time                    `json:"publishedAt"`
	FirstPublishedAt time.Time                    `json:"firstPublishedAt"`
	PublishedBy      cms.Link                     `json:"publishedBy"`
	ArchivedVersion  int                          `json:"archivedVersion"`
	ArchivedAt       time.Time                    `json:"archivedAt"`
	ArchivedBy       cms.Link                     `json:"archivedBy"`
	ContentType      cms.Link                     `json:"contentType"`
	Visibility       string                       `json:"visibility"`
	FieldStatus      map[string]map[string]string `json:"fieldStatus"`
	DeprecatedAt     time.Time                    `json:"deprecatedAt"` // of concepts, too: by and for what
	DeprecatedBy     cms.Link                     `json:"deprecatedBy"`
	ReplacedBy       cms.Link                     `json:"replacedBy"`
}

// resource is what all resources have.
type resource struct {
	Sys sys `json:"sys"`
}

// of is the sys that authoring keeps.
func (s sys) of(kind cms.Kind, id string) cms.Sys {
	at := func(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
	return cms.Sys{
		Kind: kind, ID: id, ContentType: s.ContentType.Sys.ID, Version: s.Version,
		CreatedAt: at(s.CreatedAt), UpdatedAt: at(s.UpdatedAt), CreatedBy: s.CreatedBy.Sys.ID, UpdatedBy: s.UpdatedBy.Sys.ID,
		PublishedVersion: s.PublishedVersion, PublishedCounter: s.PublishedCounter, PublishedAt: at(s.PublishedAt),
		FirstPublishedAt: at(s.FirstPublishedAt), PublishedBy: s.PublishedBy.Sys.ID,
		ArchivedVersion: s.ArchivedVersion, ArchivedAt: at(s.ArchivedAt), ArchivedBy: s.ArchivedBy.Sys.ID,
	}
}

// keptBy reports whether a resource has this version and these times, some of which are
// shown in seconds.
func (s sys) keptBy(there cms.Sys) bool {
	at := func(wanted, t time.Time) bool { return t.Equal(wanted) || t.Truncate(time.Second).Equal(wanted) }
	return there.Version == s.Version && at(s.CreatedAt, there.CreatedAt) && at(s.UpdatedAt, there.UpdatedAt)
}

// publishedIn are the codes of the locales in which an entity is published; nil
// means all.
func (s sys) publishedIn() []string {
	var in []string
	all := true
	for code, status := range s.FieldStatus["*"] {
		if status == "draft" {
			all = false
		} else {
			in = append(in, code)
		}
	}
	if all || in == nil {
		return nil
	}
	slices.Sort(in)
	return in
}

// changedSomewhere reports whether some locale is published as it was before.
func (s sys) changedSomewhere() bool {
	return slices.Contains(slices.Collect(maps.Values(s.FieldStatus["*"])), "changed")
}

// entity is an entry or asset.
type entity struct {
	Sys       sys                        `json:"sys"`
	Metadata  json.RawMessage            `json:"metadata"`
	Fields    map[string]json.RawMessage `json:"fields"`
	Published *struct {
		Metadata json.RawMessage            `json:"metadata"`
		Fields   map[string]json.RawMessage `json:"fields"`
	} `json:"published"`
	Files map[string]fileSum `json:"files"`
}

func parseEntity(raw json.RawMessage) (entity, error) {
	var e entity
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, err
	}
	if e.Sys.ID == "" {
		return e, errors.New("it has no sys.id")
	}
	return e, nil
}

// arrival is what authoring makes of it. both says that the export has the published
// version too where it differs, as a folder does, and lost that there was one and it is
// not here.
func (e entity) arrival(kind cms.Kind, keep, both bool) (a authoring.Arrival, lost bool) {
	published := e.Sys.PublishedVersion > 0 && e.Sys.ArchivedVersion == 0
	a = authoring.Arrival{
		ID: e.Sys.ID, ContentType: e.Sys.ContentType.Sys.ID, Latest: authoring.EntityInput{Fields: e.Fields, Metadata: e.Metadata},
		Publish: published, Archive: e.Sys.ArchivedVersion > 0,
	}
	kept := e.Sys.of(kind, e.Sys.ID)
	if published {
		a.Locales = e.Sys.publishedIn()
		switch {
		case e.Published != nil:
			a.Published = &authoring.EntityInput{Fields: e.Published.Fields, Metadata: e.Published.Metadata}
		case kept.Changed() && both && keep: // changed back
			a.Published = &authoring.EntityInput{Fields: maps.Clone(e.Fields), Metadata: e.Metadata}
		case kept.Changed():
			lost = !both
			kept.PublishedVersion = kept.Version - 1 // it is the latest one that is published
		default:
			lost = !both && e.Sys.changedSomewhere()
		}
	} else {
		kept.PublishedVersion = 0
	}
	if keep {
		a.Keep = &kept
	}
	return a, lost
}

// bare is a resource without what is not its own, in one spelling.
func bare(raw json.RawMessage) (string, error) {
	var members map[string]any
	if err := json.Unmarshal(raw, &members); err != nil {
		return "", err
	}
	delete(members, "sys")
	b, err := json.Marshal(members)
	return string(b), err
}

// without is an object without some of its members.
func without(raw json.RawMessage, names ...string) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	for _, n := range names {
		delete(members, n)
	}
	return json.Marshal(members)
}
