package authoring

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// Listing is a page of one of the small collections: spaces, environments,
// keys … They are read whole and cut here.
type Listing[T any] struct {
	Total, Skip, Limit int
	Items              []T
}

// Limits of the small collections.
const (
	defaultListing = 25
	maxListing     = 100 // a greater limit is lowered to it, not refused
)

// listing puts all resources of a collection into the order that params ask
// for, by creation without one, and cuts the page. With query only those whose
// name contains it count. As in the original, limit=0 is the usual limit, and
// parameters that mean nothing here are ignored.
func listing[T any](all []Resource[T], params url.Values, usual int, name func(T) string) (Listing[Resource[T]], error) {
	var problems []fault.Detail
	skip := whole(params, "skip", 0, &problems)
	limit := whole(params, "limit", usual, &problems)
	order := orders(params, name, &problems)
	if problems != nil {
		err := fault.Invalid(fault.InvalidQuery, problems...)
		if problems[0].Name == "value" {
			err.Message = problems[0].Details
		}
		return Listing[Resource[T]]{}, err
	}
	if q := strings.ToLower(params.Get("query")); q != "" {
		all = slices.DeleteFunc(all, func(r Resource[T]) bool { return !strings.Contains(strings.ToLower(name(r.Value)), q) })
	}
	slices.SortStableFunc(all, func(a, b Resource[T]) int {
		for _, by := range order {
			if c := by(a, b); c != 0 {
				return c
			}
		}
		return cmp.Compare(a.ID, b.ID)
	})
	if limit == 0 {
		limit = usual
	}
	limit = min(limit, maxListing)
	out := Listing[Resource[T]]{Total: len(all), Skip: skip, Limit: limit}
	all = all[min(skip, len(all)):]
	out.Items = all[:min(limit, len(all))]
	return out, nil
}

// whole reads a parameter that is a whole number of at least 0.
func whole(params url.Values, name string, usual int, problems *[]fault.Detail) int {
	raw := params.Get(name)
	if raw == "" {
		return usual
	}
	n, err := strconv.Atoi(raw)
	want := "a valid number value"
	if err == nil && n < 0 {
		want = "a value larger than or equal to 0"
	}
	if err != nil || n < 0 {
		*problems = append(*problems, fault.Detail{Name: "value", Path: []any{name}, Value: fault.Raw(raw),
			Details: fmt.Sprintf("The value provided for %q is invalid. Please provide %s", name, want)})
		return usual
	}
	return n
}

// orderPaths are what collections can be ordered by.
var orderPaths = []string{"sys.id", "sys.createdAt", "sys.updatedAt", "name"}

// orders reads order: a comma list, or order[0], order[1] … as one client
// writes it. Without one it is the order of creation.
func orders[T any](params url.Values, name func(T) string, problems *[]fault.Detail) []func(a, b Resource[T]) int {
	list := params["order"]
	for i := 0; params.Has(fmt.Sprintf("order[%d]", i)); i++ {
		list = append(list, params.Get(fmt.Sprintf("order[%d]", i)))
	}
	var out []func(a, b Resource[T]) int
	for path := range strings.SplitSeq(strings.Join(list, ","), ",") {
		path = strings.TrimSpace(path)
		plain, desc := strings.CutPrefix(path, "-")
		var by func(a, b Resource[T]) int
		switch plain {
		case "":
			continue
		case "sys.id":
			by = func(a, b Resource[T]) int { return cmp.Compare(a.ID, b.ID) }
		case "sys.createdAt", "createdAt": // without sys as access tokens are ordered
			by = byCreation[T]
		case "sys.updatedAt", "updatedAt":
			by = func(a, b Resource[T]) int { return a.UpdatedAt.Compare(b.UpdatedAt) }
		case "name":
			by = func(a, b Resource[T]) int { return cmp.Compare(name(a.Value), name(b.Value)) }
		default:
			*problems = append(*problems, fault.Detail{Name: "unknown", Path: anys(strings.Split(plain, ".")), Parameter: "order",
				Details: fmt.Sprintf("The path %q is not recognized", plain), Suggestions: nearest.Likely(plain, slices.Values(orderPaths))})
			continue
		}
		if desc {
			up := by
			by = func(a, b Resource[T]) int { return up(b, a) }
		}
		out = append(out, by)
	}
	if out == nil {
		out = append(out, byCreation[T])
	}
	return out
}

func byCreation[T any](a, b Resource[T]) int { return a.CreatedAt.Compare(b.CreatedAt) }

func anys(parts []string) []any {
	out := make([]any, len(parts))
	for i, p := range parts {
		out[i] = p
	}
	return out
}

// EmptyListing is the page of a collection that has nothing in it.
func EmptyListing(params url.Values) (Listing[Resource[struct{}]], error) {
	return listing[struct{}](nil, params, defaultListing, func(struct{}) string { return "" })
}
