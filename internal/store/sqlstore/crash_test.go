package sqlstore

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
	"github.com/typecase/typecase/internal/store/pgtest"
	"github.com/typecase/typecase/internal/store/storetest"
)

// The crash tests start this very program again as a process that only writes, and
// kill it. It is told what to do by environment variables.
const (
	crashDatabase = "TYPECASE_CRASH_DATABASE"
	crashAddress  = "TYPECASE_CRASH_ADDRESS"
	crashScope    = "TYPECASE_CRASH_SCOPE"
	crashRound    = "TYPECASE_CRASH_ROUND"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(crashDatabase); name != "" {
		fmt.Fprintln(os.Stderr, writeUntilKilled(name))
		os.Exit(1) // it should have been killed
	}
	os.Exit(m.Run())
}

// writeUntilKilled hammers a database and prints every acknowledged step.
func writeUntilKilled(name string) error {
	scope, err := strconv.ParseInt(os.Getenv(crashScope), 10, 64)
	if err != nil {
		return err
	}
	round, err := strconv.Atoi(os.Getenv(crashRound))
	if err != nil {
		return err
	}
	for _, db := range databases {
		if db.name != name {
			continue
		}
		s, err := db.open(context.Background(), os.Getenv(crashAddress))
		if err != nil {
			return err
		}
		return hammer(s, store.Scope(scope), round, func(a ack) {
			fmt.Printf("%s %d\n", a.id, a.step) // one write to the pipe
		})
	}
	return fmt.Errorf("no database %q", name)
}

// ack says that a step of an entry's life was acknowledged.
type ack struct {
	id   string
	step int
}

// The steps of an entry's life; every fourth entry comes to the last one.
const (
	created = 1 + iota
	saved
	published
	deleted
)

const crashWriters = 16

func crashID(round, writer, n int) string { return fmt.Sprintf("r%d-w%d-n%d", round, writer, n) }

func mortal(n int) bool { return n%4 == 0 }

// hammer lets entries live, from many goroutines, until the store fails.
func hammer(s *Store, env store.Scope, round int, acknowledged func(ack)) error {
	errs := make(chan error, crashWriters)
	for writer := range crashWriters {
		go func() {
			for n := 0; ; n++ {
				id := crashID(round, writer, n)
				for step := created; step < deleted || step == deleted && mortal(n); step++ {
					err := s.Update(context.Background(), env, func(tx store.Tx) error { return takeStep(tx, env, id, step) })
					if err != nil {
						errs <- err
						return
					}
					acknowledged(ack{id, step})
				}
			}
		}()
	}
	var err error
	for range crashWriters {
		err = <-errs
	}
	return err
}

// takeStep writes an entry, and with it a tag, a key and a job: all or nothing.
func takeStep(tx store.Tx, env store.Scope, id string, step int) error {
	ctx := context.Background()
	if step == created {
		tag := newEntry(env, id)
		tag.Head.Kind, tag.Head.ContentType = cms.KindTag, ""
		if _, err := tx.Put(ctx, tag); err != nil {
			return err
		}
		if _, err := tx.SetKeys(ctx, env, store.OwnerOf(cms.KindEntry, id), []store.Key{{Space: "id", Value: id}}); err != nil {
			return err
		}
		if err := tx.Enqueue(ctx, store.Job{Name: id, Scope: env, Due: time.UnixMilli(1)}); err != nil {
			return err
		}
		w := newEntry(env, id)
		w.Body = crashBody(id, step)
		_, err := tx.Put(ctx, w)
		return err
	}
	h, err := tx.Get(ctx, env, cms.KindEntry, id)
	if err != nil {
		return err
	}
	if step == deleted {
		if err := tx.Delete(ctx, env, cms.KindTag, id, 1, "ann", h.CreatedAt); err != nil {
			return err
		}
		return tx.Delete(ctx, env, cms.KindEntry, id, h.Version, "ann", h.CreatedAt)
	}
	w := store.Write{Head: h, Was: h.Version, Actor: "ann", At: h.CreatedAt, Body: crashBody(id, step), PublishBody: step == published, Action: store.Save}
	w.Head.Version = step
	_, err = tx.Put(ctx, w)
	return err
}

// crashBody is longer than a page of the database.
func crashBody(id string, step int) []byte {
	return fmt.Appendf(nil, `{"id":%q,"step":%d,"text":%q}`, id, step, strings.Repeat(id, 800))
}

