package authoring

import (
	"context"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
	"github.com/typecase/typecase/internal/store"
)

// maxNamed is how many resources of a kind are looked at for the ones that were
// meant.
const maxNamed = 1000

// suggest adds to a NotFound of a name the ids near it, of these kinds in a
// scope. Other errors stay as they are.
func suggest(ctx context.Context, r store.Reader, s store.Scope, err error, name string, kinds ...cms.Kind) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	near, listErr := likely(ctx, r, s, name, kinds...)
	if listErr != nil {
		return listErr
	}
	f := *fault.Of(err)
	f.Suggestions = near
	return &f
}

// likely are the ids in a scope that a name was probably meant to be.
func likely(ctx context.Context, r store.Reader, s store.Scope, name string, kinds ...cms.Kind) ([]string, error) {
	ids, err := idsOf(ctx, r, s, kinds...)
	return nearest.Likely(name, slices.Values(ids)), err
}

// maxSuggested is how many links that lead nowhere get suggestions. An error lists no
// more of them, and others wait for the transaction of a body with thousands.
const maxSuggested = 100

// suggestTargets adds to problems with links to these ids those that were probably
// meant.
func suggestTargets(ctx context.Context, r store.Reader, s store.Scope, problems []fault.Detail, to []string, kinds ...cms.Kind) error {
	if len(problems) == 0 {
		return nil
	}
	ids, err := idsOf(ctx, r, s, kinds...)
	for i := range min(len(problems), maxSuggested) {
		problems[i].Suggestions = nearest.Likely(to[i], slices.Values(ids))
	}
	return err
}

// idsOf are the ids in a scope that others are compared with.
func idsOf(ctx context.Context, r store.Reader, s store.Scope, kinds ...cms.Kind) ([]string, error) {
	var ids []string
	for _, kind := range kinds {
		heads, err := r.List(ctx, s, kind, "", maxNamed)
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			ids = append(ids, h.ID)
		}
	}
	return ids, nil
}
