package webhook

import (
	"encoding/json"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// maxRecordBytes is about how much memory the calls take that are not recorded yet.
const maxRecordBytes = 4 << 20

// records are the calls of a walk that are not recorded yet, the latest of them:
// no more are ever kept of a webhook.
type records struct {
	calls    []cms.WebhookCall
	bytes    int       // of their details
	recordAt time.Time // when to record them, if there are any
}

// record keeps a call for the log of the webhook.
func (w *walk) record(c cms.WebhookCall, now time.Time) {
	if soon := now.Add(settleTime); len(w.calls) == 0 && w.recordAt.Before(soon) {
		w.recordAt = soon
	}
	w.calls = append(w.calls, c)
	if w.bytes += sizeOf(c); w.bytes > maxRecordBytes {
		w.recordAt = now
	}
	for len(w.calls) > maxCalls || len(w.calls) > 1 && w.bytes > 2*maxRecordBytes { // that much when the database does not take them
		w.bytes -= sizeOf(w.calls[0])
		w.calls[0] = cms.WebhookCall{} // the memory behind it is free
		w.calls = w.calls[1:]
	}
}

func sizeOf(c cms.WebhookCall) int {
	if c.Detail == nil {
		return 0
	}
	return len(c.Detail.RequestBody) + len(c.Detail.ResponseBody)
}

// recordDue reports whether it is time to record calls.
func (w *walk) recordDue(now time.Time) bool {
	return len(w.calls) > 0 && !now.Before(w.recordAt)
}

// recorded notes that the calls are recorded. While there are more all the time, it
// is not done too often: most of them would not be kept for long.
func (w *walk) recorded(now time.Time) {
	w.records = records{recordAt: now.Add(recordTime)}
}

// encoded are the calls as they are recorded.
func (w *walk) encoded() []store.Call {
	var out []store.Call
	for _, c := range w.calls {
		summary, err := json.Marshal(c)
		detail := []byte("{}")
		if err == nil && c.Detail != nil {
			detail, err = json.Marshal(c.Detail)
		}
		if err != nil {
			w.log.Error("a call could not be recorded", "error", err)
			continue
		}
		out = append(out, store.Call{Follower: w.lane.Follower, ID: w.NewID(), Summary: summary, Detail: detail})
	}
	return out
}
