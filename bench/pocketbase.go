package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/typecase/typecase/bench/space"
)

// tokenFile is the name of the file with both tokens in PocketBase's data
// directory.
const tokenFile = "bench-tokens"

// tokens let somebody into PocketBase.
type tokens struct {
	write, read string // of a superuser, of a user
}

// line is a record as the command load of bench/pocketbase reads it.
type line struct {
	Collection string         `json:"collection"`
	Data       map[string]any `json:"data"`
}

func postRecord(p space.Post) map[string]any {
	return map[string]any{
		"id": p.ID, "title": p.Title, "titleDe": p.TitleDE, "slug": p.Slug, "summary": p.Summary, "summaryDe": p.SummaryDE,
		"body": p.Body, "category": p.Category, "tags": p.Tags, "date": p.Date, "views": p.Views,
		"author": p.Author, "hero": p.Hero, "related": p.Related,
	}
}

// loadPocketBase makes a data directory that holds the same space.
func (b *bench) loadPocketBase(ctx context.Context, dir string, size space.Size) error {
	in, out := io.Pipe()
	go func() { out.CloseWithError(writeRecords(out, size)) }()
	defer in.Close()
	cmd := exec.CommandContext(ctx, b.program(pocketbase), "load", "--dir", dir)
	var printed, problems bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &printed, &problems
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("loading PocketBase: %w\n%s", err, &problems)
	}
	return os.WriteFile(filepath.Join(dir, tokenFile), printed.Bytes(), 0o600)
}

func writeRecords(w io.Writer, size space.Size) error {
	enc := json.NewEncoder(w)
	for i := range size.Assets {
		a := size.Asset(i)
		if err := enc.Encode(line{"assets", map[string]any{"id": a.ID, "title": a.Title, "titleDe": a.TitleDE,
			"fileName": a.FileName, "url": "/files/" + a.ID + "/" + a.FileName, "width": 64, "height": 64}}); err != nil {
			return err
		}
	}
	for i := range size.Authors {
		a := size.Author(i)
		if err := enc.Encode(line{"authors", map[string]any{"id": a.ID, "name": a.Name, "bio": a.Bio, "picture": a.Picture}}); err != nil {
			return err
		}
	}
	for i := range size.Posts {
		if err := enc.Encode(line{"posts", postRecord(size.Post(i))}); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) startPocketBase(ctx context.Context, dir string) (*process, error) {
	return startProcess(ctx, pocketbase, b.dir, "/api/health", b.program(pocketbase), func(addr string) []string {
		return []string{"serve", "--dir", dir, "--http", addr}
	})
}

// get is a read of posts.
func (t tokens) get(path string) request {
	return newRequest(200, "GET", records+path, "", "Authorization", t.read)
}

// put is a write to posts.
func (t tokens) put(method, path, body string) request {
	return newRequest(200, method, records+path, body, "Authorization", t.write, "Content-Type", "application/json")
}

const records = "/api/collections/posts/records"

func readTokens(dir string) (tokens, error) {
	b, err := os.ReadFile(filepath.Join(dir, tokenFile))
	if err != nil {
		return tokens{}, err
	}
	lines := strings.Fields(string(b))
	if len(lines) != 2 {
		return tokens{}, fmt.Errorf("%s has %d tokens, not two", tokenFile, len(lines))
	}
	return tokens{lines[0], lines[1]}, nil
}
