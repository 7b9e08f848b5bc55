package authoring_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/index"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/sqlstore"
)

// The test starts this very program again as a process that only runs jobs, and
// kills it. It is told what to do by environment variables.
const (
	pruneDatabase = "TYPECASE_PRUNE_DATABASE"
	pruneAddress  = "TYPECASE_PRUNE_ADDRESS"
	pruneBlobs    = "TYPECASE_PRUNE_BLOBS"
	pruneNow      = "TYPECASE_PRUNE_NOW"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(pruneDatabase); name != "" {
		if err := pruneUntilKilled(name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var pruneStores = map[string]func(context.Context, string) (*sqlstore.Store, error){"SQLite": sqlstore.OpenSQLite, "PostgreSQL": sqlstore.OpenPostgres}

// pruneUntilKilled runs jobs until none is due, and prints a line for each.
func pruneUntilKilled(name string) error {
	ctx := context.Background()
	seconds, err := strconv.ParseInt(os.Getenv(pruneNow), 10, 64)
	if err != nil {
		return err
	}
	st, err := pruneStores[name](ctx, os.Getenv(pruneAddress))
	if err != nil {
		return err
	}
	blobs, err := blob.New(os.Getenv(pruneBlobs))
	if err != nil {
		return err
	}
	now := time.Unix(seconds, 0).UTC()
	s := &authoring.Service{Store: st, Index: index.New(st, index.Options{}), Blobs: blobs, Now: func() time.Time { return now }, Wake: func() {}, KeepTrash: 720 * time.Hour}
	for {
		jobs, err := st.Lease(ctx, now, time.Minute, 4)
		if err != nil || len(jobs) == 0 {
			return errors.Join(err, st.Close(), blobs.Close())
		}
		for _, j := range jobs {
			if err := s.Jobs()[j.Name](ctx, j); err != nil {
				return fmt.Errorf("%s: %w", j.Name, err)
			}
			fmt.Println(j.Name)
			if err := st.Finish(ctx, j.ID); err != nil {
				return err
			}
		}
	}
}

// prunedWorld is a space in which some was deleted.
type prunedWorld struct {
	*authoring.Service
	dir    *access.Directory
	kept   map[string]map[store.Revision]bool // by "Kind/id" of what is still there
	all    []store.Revision
	files  map[string]bool // by key: whether an asset still has it
	master access.Place
}

// TestKillPruning: the process that removes what nothing leads to is killed again
// and again. Nothing that is needed is ever missing, and in the end nothing else is
// left.
func TestKillPruning(t *testing.T) {
	t.Parallel()
	for name, open := range pruneStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			address, dir := filepath.Join(t.TempDir(), "test.db"), t.TempDir()
			if name == "PostgreSQL" {
				address = pgtest.URL(t)
			}
			now := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
			with := func(do func(w *prunedWorld)) {
				t.Helper()
				st, err := open(t.Context(), address)
				if err != nil {
					t.Fatal(err)
				}
				blobs, err := blob.New(dir)
				if err != nil {
					t.Fatal(err)
				}
				clock := func() time.Time { return now }
				do(&prunedWorld{dir: access.New(st, clock), Service: &authoring.Service{Store: st, Index: index.New(st, index.Options{}), Blobs: blobs,
					Now: clock, Wake: func() {}, KeepTrash: 720 * time.Hour, Secret: bytes.Repeat([]byte("x"), 32)}})
				if err := errors.Join(st.Close(), blobs.Close()); err != nil {
					t.Error(err)
				}
			}
			var made *prunedWorld
			with(func(w *prunedWorld) {
				made = w
				w.fill(t)
			})
			now = now.Add(31 * 24 * time.Hour)
			for round := range 4 {
				now = now.Add(2 * time.Minute) // the leases of the dead are over
				ended := pruneAndKill(t, name, address, dir, now, 2+3*round)
				with(func(w *prunedWorld) { w.check(t, made, false) })
				if ended {
					t.Fatalf("round %d: the work ended too early to be cut off", round)
				}
			}
			now = now.Add(2 * time.Minute)
			if !pruneAndKill(t, name, address, dir, now, 1_000_000) {
				t.Error("the work did not end")
			}
			with(func(w *prunedWorld) { w.check(t, made, true) })
		})
	}
}

