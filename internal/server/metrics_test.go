package server

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/typecase/typecase/internal/config"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	l := startLive(t, func(c *config.Config) { c.Metrics, c.JournalRequests = "127.0.0.1:0", 10 })
	for range 3 {
		l.send(t, "GET", master+"/entries", l.delivery, "")
	}
	l.send(t, "GET", master+"/entries?limit=1", l.delivery, "") // the same fragment, another answer
	l.fails(t, "GET", master+"/entries/none", l.preview, "", 404, "NotFoundError")
	l.fails(t, "GET", "/what/you-will", testToken, "", 404, "NotFoundError")
	l.send(t, "BREW", master+"/entries", l.delivery, "")
	l.send(t, "GET", "/healthz", "", "")

	res, err := http.Get("http://" + l.metrics.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text := read(t, res)
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	const entries = "/spaces/:space/environments/:environment/entries"
	for _, line := range []string{
		`typecase_build_info{version="` + Version + `",go="go`,
		`typecase_requests_total{api="cda",method="GET",route="` + entries + `",status="200"} 4`,
		`typecase_requests_total{api="cpa",method="GET",route="` + entries + `/:id",status="404"} 1`,
		`typecase_requests_total{api="cma",method="GET",route="",status="404"} 1`,
		`typecase_requests_total{api="cda",method="other",route="",status="404"} 1`,
		`typecase_requests_total{api="",method="GET",route="/healthz",status="200"} 1`,
		`typecase_errors_total{kind="NotFound"} 1`,
		`typecase_errors_total{kind="UnknownRoute"} 2`,
		`typecase_request_duration_seconds_count{api="cda"} 5`,
		`typecase_index_environments 1`,
		`typecase_jobs_running 0`,
		`typecase_jobs_failed_total 0`,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("there is no %s", line)
		}
	}
	for _, name := range []string{
		"index_bytes", "index_budget_bytes", "body_cache_bytes", "body_cache_budget_bytes", "body_cache_misses_total",
		"fragment_cache_bytes", "fragment_cache_budget_bytes", "fragment_cache_hits_total", "fragment_cache_misses_total",
		"answer_cache_bytes", "answer_cache_budget_bytes", "answer_cache_hits_total", "answer_cache_misses_total",
		"sql_statements_total", "commits_total", "writes_total", "journal_requests", "journal_bytes", "journal_budget_bytes",
	} {
		m := regexp.MustCompile(`(?m)^typecase_` + name + ` (\S+)$`).FindStringSubmatch(text)
		if m == nil {
			t.Errorf("there is no %s", name)
			continue
		}
		if v, err := strconv.ParseFloat(m[1], 64); err != nil || v <= 0 {
			t.Errorf("%s is %s", name, m[1])
		}
	}
	for _, secret := range []string{"you-will", "none", "BREW", testToken, l.delivery} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is what a client sent", secret)
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !regexp.MustCompile(`^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)$`).MatchString(line) {
			t.Errorf("not in the format: %s", line)
		}
	}
}

// Metrics are nowhere unless they are asked for, and never where clients are.
func TestNoMetrics(t *testing.T) {
	t.Parallel()
	l := startLive(t, nil)
	if l.metrics != nil {
		t.Errorf("metrics at %s", l.metrics.Addr())
	}
	for _, token := range []string{testToken, l.delivery} {
		l.fails(t, "GET", "/metrics", token, "", 404, "NotFoundError")
	}
	cfg := l.config
	cfg.Data, cfg.Metrics = t.TempDir(), strings.TrimPrefix(l.url, "http://")
	s, err := New(t.Context(), cfg, quiet())
	if err == nil {
		err = s.Listen()
	}
	if err == nil || !strings.HasPrefix(fmt.Sprint(err), "metrics: ") {
		t.Errorf("an address that is taken: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
