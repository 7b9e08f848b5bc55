package httpapi

import (
	"sync"
	"time"
)

// alarms tell requests that their time is over. All of them get the same time, and
// nearly all end long before it; so there is one timer for all, which looks at the
// oldest one when it goes off, and not one for each that is set and stopped.
type alarms struct {
	time time.Duration

	mu          sync.Mutex
	first, last *alarm // in the order in which they go off
	ticking     bool   // the timer is set, to no later than the first of them
}

// alarm is what one request has in the list.
type alarm struct {
	x          *exchange
	at         time.Time
	prev, next *alarm
	set        bool
}

// set makes an alarm go off in time, counted from now, unless it is stopped.
func (l *alarms) set(a *alarm, now time.Time) {
	a.at, a.set = now.Add(l.time), true
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.prev = l.last; a.prev == nil {
		l.first = a
	} else {
		a.prev.next = a
	}
	l.last = a
	if !l.ticking {
		l.ticking = true
		time.AfterFunc(time.Until(a.at), l.look)
	}
}

// stop keeps an alarm from going off, unless it has.
func (l *alarms) stop(a *alarm) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(a)
}

// remove is called with mu held.
func (l *alarms) remove(a *alarm) {
	if !a.set {
		return
	}
	if a.prev == nil {
		l.first = a.next
	} else {
		a.prev.next = a.next
	}
	if a.next == nil {
		l.last = a.prev
	} else {
		a.next.prev = a.prev
	}
	a.prev, a.next, a.set = nil, nil, false
}

// look lets those go off whose time has come, and comes back for the next one.
func (l *alarms) look() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.first != nil {
		a := l.first
		if wait := time.Until(a.at); wait > 0 {
			time.AfterFunc(wait, l.look)
			return
		}
		l.remove(a)
		go a.x.ring()
	}
	l.ticking = false
}
