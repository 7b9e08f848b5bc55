package turn

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		turns := New(2)
		first, leave, err := turns.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := turns.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		had := 0
		for range 2 {
			go func() {
				if _, _, err := turns.Take(t.Context()); err != nil {
					t.Error(err)
				}
				had++
			}()
		}
		synctest.Wait()
		if had != 0 {
			t.Fatalf("%d have a turn beside the two there are", had)
		}
		Leave(first)
		leave() // ends nothing a second time
		Leave(first)
		synctest.Wait()
		if had != 1 {
			t.Fatalf("%d have the turn that one has left", had)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := turns.Take(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		<-turns
		<-turns
	})
}

// TestNobodyWaits: without turns there are no limits, and nothing to leave.
func TestNobodyWaits(t *testing.T) {
	t.Parallel()
	var turns Turns
	for range 3 {
		ctx, leave, err := turns.Take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		Leave(ctx)
		leave()
	}
	Leave(t.Context())
}
