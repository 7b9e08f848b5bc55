package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/typecase/typecase/bench/space"
)

// Names of the servers.
const (
	typecase   = "typecase"
	pocketbase = "pocketbase"
	ceiling    = "ceiling"
)

// layout counts the ways the servers have kept the content. Raise it when the
// content types, the collections or what they are loaded with change.
const layout = 1

// bench is one run.
type bench struct {
	options options
	size    space.Size
	dir     string // of this run: copies of the data, logs
	report  *report

	typecase, pocketbase, ceiling *process // ceiling and pocketbase may be nil

	variants map[string][]variant // of reading scenarios, by name
	writes   *writes
	tokens   tokens
}

// newBench builds the programs, makes or finds the data, and starts the servers
// on copies of it.
func newBench(ctx context.Context, o options, chosen []scenario) (b *bench, err error) {
	b = &bench{options: o, size: space.SizeOf(o.entries), report: newReport(o), variants: map[string][]variant{}}
	if err := os.MkdirAll(filepath.Join(o.cache, "bin"), 0o755); err != nil {
		return nil, err
	}
	if b.dir, err = os.MkdirTemp(o.cache, "run-"); err != nil {
		return nil, err
	}
	begun := b
	defer func() {
		if err != nil {
			err = errors.Join(err, begun.close())
		}
	}()
	if err := build(ctx, ".", b.program(typecase), "./cmd/typecase"); err != nil {
		return nil, err
	}
	dir, err := b.data(ctx, typecase, o.entries)
	if err != nil {
		return nil, err
	}
	if o.database != "" {
		if err := loadTypecase(ctx, dir, o.database, b.size); err != nil {
			return nil, err
		}
	}
	if b.typecase, err = b.startTypecase(ctx, typecase, dir, "--allow-private-addresses"); err != nil {
		return nil, err
	}
	if o.peer {
		if err := build(ctx, filepath.Join("bench", "pocketbase"), b.program(pocketbase), "."); err != nil {
			return nil, err
		}
		if dir, err = b.data(ctx, pocketbase, o.entries); err != nil {
			return nil, err
		}
		if b.tokens, err = readTokens(dir); err != nil {
			return nil, err
		}
		if b.pocketbase, err = b.startPocketBase(ctx, dir); err != nil {
			return nil, err
		}
	}
	if b.writes, err = newWrites(b.size, b.tokens); err != nil {
		return nil, err
	}
	return b, b.startCeiling(ctx, chosen)
}

// build compiles a program of the module in dir, without cgo as it is shipped.
func build(ctx context.Context, dir, out, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-C", dir, "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", out, err, text)
	}
	return nil
}

// data is a copy of the data directory of a server with this many entries. The
// original is made when there is none in the cache yet. With a database
// elsewhere Typecase gets an empty directory.
func (b *bench) data(ctx context.Context, server string, entries int) (string, error) {
	own, err := os.MkdirTemp(b.dir, fmt.Sprintf("%s-%d-", server, entries))
	if err != nil || server == typecase && b.options.database != "" {
		return own, err
	}
	kept := filepath.Join(b.options.cache, fmt.Sprintf("%s-%d-v%d.%d", server, entries, space.Version, layout))
	if _, err = os.Stat(kept); errors.Is(err, os.ErrNotExist) {
		fmt.Fprintf(os.Stderr, "making the data of %s with %d entries\n", server, entries)
		made := own + "-new"
		size := space.SizeOf(entries)
		if server == typecase {
			err = loadTypecase(ctx, made, "", size)
		} else {
			err = b.loadPocketBase(ctx, made, size)
		}
		if err == nil {
			err = os.Rename(made, kept)
		}
	}
	if err != nil {
		return "", err
	}
	return own, os.CopyFS(own, os.DirFS(kept))
}

// startCeiling records what Typecase answers to the reading scenarios and starts
// the server that answers the same.
func (b *bench) startCeiling(ctx context.Context, chosen []scenario) error {
	const health = "/healthz"
	answers := map[string]*recorded{health: {}}
	for _, s := range chosen {
		if s.variants == nil {
			continue
		}
		for _, v := range s.variants(b.size) {
			a := answers[master+v.path]
			if a == nil {
				var err error
				if a, err = fetchBody(b.typecase.addr, deliver(v.path)); err != nil {
					return err
				}
				answers[master+v.path] = a
			}
			v.etag = a.ETag
			b.variants[s.name] = append(b.variants[s.name], v)
		}
	}
	file := filepath.Join(b.dir, "answers")
	if err := writeAnswers(file, answers); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b.ceiling, err = startProcess(ctx, ceiling, b.dir, health, self, func(addr string) []string { return []string{"ceiling", addr, file} })
	return err
}

// servers are those that run, Typecase first.
func (b *bench) servers() []*process {
	out := []*process{b.typecase, b.ceiling}
	if b.pocketbase != nil {
		out = append(out, b.pocketbase)
	}
	return out
}

// close ends the servers and removes the copies of the data.
func (b *bench) close() error {
	var err error
	for _, p := range []*process{b.typecase, b.ceiling, b.pocketbase} {
		if p != nil {
			err = errors.Join(err, p.stop())
		}
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}
