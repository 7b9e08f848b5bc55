package authoring

import (
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // not every system has the names of time zones

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// maxAhead is how many years ahead something can be scheduled.
const maxAhead = 5

// ScheduleInput is the body of a scheduled action.
type ScheduleInput struct {
	Action      string
	Entity      cms.LinkSys
	Environment string // "" when the body names none
	Sent        string
	At          time.Time
	Timezone    string
}

// ParseSchedule reads the body of a scheduled action. What else an action has that
// was read before means nothing.
func (s *Service) ParseSchedule(body []byte) (in ScheduleInput, err error) {
	var b bodyReader
	members := b.object(body, nil, "sys", "action", "entity", "environment", "scheduledFor", "payload", "error", "executedAt", "lateBy")
	if members == nil {
		return in, b.err()
	}
	in.Action = b.oneOf(members["action"], []any{"action"}, cms.ActionPublish, cms.ActionUnpublish)
	l := b.link(members["entity"], []any{"entity"}, false, append(entityTypes, string(cms.KindRelease))...)
	in.Entity = cms.LinkTo(cms.Kind(l.LinkType), l.ID).Sys
	in.Environment = b.link(members["environment"], []any{"environment"}, false, string(cms.KindEnvironment)).ID
	s.when(&b, members["scheduledFor"], &in)
	if err := b.err(); err != nil {
		return in, err
	}
	if raw := members["payload"]; raw != nil && !isNull(raw) && string(raw) != "{}" {
		return in, fault.New(fault.BadRequest, "A payload is not supported: an action publishes its entity, not what that links to. Make a release of all of them instead.")
	}
	return in, nil
}

// when reads the time of a scheduled action, which is to come.
func (s *Service) when(b *bodyReader, raw json.RawMessage, in *ScheduleInput) {
	path := []any{"scheduledFor"}
	members := b.object(raw, path, "datetime", "timezone")
	if members == nil {
		return
	}
	if zone := members["timezone"]; zone != nil && !isNull(zone) {
		name, ok := read[string](b, zone, "String", below(path, "timezone"))
		if _, err := time.LoadLocation(name); ok && (err != nil || name == "" || name == "Local") {
			b.add(fault.Detail{Name: "in", Path: below(path, "timezone"), Value: zone, Details: "Value must be the name of a time zone, such as Europe/Berlin"})
		}
		in.Timezone = name
	}
	at := below(path, "datetime")
	var ok bool
	if in.Sent, ok = read[string](b, members["datetime"], "Date", at); !ok {
		return
	}
	t, err := time.Parse(time.RFC3339, in.Sent)
	if err != nil {
		d := wrongType("datetime", "Date", members["datetime"], at...)
		d.Details += ". A time has its offset, as in 2030-03-02T09:30:00Z."
		b.add(d)
		return
	}
	in.At = t.UTC()
	now := s.Now()
	if last := now.AddDate(maxAhead, 0, 0); !in.At.After(now) || in.At.After(last) {
		low, high := now.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339)
		b.add(fault.Detail{Name: "dateRange", Path: at, Value: members["datetime"], Min: fault.Raw(low), Max: fault.Raw(high),
			Details: fmt.Sprintf("Date must be at least %s and at most %s", low, high)})
	}
}
