package metrics

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/fault"
)

// ContentType is that of the format.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Writer writes the format. The zero value is ready.
type Writer struct {
	buf bytes.Buffer
}

// Bytes is what was written.
func (w *Writer) Bytes() []byte { return w.buf.Bytes() }

// Counter writes a number that only grows while the server runs.
func (w *Writer) Counter(name, help string, value float64) { w.one("counter", name, help, value) }

// Gauge writes a number as it is now.
func (w *Writer) Gauge(name, help string, value float64) { w.one("gauge", name, help, value) }

func (w *Writer) one(kind, name, help string, value float64) {
	w.head(kind, name, help)
	w.sample(name, value)
}

// Info writes labels, in pairs, of a constant 1.
func (w *Writer) Info(name, help string, labels ...string) {
	w.head("gauge", name, help)
	w.sample(name, 1, labels...)
}

// Requests writes what was counted.
func (w *Writer) Requests(r *Requests) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	const requests, duration, faults = "typecase_requests_total", "typecase_request_duration_seconds", "typecase_errors_total"
	w.head("counter", requests, "Requests answered.")
	for _, k := range slices.SortedFunc(maps.Keys(r.counts), func(a, b Kind) int {
		return cmp.Or(cmp.Compare(a.API, b.API), cmp.Compare(a.Route, b.Route), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Status, b.Status))
	}) {
		w.sample(requests, float64(r.counts[k].Load()), "api", k.API, "method", k.Method, "route", k.Route, "status", strconv.Itoa(k.Status))
	}
	w.head("histogram", duration, "Time from a request's headers to the end of its answer.")
	for _, api := range slices.Sorted(maps.Keys(r.times)) {
		h, sum := r.times[api], uint64(0)
		for i := range h.counts {
			le := "+Inf"
			if i < len(buckets) {
				le = number(buckets[i].Seconds())
			}
			sum += h.counts[i].Load()
			w.sample(duration+"_bucket", float64(sum), "api", api, "le", le)
		}
		w.sample(duration+"_sum", float64(h.sum.Load())/1e9, "api", api)
		w.sample(duration+"_count", float64(sum), "api", api)
	}
	w.head("counter", faults, "Errors answered, by what went wrong.")
	for k := range fault.NumKinds {
		if n := r.faults[k].Load(); n > 0 {
			w.sample(faults, float64(n), "kind", k.String())
		}
	}
}

func (w *Writer) head(kind, name, help string) {
	fmt.Fprintf(&w.buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// sample writes one line; labels are pairs of name and value.
func (w *Writer) sample(name string, value float64, labels ...string) {
	w.buf.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		w.buf.WriteByte("{,"[min(i, 1)])
		w.buf.WriteString(labels[i] + `="` + escape.Replace(labels[i+1]) + `"`)
	}
	if len(labels) > 0 {
		w.buf.WriteByte('}')
	}
	w.buf.WriteString(" " + number(value) + "\n")
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
