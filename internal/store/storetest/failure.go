package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

var errFailing = errors.New("this write fails")

// everything does one of each in a transaction. Nothing is left of it when the
// write fails.
func (w *world) everything(tx store.Tx, id string) error {
	ctx := w.Context()
	h, err := tx.Put(ctx, create(w.env, id))
	if err != nil {
		return err
	}
	if _, err := tx.Put(ctx, save(h)); err != nil {
		return err
	}
	if _, err := tx.SetKeys(ctx, w.env, "Entry/"+id, []store.Key{{Space: "slug", Value: id}}); err != nil {
		return err
	}
	if err := tx.Enqueue(ctx, store.Job{Name: id, Scope: w.env, Payload: []byte("{}"), Due: now}); err != nil {
		return err
	}
	// A read in between, so that what was written has reached the database.
	if _, err := tx.List(ctx, w.env, cms.KindEntry, "", 1); err != nil {
		return err
	}
	_, err = tx.Put(ctx, createKind(w.env, cms.KindTag, id))
	return err
}

// kept fails unless all that everything did is there, or nothing.
func (w *world) kept(id string, whole bool) {
	w.Helper()
	ctx := w.Context()
	for _, k := range []cms.Kind{cms.KindEntry, cms.KindTag} {
		if _, err := w.Get(ctx, w.env, k, id); whole && err != nil || !whole && !fault.Is(err, fault.NotFound) {
			w.Errorf("%s %s: %v, want it kept: %v", k, id, err, whole)
		}
	}
	if owner, err := w.Owner(ctx, w.env, store.Key{Space: "slug", Value: id}); err != nil || (owner == "Entry/"+id) != whole {
		w.Errorf("key of %s belongs to %q, %v, want it kept: %v", id, owner, err, whole)
	}
}

func testFailure(w *world) {
	ctx := w.Context()
	w.put(create(w.env, "there"))
	for i, fail := range []func(store.Tx) error{
		func(store.Tx) error { return errFailing },
		func(tx store.Tx) error { _, err := tx.Put(ctx, create(w.env, "there")); return err },
		func(tx store.Tx) error { return tx.Enqueue(ctx, store.Job{Name: "\x00"}) },
		func(tx store.Tx) error { _, err := tx.NewScope(ctx, w.env+1000); return err },
	} {
		var returned error
		err := w.Update(ctx, w.env, func(tx store.Tx) error {
			if err := w.everything(tx, "a"); err != nil {
				return err
			}
			returned = fail(tx)
			return returned
		})
		if err == nil || !errors.Is(err, returned) {
			w.Errorf("%d: Update returns %v, its function returned %v", i, err, returned)
		}
		w.kept("a", false)
	}
	same(w, "position", must[store.Position](w)(w.Position(ctx, w.env)), store.Position{Seq: 1})
	if jobs := must[[]store.Job](w)(w.Lease(ctx, now, 1, 10)); len(jobs) > 0 {
		w.Errorf("jobs of failed writes: %v", jobs)
	}
	// A scope made by a write that fails never was.
	var scope store.Scope
	err := w.Update(ctx, w.space, func(tx store.Tx) (err error) {
		if scope, err = tx.NewScope(ctx, w.space); err != nil {
			return err
		}
		if _, err := tx.Put(ctx, create(scope, "a")); err != nil {
			return err
		}
		return errFailing
	})
	if !errors.Is(err, errFailing) {
		w.Errorf("Update: %v", err)
	}
	_, err = w.Position(ctx, scope)
	want(w, "Position of a scope that never was", err, fault.NotFound)
	w.update(w.env, func(tx store.Tx) error { return w.everything(tx, "a") })
	w.kept("a", true)
	Check(w, w, w.env)
}

