package server

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// counted counts how often a deadline is set.
type counted struct {
	net.Conn
	reads, writes int
}

func (c *counted) SetReadDeadline(t time.Time) error {
	c.reads++
	return c.Conn.SetReadDeadline(t)
}

func (c *counted) SetWriteDeadline(t time.Time) error {
	c.writes++
	return c.Conn.SetWriteDeadline(t)
}

// TestLazyDeadlineIsADeadline: a connection with lazy deadlines does what one
// without them does, whatever happens to it.
func TestLazyDeadlineIsADeadline(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		var script []step
		for range 40 {
			script = append(script, step{what: r.IntN(7), after: time.Duration(r.IntN(20)) * time.Second})
		}
		eager, lazy := play(t, script, false), play(t, script, true)
		if eager != lazy {
			t.Fatalf("%v:\n%s\nand lazily\n%s", script, eager, lazy)
		}
	}
}

type step struct {
	what  int
	after time.Duration
}

// play says what the reads of a connection came to, and when.
func play(t *testing.T, script []step, lazily bool) (told string) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		conn := ours
		if lazily {
			conn = &lazyDeadline{Conn: ours}
		}
		start := time.Now()
		reading, writing := make(chan struct{}, 1), make(chan struct{}, 1) // no two at once
		var ended []string
		// Between steps nothing moves, so the order of what is told is certain.
		for i, s := range script {
			switch s.what {
			case 0, 1:
				if len(reading) > 0 {
					break
				}
				reading <- struct{}{}
				go func() {
					n, err := conn.Read(make([]byte, 1))
					ended = append(ended, fmt.Sprintf("read %d after %v: %d, timeout %v, %v", i, time.Since(start), n, errors.Is(err, os.ErrDeadlineExceeded), err == nil))
					<-reading
				}()
			case 2:
				told += fmt.Sprintln(conn.SetReadDeadline(time.Now().Add(s.after + time.Millisecond)))
			case 3:
				told += fmt.Sprintln(conn.SetReadDeadline(time.Time{}))
			case 4:
				told += fmt.Sprintln(conn.SetReadDeadline(time.Unix(1, 0)))
			case 5:
				told += fmt.Sprintln(conn.SetDeadline(time.Now().Add(-s.after)))
			case 6:
				if len(writing) > 0 {
					break
				}
				writing <- struct{}{}
				go func() {
					_, _ = theirs.Write([]byte("x"))
					<-writing
				}()
			}
			synctest.Wait()
			time.Sleep(s.after / 2)
			synctest.Wait()
		}
		_ = ours.Close()
		_ = theirs.Close()
		synctest.Wait()
		for _, e := range ended {
			told += e + "\n"
		}
	})
	return told
}

// TestLazyDeadlineIsLazy: what net/http does for a request sets no deadline of the
// connection, but for the read that has to be interrupted.
func TestLazyDeadlineIsLazy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		defer ours.Close()
		defer theirs.Close()
		below := &counted{Conn: ours}
		conn := &lazyDeadline{Conn: below}
		set := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		request := func(background bool) {
			set(conn.SetReadDeadline(time.Now().Add(idleTimeout)))
			go func() { _, _ = theirs.Write([]byte("request")) }()
			if n, err := conn.Read(make([]byte, 100)); n != 7 || err != nil {
				t.Fatal(n, err)
			}
			set(conn.SetReadDeadline(time.Now().Add(readHeaderTimeout)))
			set(conn.SetReadDeadline(time.Time{}))
			if background {
				ended := make(chan error)
				go func() {
					_, err := conn.Read(make([]byte, 1))
					ended <- err
				}()
				synctest.Wait()
				set(conn.SetReadDeadline(time.Unix(1, 0)))
				if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Fatal(err)
				}
			} else {
				set(conn.SetReadDeadline(time.Unix(1, 0)))
				if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Fatal(err)
				}
			}
			set(conn.SetReadDeadline(time.Time{}))
			set(conn.SetWriteDeadline(time.Time{}))
			time.Sleep(time.Second)
		}
		for range 100 {
			request(false)
		}
		if below.reads > 1 || below.writes > 0 {
			t.Errorf("100 quick requests set deadlines %d and %d times", below.reads, below.writes)
		}
		below.reads = 0
		for range 100 {
			request(true)
		}
		if below.reads > 200 || below.writes > 0 {
			t.Errorf("100 requests set deadlines %d and %d times", below.reads, below.writes)
		}
		time.Sleep(2 * idleTimeout) // while nobody reads nothing ends
		request(false)

		set(conn.SetWriteDeadline(time.Now().Add(time.Second)))
		if _, err := conn.Write([]byte("nobody reads")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error(err)
		}
		set(conn.SetWriteDeadline(time.Time{}))
		go func() { _, _ = io.ReadFull(theirs, make([]byte, 4)) }()
		if _, err := conn.Write([]byte("read")); err != nil {
			t.Error(err)
		}
		if below.writes != 2 {
			t.Errorf("%d deadlines of writes", below.writes)
		}
	})
}

// TestConnectionsEndInTime: clients that say nothing, or a part of something, and
// clients that stop after a request are let go.
func TestConnectionsEndInTime(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]string{
		"nothing": "", "a part": "GET / HTTP/1.1\r\nHost: x\r\n", "the next in part": "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT",
		"whole": "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			f := front{http: &http.Server{
				Handler:           http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}),
				ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout,
			}}
			b := &branch{e: &either{done: make(chan struct{})}, conns: make(chan net.Conn)}
			go func() { _ = f.http.Serve(lazyDeadlines{b}) }()
			ours, theirs := net.Pipe()
			b.conns <- ours
			go func() { _, _ = theirs.Write([]byte(said)) }()
			start := time.Now()
			if _, err := io.Copy(io.Discard, theirs); err != nil {
				t.Error(err)
			}
			want := readHeaderTimeout
			if name == "whole" {
				want = idleTimeout
			}
			if took := time.Since(start); took < want || took > want+time.Second {
				t.Errorf("%s: it took %v, want %v", name, took, want)
			}
			if err := f.http.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
