package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
)

// changes is how many publications a delta is about.
const changes = 10

// syncDelta reads the delta of a few changes again and again. What it costs
// follows the number of changes, not the size of the space; nothing to compare
// it with has deltas.
func syncDelta(ctx context.Context, b *bench, s scenario) error {
	delta, err := initialSync(ctx, b.typecase)
	if err != nil {
		return err
	}
	c, err := dial(b.typecase.addr)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	publish := b.writes.publish(typecase)
	for range changes {
		for _, r := range publish(0, nil) {
			if _, err := c.timed(r); err != nil {
				return err
			}
		}
	}
	all := []request{delta}
	if err := visit(b.typecase, all); err != nil {
		return err
	}
	var loads []load
	for round := range b.options.rounds {
		l, err := drive(b.typecase, anyOf(all), b.options.clients, b.options.duration, uint64(round))
		if err != nil {
			return err
		}
		loads = append(loads, l)
	}
	b.report.add(s, []*process{b.typecase}, map[string][]load{typecase: loads})
	return ctx.Err()
}

// initialSync reads the whole space and returns the request for what changes
// from then on.
func initialSync(ctx context.Context, p *process) (request, error) {
	next := master + "/sync?initial=true&limit=1000"
	for {
		if err := ctx.Err(); err != nil {
			return request{}, err
		}
		a, err := fetchBody(p.addr, authorized(next))
		if err != nil {
			return request{}, err
		}
		var page struct{ NextPageURL, NextSyncURL string }
		if err := json.Unmarshal(a.Body, &page); err != nil {
			return request{}, err
		}
		u, err := url.Parse(page.NextPageURL + page.NextSyncURL) // one of them is there
		if err != nil || u.RawQuery == "" {
			return request{}, fmt.Errorf("no next URL in %.200s: %w", a.Body, err)
		}
		if next = u.RequestURI(); page.NextSyncURL != "" {
			return authorized(next), nil
		}
	}
}
