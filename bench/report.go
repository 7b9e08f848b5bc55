package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"text/tabwriter"
)

// report is everything a run has measured.
type report struct {
	Entries  int       `json:"entries"`
	Rounds   int       `json:"rounds"`
	Seconds  float64   `json:"seconds"` // of each round
	CPUs     int       `json:"cpus"`
	Database string    `json:"database"`
	Rows     []row     `json:"rows"`
	Measures []measure `json:"measures"`
}

// row is one server in one scenario: medians over the rounds.
type row struct {
	Scenario string `json:"scenario"`
	Server   string `json:"server"`
	load
	Memory int64 `json:"memory"` // bytes, resident after the scenario
	// Typecase against this server, medians of the ratios of each round: requests
	// a second, and processor time per request the other way round. Above 1
	// Typecase is better.
	Ratio    float64 `json:"ratio,omitempty"`
	CPURatio float64 `json:"cpuRatio,omitempty"`
	Rounds   []load  `json:"rounds"`
}

// measure is one of the project's targets with what came out.
type measure struct {
	Work    string  `json:"work"`
	Against string  `json:"against,omitempty"`
	Value   float64 `json:"value"`
	CPU     float64 `json:"cpu,omitempty"` // the same by processor time per request
	Unit    string  `json:"unit"`
	AtMost  bool    `json:"atMost"` // the limit is an upper one
	Limit   float64 `json:"limit"`
	Aim     float64 `json:"aim"`
	Pass    bool    `json:"pass"`
}

func newReport(o options) *report {
	r := &report{Entries: o.entries, Rounds: o.rounds, Seconds: o.duration.Seconds(), CPUs: runtime.NumCPU(), Database: "SQLite"}
	if o.database != "" {
		r.Database = "PostgreSQL"
	}
	return r
}

// ratios divides a figure of a by that of b, round by round.
func ratios(a, b []load, figure func(load) float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		if d := figure(b[i]); d > 0 {
			out[i] = figure(a[i]) / d
		}
	}
	return out
}

func perSecond(l load) float64 { return l.PerSecond }
func cpuTime(l load) float64   { return l.CPU }

// add notes what servers did in a scenario.
func (r *report) add(s scenario, servers []*process, loads map[string][]load) {
	for _, p := range servers {
		rounds := loads[p.name]
		middle := func(figure func(load) float64) float64 {
			values := make([]float64, len(rounds))
			for i, l := range rounds {
				values[i] = figure(l)
			}
			return median(values)
		}
		out := row{Scenario: s.name, Server: p.name, Rounds: rounds, load: load{
			Operations: int(middle(func(l load) float64 { return float64(l.Operations) })),
			PerSecond:  middle(perSecond), CPU: middle(cpuTime), Bytes: middle(func(l load) float64 { return l.Bytes }),
			Statements: middle(func(l load) float64 { return l.Statements }),
			P50:        middle(func(l load) float64 { return l.P50 }), P99: middle(func(l load) float64 { return l.P99 }),
		}}
		if n, err := p.memory(); err == nil { // a figure less is no reason to end
			out.Memory = n
		}
		if own := loads[typecase]; own != nil && p.name != typecase {
			out.Ratio = median(ratios(own, rounds, perSecond))
			out.CPURatio = median(ratios(rounds, own, cpuTime))
		}
		r.Rows = append(r.Rows, out)
	}
}

// compared is add, and judges the scenario's targets.
func (r *report) compared(s scenario, servers []*process, loads map[string][]load) {
	r.add(s, servers, loads)
	own := loads[typecase]
	for _, t := range s.targets {
		other := loads[t.against]
		if other == nil {
			continue // not driven in this run
		}
		value := median(ratios(own, other, perSecond))
		r.Measures = append(r.Measures, measure{Work: t.work, Against: t.against, Value: value, CPU: median(ratios(other, own, cpuTime)),
			Unit: "×", Limit: t.atLeast, Aim: t.aim, Pass: value >= t.atLeast})
	}
}

// atMost notes a figure that has an upper limit.
func (r *report) atMost(work string, value float64, unit string, limit, aim float64) {
	r.Measures = append(r.Measures, measure{Work: work, Value: value, Unit: unit, AtMost: true, Limit: limit, Aim: aim, Pass: value <= limit})
}

// print writes both tables for people.
func (r *report) print(w io.Writer) error {
	fmt.Fprintf(w, "%d entries, %s, %d rounds of %.1f s each, %d processors\n\n", r.Entries, r.Database, r.Rounds, r.Seconds, r.CPUs)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "scenario\tserver\treq/s\tp50 ms\tp99 ms\tCPU µs\tSQL\tKB\tRSS MB\tTypecase ×\tby CPU ×\t")
	for _, x := range r.Rows {
		sql := "–" // the others do not say
		if strings.HasPrefix(x.Server, typecase) {
			sql = fmt.Sprintf("%.2f", x.Statements)
		}
		fmt.Fprintf(t, "%s\t%s\t%.0f\t%.2f\t%.2f\t%.0f\t%s\t%.1f\t%.0f\t%s\t%s\t\n", x.Scenario, x.Server, x.PerSecond, x.P50, x.P99, x.CPU,
			sql, x.Bytes/1e3, float64(x.Memory)/1e6, orNone(x.Ratio), orNone(x.CPURatio))
	}
	fmt.Fprintln(t)
	if err := t.Flush(); err != nil {
		return err
	}
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "work\tagainst\tmeasured\tby CPU\tlimit\taim\t")
	for _, m := range r.Measures {
		sign, verdict := "≥", "pass"
		if m.AtMost {
			sign = "≤"
		}
		if !m.Pass {
			verdict = "FAIL"
		}
		fmt.Fprintf(t, "%s\t%s\t%.2f %s\t%s\t%s %g\t%g\t%s\n", m.Work, m.Against, m.Value, m.Unit, orNone(m.CPU), sign, m.Limit, m.Aim, verdict)
	}
	return t.Flush()
}

func orNone(v float64) string {
	if v == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", v)
}
