package store

// Life picks out the changes of one life of a resource, from the last one back to
// its creation. An id may have had several: whoever deletes a resource and makes
// another one under its id ends one life and begins the next. A resource that
// came back from the trash goes on with the life it had.
//
// It is given the changes in the order of Reader.ChangesOf. The first one may be
// a deletion: then it is about the life that ended with it. To go on later, keep
// the value.
type Life struct {
	Resumed Revision // the draft it came back with, whose deletion comes next; else 0
	over    bool
}

// Has reports whether c, which follows on the changes asked about before, belongs
// to the life, and whether more may follow.
func (l *Life) Has(c Change) (mine, more bool) {
	switch {
	case l.over:
		return false, false
	case l.Resumed != 0 && (c.Action != Delete || c.DraftBefore != l.Resumed):
		return false, true // of a life that came and went in between
	}
	l.Resumed = 0
	switch c.Action {
	case Create:
		l.over = true
	case Restore:
		l.Resumed = c.DraftAfter
	}
	return true, !l.over
}
