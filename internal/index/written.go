package index

import (
	"sync"

	"github.com/typecase/typecase/internal/store"
)

// written holds the documents that were stored last. They are asked for a few times
// and at once: to be published, to be told to webhooks, to be changed again. A
// cache is for what is asked for over and over; when it is full, what is new must
// have been asked for more often than what is there, and so it would refuse them.
// Of what written forgets it forgets the older half at once.
type written struct {
	half int // bytes of each half at most, but for the last document

	mu         sync.RWMutex
	young, old map[store.Revision]*document
	bytes      [2]int // of young and old
}

func (w *written) get(r store.Revision) (*document, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	d, ok := w.young[r]
	if !ok {
		d, ok = w.old[r]
	}
	return d, ok
}

func (w *written) add(r store.Revision, d *document) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.young == nil || w.bytes[0] >= w.half {
		w.young, w.old = map[store.Revision]*document{}, w.young
		w.bytes = [2]int{0, w.bytes[0]}
	}
	w.young[r] = d
	w.bytes[0] += int(weight(d))
}

func (w *written) drop(r store.Revision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, half := range []map[store.Revision]*document{w.young, w.old} {
		if d, ok := half[r]; ok {
			w.bytes[i] -= int(weight(d))
			delete(half, r)
		}
	}
}

// size is about how many bytes of memory it takes.
func (w *written) size() int {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.bytes[0] + w.bytes[1]
}
