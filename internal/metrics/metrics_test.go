package metrics

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
)

func TestWriter(t *testing.T) {
	t.Parallel()
	var r Requests
	get := Kind{"cda", "GET", "/spaces/:space", 200}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				r.Add(get, nil, 2*time.Millisecond)
			}
		})
	}
	all.Wait()
	r.Add(Kind{"cda", "GET", "/spaces/:space", 404}, fault.New(fault.NotFound, ""), time.Minute)
	var w Writer
	w.Gauge("typecase_bytes", "Bytes.", 1.5)
	w.Info("typecase_build_info", "Build.", "version", `a"b\c`)
	w.Requests(&r)
	const want = `# HELP typecase_bytes Bytes.
# TYPE typecase_bytes gauge
typecase_bytes 1.5
# HELP typecase_build_info Build.
# TYPE typecase_build_info gauge
typecase_build_info{version="a\"b\\c"} 1
# HELP typecase_requests_total Requests answered.
# TYPE typecase_requests_total counter
typecase_requests_total{api="cda",method="GET",route="/spaces/:space",status="200"} 800
typecase_requests_total{api="cda",method="GET",route="/spaces/:space",status="404"} 1
# HELP typecase_request_duration_seconds Time from a request's headers to the end of its answer.
# TYPE typecase_request_duration_seconds histogram
typecase_request_duration_seconds_bucket{api="cda",le="0.0001"} 0
typecase_request_duration_seconds_bucket{api="cda",le="0.00025"} 0
typecase_request_duration_seconds_bucket{api="cda",le="0.0005"} 0
typecase_request_duration_seconds_bucket{api="cda",le="0.001"} 0
typecase_request_duration_seconds_bucket{api="cda",le="0.0025"} 800
typecase_request_duration_seconds_bucket{api="cda",le="0.005"} 800
typecase_request_duration_seconds_bucket{api="cda",le="0.01"} 800
typecase_request_duration_seconds_bucket{api="cda",le="0.025"} 800
typecase_request_duration_seconds_bucket{api="cda",le="0.05"} 800
typecase_request_duration_seconds_bucket{api="cda",le="0.1"} 800
typecase_request_duration_seconds_bucket{api="cda",le="0.25"} 800
typecase_request_duration_seconds_bucket{api="cda",le="0.5"} 800
typecase_request_duration_seconds_bucket{api="cda",le="1"} 800
typecase_request_duration_seconds_bucket{api="cda",le="5"} 800
typecase_request_duration_seconds_bucket{api="cda",le="30"} 800
typecase_request_duration_seconds_bucket{api="cda",le="+Inf"} 801
typecase_request_duration_seconds_sum{api="cda"} 61.6
typecase_request_duration_seconds_count{api="cda"} 801
# HELP typecase_errors_total Errors answered, by what went wrong.
# TYPE typecase_errors_total counter
typecase_errors_total{kind="NotFound"} 1
`
	if diff := cmp.Diff(want, string(w.Bytes())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	var r Requests
	k := Kind{"cda", "GET", "/spaces/:space", 200}
	r.Add(k, nil, time.Millisecond)
	if n := testing.AllocsPerRun(100, func() { r.Add(k, nil, time.Millisecond) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	var r Requests
	k := Kind{"cda", "GET", "/spaces/:space/environments/:environment/entries", 200}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.Add(k, nil, time.Millisecond)
		}
	})
}
