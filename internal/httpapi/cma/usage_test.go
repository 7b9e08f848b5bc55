package cma_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/store"
)

// usage is the JSON of a figure; days are those with requests, of all from one to
// another.
func usage(space, metric string, from, to time.Time, days map[string]int) string {
	of, kind, link := "{org}", "OrganizationPeriodicUsage", ""
	if space != "" {
		of, kind, link = space, "SpacePeriodicUsage", `,"space":`+linkJSON("Space", space)
	}
	total := 0
	var perDay []string
	for d := from; !d.After(to); d = d.AddDate(0, 0, 1) {
		name := d.Format(time.DateOnly)
		total += days[name]
		perDay = append(perDay, fmt.Sprintf("%q:%d", name, days[name]))
	}
	start, end := from.Format(time.DateOnly), to.Format(time.DateOnly)
	return fmt.Sprintf(`{"metric":%q,"usage":%d,"usagePerDay":{%s},"unitOfMeasure":"apiRequestsCount","dateRange":{"startAt":%q,"endAt":%q},
		"sys":{"type":%q,"id":"usage-%s-%s-%s-%s","organization":%s%s}}`,
		metric, total, strings.Join(perDay, ","), start, end, kind, metric, of, start, end, linkJSON("Organization", "{org}"), link)
}

func TestUsage(t *testing.T) {
	onBoth(t, func(sc *script) {
		sc.join("zoe")
		today := sc.now.Truncate(24 * time.Hour) // 2026-05-01
		number := func(ago int) int { return int(today.AddDate(0, 0, -ago).Unix() / 86400) }
		date := func(ago int) string { return today.AddDate(0, 0, -ago).Format(time.DateOnly) }
		count := func(space, api string, ago int, n int64) store.Usage {
			return store.Usage{Organization: sc.names["org"], Space: space, API: api, Day: number(ago), Requests: n}
		}
		if err := sc.s.Store.AddUsage(t.Context(), []store.Usage{
			count("one", "cda", 0, 5), count("one", "cda", 44, 1), count("one", "cda", 45, 100), count("one", "cma", 2, 3),
			count("two", "cda", 0, 7), count("two", "cpa", 1, 2), {Organization: "other", Space: "x", API: "cda", Day: number(0), Requests: 50},
		}); err != nil {
			t.Fatal(err)
		}
		const all, spaces = "GET /organizations/{org}/organization_periodic_usages", "GET /organizations/{org}/space_periodic_usages"
		first := today.AddDate(0, 0, -44)
		of := func(space, metric string, days map[string]int) string {
			return usage(space, metric, first, today, days)
		}
		late := today.AddDate(0, 0, -2)
		sc.play(
			step{name: "the organization", call: all, want: list(4, 0, 100,
				of("", "cda", map[string]int{date(0): 12, date(44): 1}), of("", "cma", map[string]int{date(2): 3}), of("", "cpa", map[string]int{date(1): 2}), of("", "gql", nil))},
			step{name: "its spaces", call: spaces, want: list(4, 0, 100,
				of("two", "cda", map[string]int{date(0): 7}), of("one", "cda", map[string]int{date(0): 5, date(44): 1}), of("one", "cma", map[string]int{date(2): 3}), of("two", "cpa", map[string]int{date(1): 2}))},
			step{name: "some, the least first", call: spaces + "?metric[in]=cda,cpa&order=usage&skip=1&limit=1&dateRange.startAt=" + date(2), want: list(3, 1, 1,
				usage("one", "cda", late, today, map[string]int{date(0): 5}))},
			step{name: "two days", call: all + "?metric%5Bin%5D=cda&order=-usage&limit=0&dateRange.startAt=" + date(45) + "&dateRange.endAt=" + date(44), want: list(1, 0, 100,
				usage("", "cda", today.AddDate(0, 0, -45), today.AddDate(0, 0, -44), map[string]int{date(45): 100, date(44): 1}))},
			step{name: "until a day", call: all + "?metric[in]=cma&limit=5000&dateRange.endAt=" + date(2), want: list(1, 0, 1000,
				usage("", "cma", today.AddDate(0, 0, -46), late, map[string]int{date(2): 3}))},
			step{name: "a day that is yet to come", call: all + "?metric=gql&dateRange.startAt=" + date(-1) + "&dateRange.endAt=" + date(-1), want: list(1, 0, 100,
				usage("", "gql", today.AddDate(0, 0, 1), today.AddDate(0, 0, 1), nil))},
			step{name: "nothing", call: spaces + "?dateRange.startAt=2020-01-01", want: list(0, 0, 100)},
			step{name: "for somebody else", call: all, header: as("zoe", 0), status: 403,
				want: failure("AccessDenied", "Forbidden", `{"reasons":"Only administrators may read how much an organization is used."}`)},
			step{name: "of nobody", call: "GET /organizations/none/space_periodic_usages", status: 404, want: failure("NotFound", notFound, "")},
		)
		const length = "The period must be one to 45 days long, both dates included"
		for _, period := range []string{"dateRange.startAt=" + date(45) + "&dateRange.endAt=" + date(0), "dateRange.startAt=" + date(0) + "&dateRange.endAt=" + date(1)} {
			end := period[len(period)-len(time.DateOnly):]
			sc.play(step{name: period, call: all + "?" + period, status: 400, want: invalidQuery(length, `{"name":"value","path":["dateRange","endAt"],"value":"`+end+`","details":"`+length+`"}`)})
		}
	})
}
