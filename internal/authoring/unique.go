package authoring

import (
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/validate"
)

// uniqueSpace names the key space of one unique field in one locale. It is
// built from keys, so a rename of field or locale leaves claimed values alone.
func uniqueSpace(contentType, fieldKey, localeKey string) string {
	return "field:" + contentType + "." + fieldKey + "." + localeKey
}

// uniqueStoreKeys are the keys an entry claims when it is published.
func uniqueStoreKeys(contentType string, keys []validate.UniqueKey) []store.Key {
	out := make([]store.Key, len(keys))
	for i, k := range keys {
		out[i] = store.Key{Space: uniqueSpace(contentType, k.FieldKey, k.LocaleKey), Value: k.Value}
	}
	return out
}

// conflictsOf are those of an entry's unique values that others have published.
func conflictsOf(h store.Head, keys []validate.UniqueKey, owners map[store.Key]string) []store.Conflict {
	var taken []store.Conflict
	for _, k := range uniqueStoreKeys(h.ContentType, keys) {
		if owner := owners[k]; owner != "" && owner != store.OwnerOf(cms.KindEntry, h.ID) {
			taken = append(taken, store.Conflict{Key: k, Owner: owner})
		}
	}
	return taken
}

// uniqueProblems are the problems of values that other entries have published.
func uniqueProblems(contentType string, keys []validate.UniqueKey, conflicts []store.Conflict) []fault.Detail {
	var problems []fault.Detail
	for _, k := range keys {
		for _, c := range conflicts {
			if c.Space == uniqueSpace(contentType, k.FieldKey, k.LocaleKey) && c.Value == k.Value {
				_, id, _ := strings.Cut(c.Owner, "/")
				problems = append(problems, validate.UniqueProblem(k, cms.LinkTo(cms.KindEntry, id)))
			}
		}
	}
	return problems
}
