package webhook

import (
	"encoding/json"
	"time"

	"github.com/typecase/typecase/internal/store"
)

// maxRecordBytes is about how much memory the calls take that are not recorded yet.
const maxRecordBytes = 4 << 20

// records are the calls of a walk that are not recorded yet, the latest of them:
// no more are ever kept of a webhook.
type records struct {
	calls    []outcome
	bytes    int       // of their bodies
	recordAt time.Time // when to record them, if there are any
}

// record keeps a call for the log of the webhook.
func (w *walk) record(o outcome, now time.Time) {
	if soon := now.Add(settleTime); len(w.calls) == 0 && w.recordAt.Before(soon) {
		w.recordAt = soon
	}
	w.calls = append(w.calls, o)
	if w.bytes += o.size(); w.bytes > maxRecordBytes {
		w.recordAt = now
	}
	for len(w.calls) > maxCalls || len(w.calls) > 1 && w.bytes > 2*maxRecordBytes { // that much when the database does not take them
		w.bytes -= w.calls[0].size()
		w.calls[0] = outcome{} // the memory behind it is free
		w.calls = w.calls[1:]
	}
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
	for _, o := range w.calls {
		summary, err := json.Marshal(o.call)
		detail := []byte("{}")
		if err == nil && o.exchange != nil {
			detail, err = json.Marshal(o.exchange.detail())
		}
		if err != nil {
			w.log.Error("a call could not be recorded", "error", err)
			continue
		}
		out = append(out, store.Call{Follower: w.lane.Follower, ID: w.NewID(), Summary: summary, Detail: detail})
	}
	return out
}
