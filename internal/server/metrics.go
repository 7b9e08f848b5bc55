package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/httpapi"
	"github.com/typecase/typecase/internal/metrics"
)

// observe counts a request that has been answered. One that a limit turned away is
// no use of a space.
func (s *Server) observe(r httpapi.Served) {
	if r.Space != "" && r.Status != http.StatusTooManyRequests {
		s.usage.Add(r.Organization, r.Space, r.API, r.At)
	}
	s.requests.Add(metrics.Kind{API: r.API, Method: r.Method, Route: r.Route, Status: r.Status}, r.Fault, r.Took)
}

// listenMetrics opens the address of the metrics, if there is one. It is one of
// its own, so that who may reach it is decided by the network and needs no token.
func (s *Server) listenMetrics() error {
	if s.config.Metrics == config.Off {
		return nil
	}
	l, err := net.Listen("tcp", s.config.Metrics)
	if err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	s.metrics = l
	s.open = append(s.open, func() error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) { // serving closes it too
			return err
		}
		return nil
	})
	return nil
}

// serveMetrics answers every request to the address of the metrics with them,
// until ctx ends.
func (s *Server) serveMetrics(ctx context.Context) error {
	srv := &http.Server{
		Handler:           http.HandlerFunc(s.writeMetrics),
		ReadHeaderTimeout: readHeaderTimeout, WriteTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
	}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() }) // what it closes is of no use to anyone any more
	defer stop()
	if err := srv.Serve(s.metrics); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

func (s *Server) writeMetrics(rw http.ResponseWriter, r *http.Request) {
	var w metrics.Writer
	w.Info("typecase_build_info", "Of this server.", "version", Version, "go", runtime.Version())
	w.Requests(&s.requests)

	ix := s.index.Stats()
	w.Gauge("typecase_index_environments", "Environments in the read model.", float64(ix.Environments))
	w.Gauge("typecase_index_bytes", "Memory of the read model, estimated.", float64(ix.Bytes))
	w.Gauge("typecase_index_budget_bytes", "What the read model may take.", float64(ix.Budget))
	w.Counter("typecase_index_evictions_total", "Environments that made room for others.", float64(ix.Evictions))
	w.Gauge("typecase_body_cache_bytes", "Memory of cached bodies and documents, estimated.", float64(ix.CacheBytes))
	w.Gauge("typecase_body_cache_budget_bytes", "What they may take.", float64(ix.CacheBudget))
	w.Counter("typecase_body_cache_hits_total", "Bodies and documents that were in the cache.", float64(ix.CacheHits))
	w.Counter("typecase_body_cache_misses_total", "Bodies and documents that were read.", float64(ix.CacheMisses))

	rd := s.reading.Stats()
	w.Gauge("typecase_fragment_cache_bytes", "Memory of finished JSON, estimated.", float64(rd.Fragments.Bytes))
	w.Gauge("typecase_fragment_cache_budget_bytes", "What it may take.", float64(rd.Fragments.Budget))
	w.Counter("typecase_fragment_cache_hits_total", "Entities that were finished already.", float64(rd.Fragments.Hits))
	w.Counter("typecase_fragment_cache_misses_total", "Entities whose JSON was made.", float64(rd.Fragments.Misses))
	w.Gauge("typecase_answer_cache_bytes", "Memory of whole answers, estimated.", float64(rd.Answers.Bytes))
	w.Gauge("typecase_answer_cache_budget_bytes", "What they may take.", float64(rd.Answers.Budget))
	w.Counter("typecase_answer_cache_hits_total", "Answers that had been given before.", float64(rd.Answers.Hits))
	w.Counter("typecase_answer_cache_misses_total", "Answers that were made.", float64(rd.Answers.Misses))

	w.Counter("typecase_sql_statements_total", "Statements sent to the database.", float64(s.store.Statements()))
	commits, writes := s.store.Commits()
	w.Counter("typecase_commits_total", "Transactions that changed something.", float64(commits))
	w.Counter("typecase_writes_total", "Writes in them: those that come at the same time share one.", float64(writes))
	jobs := s.jobs.Stats()
	w.Gauge("typecase_jobs_running", "Jobs that run, or wait to be repeated.", float64(jobs.Running))
	w.Counter("typecase_jobs_done_total", "Jobs that succeeded.", float64(jobs.Done))
	w.Counter("typecase_jobs_failed_total", "Jobs that were given up.", float64(jobs.Failed))
	w.Counter("typecase_jobs_repeated_total", "Attempts that failed and were repeated.", float64(jobs.Repeated))
	if s.journal != nil {
		n, bytes := s.journal.Held()
		w.Gauge("typecase_journal_requests", "Requests that are remembered.", float64(n))
		w.Gauge("typecase_journal_bytes", "Memory of them.", float64(bytes))
		w.Gauge("typecase_journal_budget_bytes", "What they may take.", float64(s.config.JournalMemory))
	}

	s.writeWebhooks(r.Context(), &w)

	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	w.Gauge("go_goroutines", "Goroutines.", float64(runtime.NumGoroutine()))
	w.Gauge("go_memstats_heap_alloc_bytes", "Memory in use on the heap.", float64(mem.HeapAlloc))
	w.Gauge("go_memstats_sys_bytes", "Memory taken from the system.", float64(mem.Sys))
	w.Counter("go_memstats_alloc_bytes_total", "Memory allocated so far.", float64(mem.TotalAlloc))
	w.Counter("go_gc_cycles_total", "Garbage collections.", float64(mem.NumGC))

	rw.Header().Set("Content-Type", metrics.ContentType)
	_, _ = rw.Write(w.Bytes()) // who has hung up does not want them
}