// fill makes entries and assets, a copy with more of them, and deletes most.
func (w *prunedWorld) fill(t *testing.T) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Bootstrap(ctx, "CFPAT-pruning")
	must(err)
	actor, err := w.dir.Authenticate(ctx, "CFPAT-pruning")
	must(err)
	_, err = w.CreateSpace(ctx, actor, authoring.SpaceInput{ID: "s", Name: "S"})
	must(err)
	w.master, err = w.dir.Locate(ctx, actor, "s", "master")
	must(err)
	_, _, err = w.PutContentType(ctx, w.master, actor, "post", authoring.Version{}, json.RawMessage(`{"name":"Post","fields":[{"id":"title","name":"T","type":"Symbol"}]}`))
	must(err)
	_, err = w.PublishContentType(ctx, w.master, actor, "post", authoring.Version{Number: 1, Sent: true})
	must(err)
	w.files = map[string]bool{}
	n := 0
	write := func(p access.Place, kind cms.Kind, id string, versions int, keep bool) {
		t.Helper()
		for v := range versions {
			n++
			sent := authoring.Version{Number: v, Sent: true}
			if kind == cms.KindEntry {
				in, err := authoring.ParseEntity(kind, fmt.Appendf(nil, `{"fields":{"title":{"en-US":"%d"}}}`, n))
				must(err)
				_, _, err = w.PutEntry(ctx, p, actor, id, "post", sent, in)
				must(err)
				continue
			}
			file := blob.NewFile("s", id, fmt.Sprintf("%032x", n), "a.txt")
			_, err := w.Blobs.Put(ctx, file.Key(), "text/plain", bytes.NewReader([]byte("words")), 100)
			must(err)
			w.files[file.Key()] = keep
			in, err := authoring.ParseEntity(kind, fmt.Appendf(nil, `{"fields":{"file":{"en-US":{"contentType":"text/plain","fileName":"a.txt","url":%q,"details":{"size":5}}}}}`, file.Path()))
			must(err)
			_, _, err = w.PutAsset(ctx, p, actor, id, sent, in)
			must(err)
		}
	}
	const each = 12
	for i := range each {
		write(w.master, cms.KindEntry, fmt.Sprint("e", i), 3, i%3 == 0)
		write(w.master, cms.KindAsset, fmt.Sprint("a", i), 2, i%3 == 0)
	}
	_, _, err = w.PutEnvironment(ctx, w.master, actor, "copy", authoring.Version{}, authoring.EnvironmentInput{})
	must(err)
	copied, err := w.dir.Locate(ctx, actor, "s", "copy")
	must(err)
	for i := range each {
		write(copied, cms.KindEntry, fmt.Sprint("c", i), 2, false)
		write(copied, cms.KindAsset, fmt.Sprint("d", i), 1, false)
	}
	for i := range each {
		if i%3 != 0 {
			must(w.DeleteEntry(ctx, w.master, actor, fmt.Sprint("e", i)))
			must(w.DeleteAsset(ctx, w.master, actor, fmt.Sprint("a", i)))
		}
	}
	w.kept = map[string]map[store.Revision]bool{}
	for _, p := range []access.Place{w.master, copied} {
		changes, err := w.Store.Changes(ctx, p.Environment, 0, 10_000)
		must(err)
		for _, c := range changes {
			if c.Kind != cms.KindEntry && c.Kind != cms.KindAsset || c.DraftAfter == 0 {
				continue
			}
			w.all = append(w.all, c.DraftAfter)
			if _, err := w.Store.Get(ctx, w.master.Environment, c.Kind, c.ID); err == nil {
				of := store.OwnerOf(c.Kind, c.ID)
				if w.kept[of] == nil {
					w.kept[of] = map[store.Revision]bool{}
				}
				w.kept[of][c.DraftAfter] = true
			}
		}
	}
	must(w.DeleteEnvironment(ctx, w.master, actor, "copy"))
}

// check fails unless all that was kept is there and, in the end, nothing else.
func (w *prunedWorld) check(t *testing.T, made *prunedWorld, end bool) {
	t.Helper()
	there, err := w.Store.Bodies(t.Context(), made.all)
	if err != nil {
		t.Fatal(err)
	}
	needed := map[store.Revision]bool{}
	for of, revs := range made.kept {
		for rev := range revs {
			needed[rev] = true
			if there[rev] == nil {
				t.Errorf("%s has lost a version", of)
			}
		}
	}
	var files, wanted []string
	for key, keep := range made.files {
		b, err := w.Blobs.Open(key)
		if err == nil {
			files = append(files, key)
			err = b.Close()
		}
		if keep {
			wanted = append(wanted, key)
			if err != nil {
				t.Errorf("the file %s: %v", key, err)
			}
		}
	}
	if !end {
		return
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(needed)), slices.Sorted(maps.Keys(there))); diff != "" {
		t.Errorf("bodies that are left (-want +got)\n%s", diff)
	}
	slices.Sort(files)
	slices.Sort(wanted)
	if diff := cmp.Diff(wanted, files); diff != "" {
		t.Errorf("files that are left (-want +got)\n%s", diff)
	}
	if len(wanted) == 0 || len(wanted) == len(made.files) {
		t.Error("nothing to be seen")
	}
}

// pruneAndKill runs a process that runs jobs, and kills it after n of them. It
// reports whether all were done before.
func pruneAndKill(t *testing.T, name, address, dir string, now time.Time, n int) (ended bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), pruneDatabase+"="+name, pruneAddress+"="+address, pruneBlobs+"="+dir, pruneNow+"="+fmt.Sprint(now.Unix()))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if done++; done == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = cmd.Wait()
	if cmd.ProcessState.Exited() && err != nil {
		t.Fatalf("the process failed after %d jobs: %v\n%s", done, err, stderr.String())
	}
	return cmd.ProcessState.Exited()
}
