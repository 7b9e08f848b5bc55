package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/typecase/typecase/bench/space"
)

// scenario is one kind of work.
type scenario struct {
	name string
	what string
	run  func(ctx context.Context, b *bench, s scenario) error

	// Reading scenarios: the requests to choose from, the same for all servers.
	variants func(space.Size) []variant
	gzip     bool // Typecase is asked for gzip, the others cannot
	known    bool // Typecase and the ceiling are told that the client has the answer

	// Writing scenarios: what each server does.
	operation func(w *writes, server string) operation

	targets []target
}

// target is what the project wants of a scenario: how many times the requests
// per second of another server.
type target struct {
	work, against string
	atLeast, aim  float64
}

// variant is one read, at Typecase and at PocketBase.
type variant struct {
	path string // below the environment
	peer string // below the records of posts
	etag string
}

// writeClients is how many connections write.
const writeClients = 16

// scenarios are all there are, in the order in which they run: those that only
// read come first, since the ceiling answers with what was there at the start.
var scenarios = []scenario{
	{
		name: "entry", what: "one post by id", run: compare,
		variants: func(s space.Size) []variant {
			return repeat(1000, func(i int) variant {
				id := space.PostID(i * s.Posts / 1000)
				return variant{path: "/entries/" + id, peer: "/" + id}
			})
		},
		targets: []target{{"one entry", pocketbase, 8, 15}, {"one entry", ceiling, 0.60, 0.75}},
	},
	{
		name: "list", what: "100 posts as they come, without links", run: compare, variants: plainList,
		targets: []target{{"list 100, plain", ceiling, 0.50, 0.70}},
	},
	{
		name: "include1", what: "the newest 100 posts of a category, with what they link to", run: compare,
		variants: func(space.Size) []variant { return byCategory(1, "author,hero,related") },
	},
	{
		name: "include2", what: "the same with two levels of links", run: compare,
		variants: func(space.Size) []variant {
			return byCategory(2, "author.picture,hero,related.author,related.hero,related.related")
		},
		targets: []target{{"list 100 + includes", pocketbase, 8, 16}},
	},
	{
		name: "deep", what: "five posts and four levels of posts that link to each other", run: compare,
		variants: func(s space.Size) []variant {
			return repeat(min(20, s.Posts/100), func(i int) variant {
				return variant{
					path: fmt.Sprintf("/entries?content_type=post&fields.related%%5Bexists%%5D=true&limit=5&include=4&skip=%d", i*5),
					peer: fmt.Sprintf("?filter=related%%3Alength%%3E0&perPage=5&page=%d&expand=author.picture,hero,"+
						"related.author,related.hero,related.related.author,related.related.hero,"+
						"related.related.related.author,related.related.related.hero,"+
						"related.related.related.related.author,related.related.related.related.hero", i+1),
				}
			})
		},
	},
	{
		name: "contains", what: "a word in the title, up to 100 posts", run: compare,
		variants: func(space.Size) []variant {
			return repeat(50, func(i int) variant {
				word := space.Word(200 + i)
				return variant{
					path: "/entries?content_type=post&limit=100&include=0&fields.title%5Bmatch%5D=" + word,
					peer: "?perPage=100&filter=title~'" + word + "'",
				}
			})
		},
		targets: []target{{"contains", pocketbase, 8, 12}},
	},
	{
		name: "text", what: "a word in any text, up to 100 posts of about 4 %", run: compare,
		variants: func(space.Size) []variant {
			return repeat(50, func(i int) variant {
				word := space.RareWord(i)
				return variant{
					path: "/entries?content_type=post&limit=100&include=0&query=" + word,
					peer: fmt.Sprintf("?perPage=100&filter=title~'%[1]s'%%7C%%7Csummary~'%[1]s'%%7C%%7Cbody~'%[1]s'", word),
				}
			})
		},
		targets: []target{{"text search", pocketbase, 8, 12}},
	},
	{name: "known", what: "list with If-None-Match: 304", run: compare, variants: plainList, known: true},
	{
		name: "gzip", what: "list for a client that takes gzip; the ceiling answers uncompressed", run: compare, variants: plainList, gzip: true,
		targets: []target{{"list 100, gzip", ceiling, 0.90, 1.30}},
	},
	{name: "scale", what: "the newest 100 of all posts, with links, against a space of 1000", run: scale},
	{
		name: "create", what: "new posts, 16 clients", run: compare, operation: (*writes).create,
		targets: []target{{"create, durable", pocketbase, 1.5, 3}},
	},
	{
		name: "publish", what: "update a post and publish it, 16 clients; one PATCH at PocketBase", run: compare, operation: (*writes).publish,
		targets: []target{{"update + publish, pairs/s", pocketbase, 0.8, 1.5}},
	},
	{
		name: "create-hooked", what: "create while a webhook is told of it all, against the same without it", run: hooked, operation: (*writes).create,
		targets: []target{{"create, with a webhook", unhooked, 0.5, 0.75}, {"create, with a webhook", pocketbase, 1.5, 3}},
	},
	{
		name: "publish-hooked", what: "publish while a webhook is told of it all, against the same without it", run: hooked, operation: (*writes).publish,
		targets: []target{{"update + publish, with a webhook", unhooked, 0.5, 0.75}, {"update + publish, with a webhook", pocketbase, 0.8, 1.5}},
	},
	{name: "mixed", what: "95 % one post by id, 5 % update and publish", run: compare, operation: (*writes).mixed},
	{name: "busy", what: "one post by id while 16 writers publish, against the same without them", run: busy},
	{name: "sync", what: "the delta of ten publications", run: syncDelta},
	{name: "six", what: "six queries, one at a time, each right after a write", run: sixQueries},
	{name: "start", what: "from the start of the program to the first answers", run: starting},
	{name: "memory", what: "resident memory at rest", run: resting},
}