// examine fails unless everything acknowledged is there and nothing is half there.
func examine(t *testing.T, s *Store, env store.Scope, round int, acks []ack) {
	t.Helper()
	ctx := t.Context()
	// Whatever the dead process had under way on the server is over when its lock is.
	mustUpdate(t, s, env, func(store.Tx) error { return nil })
	storetest.Check(t, s, env)

	entries, tags := map[string]store.Head{}, map[string]bool{}
	var revs []store.Revision
	for _, h := range storetest.Heads(t, s, env) {
		if h.Kind == cms.KindTag {
			tags[h.ID] = true
			continue
		}
		entries[h.ID] = h
		revs = append(revs, h.Draft)
	}
	bodies, err := s.Bodies(ctx, revs)
	if err != nil {
		t.Fatal(err)
	}
	for id, h := range entries {
		if !bytes.Equal(bodies[h.Draft], crashBody(id, h.Version)) {
			t.Errorf("%s at version %d has the body %.60q", id, h.Version, bodies[h.Draft])
		}
		if h.Version == published && h.Published != h.Draft {
			t.Errorf("%s is published with revision %d, its draft is %d", id, h.Published, h.Draft)
		}
		if !tags[id] {
			t.Errorf("%s has no tag", id)
		}
	}
	if len(tags) != len(entries) {
		t.Errorf("%d tags for %d entries", len(tags), len(entries))
	}

	last := map[string]int{}
	for _, a := range acks {
		if a.step != last[a.id]+1 {
			t.Errorf("%s: step %d acknowledged after %d", a.id, a.step, last[a.id])
		}
		last[a.id] = a.step
	}
	var known int // entries of this round that were created
	for writer := range crashWriters {
		for n, more := 0, 2; more > 0; n++ { // and two beyond the last one acknowledged
			id := crashID(round, writer, n)
			acked := last[id]
			if acked == 0 {
				more--
			}
			h, there := entries[id]
			step := h.Version
			if !there && acked >= published && mortal(n) {
				step = deleted
			}
			if step != acked && step != acked+1 {
				t.Errorf("%s: step %d is acknowledged, the database has %d", id, acked, step)
			}
			if step > 0 {
				known++
			}
			owner, err := s.Owner(ctx, env, store.Key{Space: "id", Value: id})
			if err != nil {
				t.Fatal(err)
			}
			if there != (owner == store.OwnerOf(cms.KindEntry, id)) || !there && owner != "" {
				t.Errorf("key of %s: owner %q, the entry is there: %v", id, owner, there)
			}
		}
	}
	jobs, err := s.Lease(ctx, time.UnixMilli(2), time.Millisecond, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs) != known {
		t.Errorf("%d jobs, want one for each of %d entries that were created", len(jobs), known)
	}
	for _, j := range jobs {
		if err := s.Finish(ctx, j.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKillProcess: the process that writes is killed in mid-flight.
func TestKillProcess(t *testing.T) {
	t.Parallel()
	for _, db := range databases {
		t.Run(db.name, func(t *testing.T) {
			t.Parallel()
			address := db.address(t)
			s := opened(t, db.open, address)
			env := newEnvironment(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for round := range 4 {
				acks := writeAndKill(t, db.name, address, env, round, 150+97*round)
				s := opened(t, db.open, address)
				examine(t, s, env, round, acks)
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// writeAndKill runs a process that writes, kills it after n acknowledgements, and
// returns all it gave.
func writeAndKill(t *testing.T, name, address string, env store.Scope, round, n int) []ack {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashDatabase+"="+name, crashAddress+"="+address,
		crashScope+"="+fmt.Sprint(env), crashRound+"="+fmt.Sprint(round))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var acks []ack
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // the pipe ends with the process; half a line is no acknowledgement
		}
		var a ack
		if _, err := fmt.Sscanf(line, "%s %d\n", &a.id, &a.step); err != nil {
			t.Fatalf("acknowledgement %q: %v", line, err)
		}
		if acks = append(acks, a); len(acks) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = cmd.Wait()
	if cmd.ProcessState.Exited() || len(acks) < n {
		t.Fatalf("the process ended by itself after %d acknowledgements: %v\n%s", len(acks), err, stderr.String())
	}
	return acks
}

// TestKillServer: the database server is killed in mid-flight. The store goes on
// when it is back.
func TestKillServer(t *testing.T) {
	t.Parallel()
	cluster := pgtest.New(t)
	url := cluster.URL(t)
	s := opened(t, OpenPostgres, url)
	env := newEnvironment(t, s)
	for round := range 3 {
		var mu sync.Mutex
		var acks []ack
		enough := make(chan struct{})
		failed := make(chan error)
		go func() {
			failed <- hammer(s, env, round, func(a ack) {
				mu.Lock()
				defer mu.Unlock()
				if acks = append(acks, a); len(acks) == 150+97*round {
					close(enough)
				}
			})
		}()
		select {
		case <-enough:
		case err := <-failed:
			t.Fatal(err)
		}
		cluster.Kill(t)
		if err := <-failed; !fault.Is(err, fault.ServerError) {
			t.Errorf("writing to a dead server: %v", err)
		}
		cluster.Restart(t)
		examine(t, s, env, round, acks)
	}
	examine(t, opened(t, OpenPostgres, url), env, 99, nil)
}