// testFailureKeepsOthers: writes that fail, panic or are given up take nothing of
// the others away, though all may share a transaction.
func testFailureKeepsOthers(w *world) {
	const writers, rounds = 16, 6
	parallel(w, writers, func(i int) error {
		for round := range rounds {
			id := fmt.Sprintf("%d-%d", i, round)
			ctx, cancel := context.WithCancel(w.Context())
			err := func() (err error) {
				defer func() {
					if p := recover(); p != nil {
						err = errFailing
					}
				}()
				return w.Update(ctx, w.env, func(tx store.Tx) error {
					if err := w.everything(tx, id); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return errFailing
					case 2:
						panic("this write panics")
					case 3:
						cancel()
						return ctx.Err()
					}
					return nil
				})
			}()
			cancel()
			if (err == nil) != (i%4 == 0) {
				return fmt.Errorf("write %s: %w", id, err)
			}
		}
		return nil
	})
	for i := range writers {
		for round := range rounds {
			w.kept(fmt.Sprintf("%d-%d", i, round), i%4 == 0)
		}
	}
	if jobs := must[[]store.Job](w)(w.Lease(w.Context(), now, 1, 1000)); len(jobs) != writers/4*rounds {
		w.Errorf("%d jobs, want %d", len(jobs), writers/4*rounds)
	}
	Check(w, w, w.env)
}

// testIgnoredFailure: a refused call leaves nothing behind when the function goes
// on.
func testIgnoredFailure(w *world) {
	ctx := w.Context()
	w.put(create(w.env, "there"))
	setKeys(w, w, w.env, "Entry/there", store.Key{Space: "slug", Value: "there"})
	var errs []error // of the last run: that one counts
	var conflicts []store.Conflict
	w.update(w.env, func(tx store.Tx) (err error) {
		errs = make([]error, 5)
		_, errs[0] = tx.Put(ctx, create(w.env, "there"))
		errs[1] = tx.Delete(ctx, w.env, cms.KindEntry, "there", 9, "ann", now)
		conflicts, errs[2] = tx.SetKeys(ctx, w.env, "Entry/a", []store.Key{{Space: "slug", Value: "a"}, {Space: "slug", Value: "there"}})
		_, errs[3] = tx.SetKeys(ctx, w.env, "Entry/a", []store.Key{{Space: "slug", Value: "a"}, {Space: "\x00"}})
		errs[4] = tx.DropScope(ctx, w.env+1000)
		_, err = tx.Put(ctx, create(w.env, "new"))
		return err
	})
	want(w, "Put", errs[0], fault.VersionMismatch)
	want(w, "Delete", errs[1], fault.VersionMismatch)
	if len(conflicts) != 1 || errs[2] != nil {
		w.Errorf("conflicts %v, %v", conflicts, errs[2])
	}
	want(w, "SetKeys", errs[3], fault.BadRequest)
	want(w, "DropScope", errs[4], fault.NotFound)
	if owner := must[string](w)(w.Owner(ctx, w.env, store.Key{Space: "slug", Value: "a"})); owner != "" {
		w.Errorf("a refused key belongs to %q", owner)
	}
	same(w, "position", must[store.Position](w)(w.Position(ctx, w.env)), store.Position{Seq: 2})
	Check(w, w, w.env)
}

func testPanic(w *world) {
	for _, value := range []any{"boom", errFailing} {
		got := func() (p any) {
			defer func() { p = recover() }()
			err := w.Update(w.Context(), w.env, func(tx store.Tx) error {
				if err := w.everything(tx, "a"); err != nil {
					return err
				}
				panic(value)
			})
			w.Errorf("Update returns %v, its function panicked", err)
			return nil
		}()
		if got != value {
			w.Errorf("Update panics with %v, want %v", got, value)
		}
		w.kept("a", false)
	}
	w.update(w.env, func(tx store.Tx) error { return w.everything(tx, "a") })
	w.kept("a", true)
	Check(w, w, w.env)
}

// testGoexit: a function may end its goroutine, as a failing test does.
func testGoexit(w *world) {
	var gone sync.WaitGroup
	gone.Go(func() {
		err := w.Update(w.Context(), w.env, func(tx store.Tx) error {
			if err := w.everything(tx, "a"); err != nil {
				return err
			}
			runtime.Goexit()
			return nil
		})
		w.Errorf("Update returns %v, its goroutine had ended", err)
	})
	gone.Wait()
	w.kept("a", false)
	w.update(w.env, func(tx store.Tx) error { return w.everything(tx, "a") })
	w.kept("a", true)
	Check(w, w, w.env)
}

