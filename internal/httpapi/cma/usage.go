package cma

import (
	"time"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/httpapi"
)

// usageJSON is how many requests an API has answered in a period.
type usageJSON struct {
	Metric        string           `json:"metric"`
	Usage         int64            `json:"usage"`
	UsagePerDay   map[string]int64 `json:"usagePerDay"`
	UnitOfMeasure string           `json:"unitOfMeasure"`
	DateRange     dateRange        `json:"dateRange"`
	Sys           usageSys         `json:"sys"`
}

type dateRange struct {
	StartAt string `json:"startAt"`
	EndAt   string `json:"endAt"`
}

type usageSys struct {
	Type         string    `json:"type"`
	ID           string    `json:"id"`
	Organization *cms.Link `json:"organization"`
	Space        *cms.Link `json:"space,omitempty"`
}

func usageOf(u authoring.Usage) usageJSON {
	j := usageJSON{
		Metric: u.Metric, Usage: u.Requests, UsagePerDay: map[string]int64{}, UnitOfMeasure: "apiRequestsCount",
		DateRange: dateRange{u.From.Format(time.DateOnly), u.To.Format(time.DateOnly)},
		Sys:       usageSys{Type: "OrganizationPeriodicUsage", Organization: link(cms.KindOrganization, u.Organization), Space: link(cms.KindSpace, u.Space)},
	}
	of := u.Organization
	if u.Space != "" {
		of, j.Sys.Type = u.Space, "SpacePeriodicUsage"
	}
	j.Sys.ID = "usage-" + u.Metric + "-" + of + "-" + j.DateRange.StartAt + "-" + j.DateRange.EndAt
	for i, n := range u.Days {
		j.UsagePerDay[u.From.AddDate(0, 0, i).Format(time.DateOnly)] = n
	}
	return j
}

// listUsage answers how much an organization was used, or each of its spaces.
func (a *api) listUsage(bySpace bool) httpapi.Handler {
	return func(c *httpapi.Call) (httpapi.Reply, error) {
		l, err := a.s.UsageOf(c.Context(), c.Actor, c.PathValue("organization"), bySpace, c.URL.Query())
		return listed(l, usageOf, err)
	}
}
