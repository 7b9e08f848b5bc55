package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/typecase/typecase/bench/space"
)

// small is the size of the space that a large one is compared with.
const small = 1000

// newest are the newest 100 of all posts, in both spaces the same request.
var newest = deliver("/entries?content_type=post&order=-fields.date&limit=100&include=1")

// scale compares the same request to a large and a small space.
func scale(ctx context.Context, b *bench, s scenario) (err error) {
	if b.options.database != "" {
		return nil // there is one database, and the space is in it
	}
	dir, err := b.data(ctx, typecase, small)
	if err != nil {
		return err
	}
	little, err := b.startTypecase(ctx, "typecase-1k", dir)
	if err != nil {
		return err
	}
	defer func() {
		if e := little.stop(); err == nil {
			err = e
		}
	}()
	servers, loads := []*process{b.typecase, little}, map[string][]load{}
	all := []request{newest}
	for _, p := range servers {
		if err := visit(p, all); err != nil {
			return err
		}
	}
	for round := range b.options.rounds {
		for turn := range servers {
			p := servers[(round+turn)%2]
			l, err := drive(p, anyOf(all), b.options.clients, b.options.duration, uint64(round))
			if err != nil {
				return err
			}
			loads[p.name] = append(loads[p.name], l)
		}
	}
	b.report.add(s, servers, loads)
	slower := ratios(loads[little.name], loads[typecase], perSecond)
	b.report.atMost("list of 100 against the same at 1,000 entries, time", median(slower), "×", 2, 1.3)
	return ctx.Err()
}

// busy reads while others write.
func busy(ctx context.Context, b *bench, s scenario) error {
	for _, p := range without(b.servers(), b.ceiling) {
		read, write := b.writes.read(p.name), b.writes.publish(p.name)
		var quiet, loaded []load
		for round := range b.options.rounds {
			l, err := drive(p, read, b.options.clients, b.options.duration, uint64(round))
			if err != nil {
				return err
			}
			quiet = append(quiet, l)
			var writing error
			var wg sync.WaitGroup
			wg.Go(func() { _, writing = drive(p, write, writeClients, b.options.duration, uint64(round)) })
			l, err = drive(p, read, b.options.clients, b.options.duration, uint64(round))
			wg.Wait()
			if err == nil {
				err = writing
			}
			if err != nil {
				return err
			}
			loaded = append(loaded, l)
		}
		without, with := *p, *p
		without.name, with.name = p.name+", quiet", p.name+", busy"
		b.report.add(s, []*process{&without, &with}, map[string][]load{without.name: quiet, with.name: loaded})
		if p == b.typecase {
			b.report.atMost("p99 of one entry while 16 writers publish, against quiet", median(ratios(loaded, quiet, func(l load) float64 { return l.P99 })), "×", 3, 1.5)
		}
	}
	return ctx.Err()
}

// six are the queries whose cost grows with a space, by what they are.
func six(i int) [][2]string {
	const posts = "/entries?content_type=post&limit=100&include=0&"
	month := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, i%40, 0)
	return [][2]string{
		{"slug", posts + "fields.slug=" + space.Slug(i)},
		{"category, by date", posts + "order=-fields.date&fields.category=" + space.Category(i)},
		{"range of dates, by date", posts + fmt.Sprintf("order=-fields.date&fields.date%%5Bgte%%5D=%s&fields.date%%5Blt%%5D=%s",
			month.Format(time.DateOnly), month.AddDate(0, 0, 20).Format(time.DateOnly))},
		{"tag in two, newest first", posts + "order=-sys.createdAt&fields.tags%5Bin%5D=" + space.Label(i) + "," + space.Label(i+7)},
		{"title contains, no summary", posts + "fields.summary%5Bexists%5D=false&fields.title%5Bmatch%5D=" + space.Word(200+i%100)},
		{"author's name", posts + "fields.author.sys.contentType.sys.id=author&fields.author.fields.name=" + url.QueryEscape(space.AuthorName(i))},
	}
}