func testCanceledBefore(w *world) {
	ctx, cancel := context.WithCancel(w.Context())
	cancel()
	err := w.Update(ctx, w.env, func(store.Tx) error {
		w.Error("the function ran")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		w.Errorf("Update: %v, want %v", err, context.Canceled)
	}
	if _, err := w.Get(ctx, w.env, cms.KindEntry, "a"); !errors.Is(err, context.Canceled) {
		w.Errorf("Get: %v, want %v", err, context.Canceled)
	}
	if _, err := w.Lease(ctx, now, 1, 1); !errors.Is(err, context.Canceled) {
		w.Errorf("Lease: %v, want %v", err, context.Canceled)
	}
}

// testCanceledWaiting: whoever gives up while others write gets away at once, and
// nothing of it is done later.
func testCanceledWaiting(w *world) {
	ran := false
	w.update(w.env, func(store.Tx) error {
		ctx, cancel := context.WithCancel(w.Context())
		given := make(chan error)
		go func() {
			given <- w.Update(ctx, w.env, func(tx store.Tx) error {
				ran = true
				return nil
			})
		}()
		cancel()
		if err := <-given; !errors.Is(err, context.Canceled) {
			w.Errorf("Update: %v, want %v", err, context.Canceled)
		}
		return nil
	})
	w.put(create(w.env, "b")) // after the one that was given up
	if ran {
		w.Error("the function ran")
	}
}

// testCanceledDuring: when the request goes away while its function runs, Update
// still says what became of it.
func testCanceledDuring(w *world) {
	for i, late := range []bool{false, true} {
		ctx, cancel := context.WithCancel(w.Context())
		id := fmt.Sprint(i)
		err := w.Update(ctx, w.env, func(tx store.Tx) error {
			if !late {
				cancel()
			}
			h, err := tx.Put(ctx, create(w.env, id))
			if err != nil {
				return err
			}
			if _, err := tx.GetMany(ctx, w.env, cms.KindEntry, []string{id}); err != nil {
				return err
			}
			_, err = tx.Put(ctx, save(h))
			cancel()
			return err
		})
		h, got := w.Get(w.Context(), w.env, cms.KindEntry, id)
		switch {
		case err == nil && (got != nil || h.Version != 2):
			w.Errorf("late %v: acknowledged, but there is %v, %v", late, h, got)
		case err != nil && (!errors.Is(err, context.Canceled) || !fault.Is(got, fault.NotFound)):
			w.Errorf("late %v: refused with %v, but there is %v, %v", late, err, h, got)
		}
	}
	Check(w, w, w.env)
}

// testLargeWrite: a write of many resources is one, too.
func testLargeWrite(w *world) {
	const n = 3000
	text := strings.Repeat("x", 2000)
	write := func(result error) func(tx store.Tx) error {
		return func(tx store.Tx) error {
			for i := range n {
				entry := create(w.env, fmt.Sprint(i))
				entry.Body = []byte(text)
				if _, err := tx.Put(w.Context(), entry); err != nil {
					return err
				}
			}
			return result
		}
	}
	parallel(w, 2, func(i int) error {
		if i == 1 {
			return w.Update(w.Context(), w.env, func(tx store.Tx) error {
				_, err := tx.Put(w.Context(), create(w.env, "small"))
				return err
			})
		}
		if err := w.Update(w.Context(), w.env, write(errFailing)); !errors.Is(err, errFailing) {
			return fmt.Errorf("an Update returns %v, its function returned %v", err, errFailing)
		}
		return w.Update(w.Context(), w.env, write(nil))
	})
	if heads := Heads(w, w, w.env); len(heads) != n+1 {
		w.Errorf("%d heads, want %d", len(heads), n+1)
	}
	Check(w, w, w.env)
}
