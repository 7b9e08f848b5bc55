package delivery

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
)

// Purges are the keys of answers that have changed.
type Purges struct {
	Keys []string // without repeats, in order of change
	Next string   // where to go on
	More bool     // there is more already
}

// purgeBatch is how many changes one page looks at: those of one statement.
const purgeBatch = 1000

// Purges lists what published answers to forget, by the changes of an environment
// and of its organization's taxonomy since a position: "since", which is the Next of
// an earlier call; without it nothing is listed, and the position is where they
// stand. It asks the database four times at most, and its cost follows the number of
// changes.
//
// A position that means nothing here, because the name now stands for another
// environment or the database is an older copy, is no error: everything is to be
// forgotten then.
func (s *Service) Purges(ctx context.Context, p access.Place, params url.Values) (Purges, error) {
	since, err := readSince(params)
	if err != nil {
		return Purges{}, err
	}
	pos, err := s.store.Position(ctx, p.Environment)
	if fault.Is(err, fault.NotFound) {
		err = fault.Missing(string(cms.KindEnvironment), p.EnvironmentID, "", p.SpaceID)
	}
	if err != nil {
		return Purges{}, err
	}
	server, err := s.store.Position(ctx, store.Server)
	if err != nil {
		return Purges{}, err
	}
	here := position{p.Environment, pos.Seq, server.Seq}
	switch {
	case since == nil || *since == here:
		return Purges{Keys: []string{}, Next: here.String()}, nil
	case since.scope != here.scope || since.seq > here.seq || since.server > here.server:
		return Purges{Keys: []string{nameKey(p)}, Next: here.String()}, nil
	}
	out := Purges{Keys: []string{}}
	if since.seq < here.seq {
		changes, err := s.store.Changes(ctx, p.Environment, since.seq, purgeBatch)
		if err != nil {
			return Purges{}, err
		}
		out.Keys, out.More = keysOfChanges(p.Environment, changes), len(changes) == purgeBatch
		if len(changes) > 0 {
			since.seq = changes[len(changes)-1].Seq
		}
	}
	if since.server < here.server {
		changes, err := s.store.Changes(ctx, store.Server, since.server, purgeBatch)
		if err != nil {
			return Purges{}, err
		}
		if slices.ContainsFunc(changes, func(c store.Change) bool {
			organization, _, _ := strings.Cut(c.ID, "/")
			return (c.Kind == cms.KindConcept || c.Kind == cms.KindConceptScheme) && organization == p.Organization
		}) {
			out.Keys = append(out.Keys, taxonomyKey(p))
		}
		out.More = out.More || len(changes) == purgeBatch
		if len(changes) > 0 {
			since.server = changes[len(changes)-1].Seq
		}
	}
	out.Next = since.String()
	return out, nil
}

// keysOfChanges are the keys that go with changes readers may see.
func keysOfChanges(scope store.Scope, changes []store.Change) []string {
	seen := map[string]bool{}
	out := []string{}
	for i := range changes {
		c := &changes[i]
		k := keys{scope: scope}
		published := c.Action == store.Publish || c.PublishedBefore != c.PublishedAfter
		switch {
		case c.Kind == cms.KindEntry && published:
			k.entity(c.Kind, c.ID)
			k.named("type", c.ContentType)
			k.group("entries")
		case c.Kind == cms.KindAsset && published:
			k.entity(c.Kind, c.ID)
			k.group("assets")
		case c.Kind == cms.KindLocale, c.Kind == cms.KindTag, c.Kind == cms.KindContentType && published:
			k.group("model")
		}
		for key := range strings.FieldsSeq(string(k.buf)) {
			if !seen[key] {
				seen[key] = true
				out = append(out, key)
			}
		}
	}
	return out
}

// position is a place in the change log of an environment, and in that of the server,
// which tells of the taxonomy.
type position struct {
	scope  store.Scope
	seq    int64
	server int64
}

func (p position) String() string { return fmt.Sprintf("%d.%d.%d", p.scope, p.seq, p.server) }

// readSince is the position in the parameters, nil without one.
func readSince(params url.Values) (*position, error) {
	var problems []fault.Detail
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if name != "since" {
			problems = append(problems, fault.Detail{Name: "unknown", Path: []any{name}, Details: fmt.Sprintf("The path %q is not recognized", name),
				Suggestions: nearest.Likely(name, slices.Values([]string{"since"}))})
		}
	}
	var since *position
	if params.Has("since") {
		var ok bool
		if since, ok = parsePosition(params.Get("since")); !ok {
			problems = append(problems, fault.Detail{Name: "value", Path: []any{"since"}, Value: fault.Raw(params.Get("since")),
				Details: `Please provide the "next" of an earlier answer, or leave the parameter out to begin.`})
		}
	}
	if problems != nil {
		return nil, fault.Invalid(fault.InvalidQuery, problems...)
	}
	return since, nil
}

func parsePosition(text string) (*position, bool) {
	parts := strings.Split(text, ".")
	var n [3]uint64
	for i, part := range parts {
		var err error
		if len(parts) != len(n) {
			return nil, false
		}
		if n[i], err = strconv.ParseUint(part, 10, 63); err != nil {
			return nil, false
		}
	}
	return &position{store.Scope(n[0]), int64(n[1]), int64(n[2])}, true
}