// sixQueries asks each query on a quiet server, one at a time, after a write
// that changed what it looks at. The times are those of the client, transfer
// of the answer included.
func sixQueries(ctx context.Context, b *bench, s scenario) error {
	c, err := dial(b.typecase.addr)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	took := map[string][]float64{}
	var names []string
	publish := b.writes.publish(typecase)
	for i := range 40 * b.options.rounds {
		for _, q := range six(i % b.size.Authors) {
			if err := ctx.Err(); err != nil {
				return err
			}
			for _, r := range publish(0, nil) {
				if _, err := c.timed(r); err != nil {
					return err
				}
			}
			d, err := c.timed(deliver(q[1]))
			if err != nil {
				return err
			}
			if i == 0 { // which makes the columns
				names = append(names, q[0])
				continue
			}
			took[q[0]] = append(took[q[0]], millis(d))
		}
	}
	for _, name := range names {
		b.report.atMost(s.name+": "+name+", p50 right after a write", median(took[name]), "ms", 5, 1)
	}
	return nil
}

// restarts is how often starting is measured.
const restarts = 3

// starting measures how soon a server answers.
func starting(ctx context.Context, b *bench, _ scenario) error {
	if b.options.database != "" {
		return nil
	}
	large, err := b.data(ctx, typecase, b.options.entries)
	if err != nil {
		return err
	}
	var empty, health, first []float64
	for i := range restarts {
		p, err := b.startTypecase(ctx, "typecase-empty", filepath.Join(b.dir, fmt.Sprintf("empty-%d", i)))
		if err != nil {
			return err
		}
		empty = append(empty, p.start.Seconds())
		if err := p.stop(); err != nil {
			return err
		}
		if p, err = b.startTypecase(ctx, "typecase-cold", large); err != nil {
			return err
		}
		health = append(health, p.start.Seconds())
		d, err := once(p, newest)
		if err != nil {
			return err
		}
		first = append(first, d.Seconds())
		if err := p.stop(); err != nil {
			return err
		}
	}
	b.report.atMost("start to first 200, empty", median(empty), "s", 0.5, 0.15)
	b.report.atMost("start to first 200 of /healthz", median(health), "s", 0.5, 0.2)
	b.report.atMost("first query of a cold environment", median(first), "s", 6, 3)
	return os.RemoveAll(large)
}

func once(p *process, r request) (time.Duration, error) {
	c, err := dial(p.addr)
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	return c.timed(r)
}

// rest is how long servers are left alone before their memory is read: after two
// minutes Go collects what garbage there is, and gives it back.
const rest = 150 * time.Second

// resting measures memory at rest: of a server with a small space that has been
// asked a little, and what each entry more costs when both stages are indexed.
func resting(ctx context.Context, b *bench, _ scenario) (err error) {
	if b.options.database != "" {
		return nil
	}
	var servers []*process
	defer func() {
		for _, p := range servers {
			err = errors.Join(err, p.stop())
		}
	}()
	sizes := slices.Compact([]int{small, b.options.entries})
	for _, entries := range sizes {
		dir, err := b.data(ctx, typecase, entries)
		if err != nil {
			return err
		}
		p, err := b.startTypecase(ctx, fmt.Sprintf("typecase-rest-%d", entries), dir)
		if err != nil {
			return err
		}
		servers = append(servers, p)
		if err := ask(p); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rest):
	}
	used := make([]int64, len(servers))
	for i, p := range servers {
		if used[i], err = p.memory(); err != nil {
			return err
		}
	}
	b.report.atMost("memory idle with 1,000 entries", float64(used[0])/1e6, "MB", 80, 50)
	if len(sizes) == 2 {
		each := float64(used[1]-used[0]) / float64(b.options.entries-small)
		b.report.atMost("memory of each entry, both stages indexed", each/1e3, "KB", 1.5, 1)
	}
	return nil
}

// ask makes a server index both stages for the six queries.
func ask(p *process) error {
	for _, q := range six(0) {
		for _, key := range []string{deliveryKey, previewKey} {
			r := newRequest(200, "GET", master+q[1], "", "Authorization", "Bearer "+key)
			if _, err := once(p, r); err != nil {
				return err
			}
		}
	}
	return nil
}
