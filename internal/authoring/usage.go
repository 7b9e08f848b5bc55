package authoring

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

const (
	// maxUsageDays is the longest period figures are asked for at once, and the usual
	// one.
	maxUsageDays = 45

	usualUsage   = 100
	mostUsage    = 1000 // a greater limit is lowered to it
	oneDay       = 24 * time.Hour
	usageMetrics = "cma,cda,cpa,gql"
)

// Usage is how many requests an API has answered in a period, in one space or in
// all of an organization.
type Usage struct {
	Organization, Space string // ids; no space for all
	Metric              string // the API
	From, To            time.Time
	Requests            int64
	Days                []int64 // of each day from From to To
}

// UsageOf returns how much an organization, or each of its spaces, was used, the
// most used first. Spaces come with the APIs they were asked by; the organization
// with all. Only administrators may see it.
//
// Errors: fault.NotFound, fault.AccessDenied, fault.InvalidQuery.
func (s *Service) UsageOf(ctx context.Context, a access.Actor, organization string, bySpace bool, params url.Values) (Listing[Usage], error) {
	var out Listing[Usage]
	if _, err := s.Organization(ctx, organization); err != nil {
		return out, err
	}
	admin, err := administers(ctx, s.Store, a.User)
	if err == nil && !admin {
		err = denied("Only administrators may read how much an organization is used.")
	}
	if err != nil {
		return out, err
	}
	q, err := s.parseUsage(params)
	if err != nil {
		return out, err
	}
	counts, err := s.Store.Usage(ctx, organization, dayOf(q.from), dayOf(q.to))
	if err != nil {
		return out, err
	}
	type group struct{ space, metric string }
	groups := map[group]*Usage{}
	in := func(space, metric string) *Usage {
		k := group{space, metric}
		if groups[k] == nil {
			groups[k] = &Usage{Organization: organization, Space: space, Metric: metric, From: q.from, To: q.to, Days: make([]int64, dayOf(q.to)-dayOf(q.from)+1)}
		}
		return groups[k]
	}
	if !bySpace {
		for _, metric := range q.metrics {
			in("", metric)
		}
	}
	for _, c := range counts {
		if !slices.Contains(q.metrics, c.API) {
			continue
		}
		if !bySpace {
			c.Space = ""
		}
		u := in(c.Space, c.API)
		u.Requests += c.Requests
		u.Days[c.Day-dayOf(q.from)] += c.Requests
	}
	for _, u := range groups {
		out.Items = append(out.Items, *u)
	}
	slices.SortFunc(out.Items, func(a, b Usage) int {
		by := cmp.Compare(a.Requests, b.Requests)
		if q.descending {
			by = -by
		}
		return cmp.Or(by, cmp.Compare(a.Space, b.Space), cmp.Compare(a.Metric, b.Metric))
	})
	out.Total, out.Skip, out.Limit = len(out.Items), q.skip, q.limit
	out.Items = out.Items[min(q.skip, len(out.Items)):]
	out.Items = out.Items[:min(q.limit, len(out.Items))]
	return out, nil
}

func dayOf(t time.Time) int { return int(t.Unix() / int64(oneDay/time.Second)) }

// usageQuery is what is asked for.
type usageQuery struct {
	metrics     []string
	from, to    time.Time
	descending  bool
	skip, limit int
}

// parseUsage reads the parameters. What is missing of the period ends it today, or
// makes it as long as it can be.
func (s *Service) parseUsage(params url.Values) (usageQuery, error) {
	const startAt, endAt = "dateRange.startAt", "dateRange.endAt"
	var problems []fault.Detail
	q := usageQuery{metrics: strings.Split(usageMetrics, ","), descending: true}
	q.skip = whole(params, "skip", 0, &problems)
	q.limit = min(cmp.Or(whole(params, "limit", usualUsage, &problems), usualUsage), mostUsage)
	in := "metric[in]"
	if !params.Has(in) {
		in = "metric"
	}
	if asked := params.Get(in); asked != "" {
		known := q.metrics
		q.metrics = strings.Split(asked, ",")
		for _, metric := range q.metrics {
			if !slices.Contains(known, metric) {
				problems = append(problems, fault.Detail{Name: "in", Path: []any{"metric"}, Parameter: in, Value: fault.Raw(metric), Expected: anys(known),
					Details: "Value must be one of expected values", Suggestions: nearest.Likely(metric, slices.Values(known))})
			}
		}
	}
	switch order := params.Get("order"); order {
	case "", "-usage":
	case "usage":
		q.descending = false
	default:
		plain := strings.TrimPrefix(order, "-")
		problems = append(problems, fault.Detail{Name: "unknown", Path: anys(strings.Split(plain, ".")), Parameter: "order",
			Details: fmt.Sprintf("The path %q is not recognized", plain), Suggestions: nearest.Likely(plain, slices.Values([]string{"usage"}))})
	}
	today := s.Now().UTC().Truncate(oneDay)
	q.from, q.to = date(params, startAt, &problems), date(params, endAt, &problems)
	switch {
	case problems != nil:
	case q.from.IsZero() && q.to.IsZero():
		q.from, q.to = today.AddDate(0, 0, 1-maxUsageDays), today
	case q.from.IsZero():
		q.from = q.to.AddDate(0, 0, 1-maxUsageDays)
	case q.to.IsZero():
		q.to = q.from.AddDate(0, 0, maxUsageDays-1)
		if q.to.After(today) && !q.from.After(today) {
			q.to = today
		}
	}
	if problems == nil && (q.to.Before(q.from) || q.to.Sub(q.from) >= maxUsageDays*oneDay) {
		problems = append(problems, fault.Detail{Name: "value", Path: []any{"dateRange", "endAt"}, Parameter: endAt, Value: fault.Raw(params.Get(endAt)),
			Details: fmt.Sprintf("The period must be one to %d days long, both dates included", maxUsageDays)})
	}
	if problems == nil {
		return q, nil
	}
	err := fault.Invalid(fault.InvalidQuery, problems...)
	if problems[0].Name == "value" {
		err.Message = problems[0].Details
	}
	return q, err
}

// date reads a parameter that is a day; zero without it.
func date(params url.Values, name string, problems *[]fault.Detail) time.Time {
	raw := params.Get(name)
	if raw == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, raw)
	if err != nil || t.Year() < 1970 {
		*problems = append(*problems, fault.Detail{Name: "value", Path: anys(strings.Split(name, ".")), Parameter: name, Value: fault.Raw(raw),
			Details: fmt.Sprintf("The value provided for %q is invalid. Please provide a date such as 2026-05-01", name)})
	}
	return t
}
