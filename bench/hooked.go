package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// Names of the parts of a scenario with a webhook.
const (
	receiver = "receiver"
	unhooked = "typecase, no webhook"
)

// serveReceiver takes calls of webhooks and does nothing with them. A read says
// how many there were.
func serveReceiver(addr string) error {
	var calls atomic.Int64
	return http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = fmt.Fprint(w, calls.Load()) // the client reads or has gone
			return
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return // the server was stopped while it sent
		}
		calls.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}))
}

// hooked compares writes while a webhook is told of each of them with the same
// writes without one, by one server in turns. All events of a round arrive before
// the next round begins, and the server's processor time has all that it takes.
func hooked(ctx context.Context, b *bench, s scenario) (err error) {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	to, err := startProcess(ctx, receiver, b.dir, "/", self, func(addr string) []string { return []string{receiver, addr} })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.stop()) }()
	server, writes := b.typecase, b.writes // of PostgreSQL there is one database
	if b.options.database == "" {          // the versions of this one are those it had at first
		dir, err := b.data(ctx, typecase, b.options.entries)
		if err != nil {
			return err
		}
		if writes, err = newWrites(b.size, b.tokens); err != nil {
			return err
		}
		if server, err = b.startTypecase(ctx, typecase, dir, "--allow-private-addresses"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.stop()) }()
	}
	with, without := *server, *server
	without.name = unhooked
	h := hook{server: server, receiver: to, operation: s.operation(writes, typecase)}
	servers, loads := []*process{&without, &with}, map[string][]load{}
	if b.pocketbase != nil {
		servers = append(servers, b.pocketbase)
	}
	var late []float64
	for round := range b.options.rounds {
		for turn := range servers {
			if err := ctx.Err(); err != nil {
				return err
			}
			p, l := servers[(round+turn)%len(servers)], load{}
			switch p.name {
			case typecase:
				var d time.Duration
				l, d, err = h.drive(b.options.duration, uint64(round))
				late = append(late, d.Seconds())
			case unhooked:
				l, err = drive(p, h.operation, writeClients, b.options.duration, uint64(round))
			default:
				l, err = drive(p, s.operation(b.writes, p.name), writeClients, b.options.duration, uint64(round))
			}
			if err != nil {
				return err
			}
			loads[p.name] = append(loads[p.name], l)
		}
	}
	b.report.compared(s, servers, loads)
	b.report.atMost(s.name+": from the end of a round until the last event has arrived", median(late), "s", 1, 0.2)
	return nil
}

// hook is a server with a webhook now and then.
type hook struct {
	server, receiver *process
	operation        operation
}

// drive lets clients work for d with a webhook, and measures until all events have
// arrived: how long that took after the last write too.
func (h hook) drive(d time.Duration, seed uint64) (l load, late time.Duration, err error) {
	manage := func(want int, method, body string) error {
		_, err := once(h.server, newRequest(want, method, "/spaces/"+spaceID+"/webhook_definitions/bench", body, "Authorization", "Bearer "+managementKey))
		return err
	}
	if err := manage(201, "PUT", `{"name":"Benchmarks","url":"http://`+h.receiver.addr+`/","topics":["*.*"]}`); err != nil {
		return l, 0, err
	}
	first, err := h.arrived()
	if err != nil {
		return l, 0, err
	}
	before, err := h.server.cpu()
	if err != nil {
		return l, 0, err
	}
	var events atomic.Int64 // each request is one
	counted := func(worker int, r *rand.Rand) []request {
		requests := h.operation(worker, r)
		events.Add(int64(len(requests)))
		return requests
	}
	if l, err = drive(h.server, counted, writeClients, d, seed); err != nil {
		return l, 0, err
	}
	for began := time.Now(); ; {
		n, err := h.arrived()
		if err != nil {
			return l, 0, err
		}
		if late = time.Since(began); n-first >= events.Load() {
			break
		}
		if late > time.Minute {
			return l, late, fmt.Errorf("%d of %d events arrive", n-first, events.Load())
		}
		time.Sleep(5 * time.Millisecond)
	}
	after, err := h.server.cpu()
	if err != nil {
		return l, 0, err
	}
	l.CPU = (after - before).Seconds() * 1e6 / float64(l.Operations)
	return l, late, manage(204, "DELETE", "")
}

// arrived is how many calls the receiver got.
func (h hook) arrived() (int64, error) {
	a, err := fetchBody(h.receiver.addr, newRequest(200, "GET", "/", ""))
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(a.Body), 10, 64)
}
