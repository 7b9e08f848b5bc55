// Command bench measures Typecase: it makes a realistic space, drives the
// program as users run it, and in the same run, in turns, a plain net/http
// server that answers with the same bytes from memory (the ceiling) and
// PocketBase with the same data and work. It prints what it measured, and which
// of the project's own targets are met.
//
//	go run ./bench                         10,000 entries
//	go run ./bench -entries 100000 -only entry,list,include2
//
// It must run in the root of the repository. bench/README.md explains the
// scenarios. It judges by ratios: all servers share the machine, so absolute
// figures are worth little.
//
// Start reading at run, then scenario.go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	entries  int
	rounds   int
	duration time.Duration
	clients  int
	only     string
	cache    string
	database string
	json     string
	peer     bool
}

func main() {
	if len(os.Args) == 4 && os.Args[1] == "ceiling" {
		exit(serveCeiling(os.Args[2], os.Args[3]))
	}
	if len(os.Args) == 3 && os.Args[1] == receiver {
		exit(serveReceiver(os.Args[2]))
	}
	var o options
	flag.IntVar(&o.entries, "entries", 10_000, "entries of the space: 1000, 10000 or 100000")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of each scenario; ratios are medians over them")
	flag.DurationVar(&o.duration, "duration", time.Second, "how long each server is driven in each round")
	flag.IntVar(&o.clients, "clients", 8, "connections of reading scenarios; writing ones have 16")
	flag.StringVar(&o.only, "only", "", "names of scenarios, separated by commas; all if empty")
	flag.StringVar(&o.cache, "cache", filepath.Join(os.TempDir(), "typecase-bench"), "directory that keeps programs and generated data between runs")
	flag.StringVar(&o.database, "database", "", "URL of an empty PostgreSQL database for Typecase, instead of SQLite")
	flag.StringVar(&o.json, "json", "", "file to write everything measured to, as JSON")
	flag.BoolVar(&o.peer, "pocketbase", true, "drive PocketBase too")
	flag.Parse()
	if flag.NArg() > 0 {
		exit(fmt.Errorf("unexpected %q", flag.Arg(0)))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(run(ctx, o))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// run measures everything that was asked for.
func run(ctx context.Context, o options) (err error) {
	chosen, err := choose(scenarios, o.only)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, o, chosen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	for _, s := range chosen {
		fmt.Fprintf(os.Stderr, "%s: %s\n", s.name, s.what)
		if err = s.run(ctx, b, s); err != nil {
			err = fmt.Errorf("%s: %w", s.name, err)
			break // what is measured so far is worth seeing
		}
	}
	if err := errors.Join(err, b.report.print(os.Stdout)); err != nil {
		return err
	}
	if o.json == "" {
		return nil
	}
	out, err := json.MarshalIndent(b.report, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, append(out, '\n'), 0o644)
}

// choose returns the scenarios with these names, in their own order.
func choose(all []scenario, names string) ([]scenario, error) {
	if names == "" {
		return all, nil
	}
	wanted := map[string]bool{}
	for name := range strings.SplitSeq(names, ",") {
		wanted[name] = true
	}
	var out []scenario
	for _, s := range all {
		if wanted[s.name] {
			out = append(out, s)
			delete(wanted, s.name)
		}
	}
	for name := range wanted {
		return nil, fmt.Errorf("there is no scenario %q", name)
	}
	return out, nil
}