func repeat(n int, nth func(i int) variant) []variant {
	out := make([]variant, n)
	for i := range out {
		out[i] = nth(i)
	}
	return out
}

func plainList(s space.Size) []variant {
	return repeat(min(20, s.Posts/100), func(i int) variant {
		return variant{
			path: fmt.Sprintf("/entries?content_type=post&limit=100&include=0&skip=%d", i*100),
			peer: fmt.Sprintf("?perPage=100&page=%d", i+1),
		}
	})
}

func byCategory(levels int, expand string) []variant {
	return repeat(20, func(i int) variant {
		category := space.Category(i)
		return variant{
			path: fmt.Sprintf("/entries?content_type=post&fields.category=%s&order=-fields.date&limit=100&include=%d", category, levels),
			peer: fmt.Sprintf("?filter=category%%3D'%s'&sort=-date&perPage=100&expand=%s", category, expand),
		}
	})
}

// requests are the reads of a scenario at a server.
func (b *bench) requests(s scenario, server string) []request {
	var all []request
	for _, v := range b.variants[s.name] {
		switch {
		case server == pocketbase:
			all = append(all, b.tokens.get(v.peer))
		case s.known:
			r := deliver(v.path, "If-None-Match", v.etag)
			r.want = 304
			all = append(all, r)
		case s.gzip && server == typecase:
			all = append(all, deliver(v.path, "Accept-Encoding", "gzip"))
		default:
			all = append(all, deliver(v.path))
		}
	}
	return all
}

// anyOf is the operation of choosing one of these requests.
func anyOf(all []request) operation {
	return func(_ int, r *rand.Rand) []request {
		i := r.IntN(len(all))
		return all[i : i+1]
	}
}

// compare drives all servers in turns.
func compare(ctx context.Context, b *bench, s scenario) error {
	servers, clients := b.servers(), b.options.clients
	operations := map[string]operation{}
	if s.operation != nil {
		if s.name != "mixed" {
			clients = writeClients
		}
		servers = without(servers, b.ceiling)
		for _, p := range servers {
			operations[p.name] = s.operation(b.writes, p.name)
		}
	} else {
		for _, p := range servers {
			all := b.requests(s, p.name)
			operations[p.name] = anyOf(all)
			if err := visit(p, all); err != nil {
				return err
			}
		}
	}
	loads := map[string][]load{}
	for round := range b.options.rounds {
		for turn := range servers {
			if err := ctx.Err(); err != nil {
				return err
			}
			p := servers[(round+turn)%len(servers)]
			l, err := drive(p, operations[p.name], clients, b.options.duration, uint64(round))
			if err != nil {
				return err
			}
			loads[p.name] = append(loads[p.name], l)
		}
	}
	b.report.compared(s, servers, loads)
	return nil
}

// visit makes each request once, so that no server is measured cold.
func visit(p *process, all []request) error {
	c, err := dial(p.addr)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	for _, r := range all {
		if _, err := c.send(r, io.Discard); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

func without(all []*process, p *process) []*process {
	var out []*process
	for _, q := range all {
		if q != p {
			out = append(out, q)
		}
	}
	return out
}
