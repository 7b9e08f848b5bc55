package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// request is one HTTP request, ready to send.
type request struct {
	bytes []byte
	want  int // status
}

// newRequest writes a request; header is names and values in turn.
func newRequest(want int, method, target, body string, header ...string) request {
	var b strings.Builder
	b.WriteString(method + " " + target + " HTTP/1.1\r\nHost: bench\r\n")
	for i := 0; i+1 < len(header); i += 2 {
		b.WriteString(header[i] + ": " + header[i+1] + "\r\n")
	}
	if body != "" {
		b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	b.WriteString("\r\n" + body)
	return request{[]byte(b.String()), want}
}

// client is one connection that stays open. It costs little beside the servers
// and the same for each: requests are written as they stand; of answers the status
// is checked and the length found, and they are read to their end.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(addr string) (*client, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReaderSize(conn, 64<<10)}, nil
}

// send makes a request and passes the body of the answer to sink.
func (c *client) send(r request, sink io.Writer) (http.Header, error) {
	if _, err := c.conn.Write(r.bytes); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != r.want {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 500)) // for the message only
		head, _, _ := strings.Cut(string(r.bytes), "\r\n")
		return nil, fmt.Errorf("%s: %s, not %d: %s", head, res.Status, r.want, text)
	}
	_, err = io.Copy(sink, res.Body)
	return res.Header, err
}

// exchange makes a request and returns how many bytes the body of the answer has.
func (c *client) exchange(r request) (int, error) {
	if _, err := c.conn.Write(r.bytes); err != nil {
		return 0, err
	}
	status, err := c.line()
	if err != nil {
		return 0, err
	}
	if len(status) < 12 || string(status[9:12]) != strconv.Itoa(r.want) {
		return 0, fmt.Errorf("%s, not %d", status, r.want)
	}
	length, chunked := 0, false
	for {
		line, err := c.line()
		if err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	switch {
	case r.want == http.StatusNoContent || r.want == http.StatusNotModified:
		return 0, nil
	case chunked:
		return c.chunks()
	}
	return c.in.Discard(length)
}

// chunks reads a body that comes in pieces.
func (c *client) chunks() (int, error) {
	for all := 0; ; {
		line, err := c.line()
		if err != nil {
			return all, err
		}
		n, err := strconv.ParseUint(string(line), 16, 31)
		if err != nil {
			return all, err
		}
		if _, err := c.in.Discard(int(n) + len("\r\n")); err != nil || n == 0 {
			return all, err
		}
		all += int(n)
	}
}

// line is the next line without its end, until the next read.
func (c *client) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

// operation is what one client does again and again: one request or several,
// one after the other.
type operation func(worker int, r *rand.Rand) []request

// load is what came of driving a server for a while.
type load struct {
	Operations int     `json:"operations"`
	PerSecond  float64 `json:"perSecond"`
	P50        float64 `json:"p50"` // milliseconds
	P99        float64 `json:"p99"`
	CPU        float64 `json:"cpu"` // microseconds of the server per operation
	Bytes      float64 `json:"bytes"`
	Statements float64 `json:"statements"` // of SQL per operation, if the server says
}

// drive lets clients work for d and measures.
func drive(s *process, op operation, clients int, d time.Duration, seed uint64) (load, error) {
	var (
		mu    sync.Mutex
		took  []time.Duration
		size  int
		first error
		wg    sync.WaitGroup
	)
	fail := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if first == nil {
			first = err
		}
	}
	conns := make([]*client, clients)
	for i := range conns {
		var err error
		if conns[i], err = dial(s.addr); err != nil {
			return load{}, err
		}
		defer conns[i].conn.Close()
	}
	sent, err := s.statements()
	if err != nil {
		return load{}, err
	}
	before, err := s.cpu()
	if err != nil {
		return load{}, err
	}
	start := time.Now()
	end := start.Add(d)
	for i, c := range conns {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			var mine []time.Duration
			read := 0
			for now := time.Now(); now.Before(end); {
				for _, r := range op(i, random) {
					n, err := c.exchange(r)
					if err != nil {
						head, _, _ := strings.Cut(string(r.bytes), "\r\n")
						fail(fmt.Errorf("%s: %w", head, err))
						return
					}
					read += n
				}
				then := time.Now()
				mine = append(mine, then.Sub(now))
				now = then
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			size += read
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	after, err := s.cpu()
	if err == nil {
		err = first
	}
	if err != nil || len(took) == 0 {
		return load{}, fmt.Errorf("%s: %d operations: %w", s.name, len(took), err)
	}
	now, err := s.statements()
	if err != nil {
		return load{}, err
	}
	slices.Sort(took)
	n := float64(len(took))
	return load{
		Operations: len(took), PerSecond: n / elapsed.Seconds(), Bytes: float64(size) / n, Statements: (now - sent) / n,
		P50: millis(quantile(took, 0.5)), P99: millis(quantile(took, 0.99)), CPU: (after - before).Seconds() * 1e6 / n,
	}, nil
}

func millis(d time.Duration) float64 { return d.Seconds() * 1e3 }

// quantile is the value that a share of the sorted values does not exceed.
func quantile[T any](sorted []T, share float64) T {
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	return quantile(slices.Sorted(slices.Values(values)), 0.5)
}
