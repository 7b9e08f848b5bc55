package sqlstore

import (
	"context"

	"github.com/typecase/typecase/internal/store"
)

// atHand is what the writes of a group asked about keys ahead, as it was when the
// group locked their scopes. What one of them changes is struck off, whether it is
// kept or not: whoever asks for it then asks the database.
type atHand struct {
	owners map[heldKey]string     // "" is nobody
	held   map[holder][]store.Key // their values as stored
}

type heldKey struct {
	scope     store.Scope
	store.Key // its value as stored
}

type holder struct {
	scope store.Scope
	owner string
}

// readAhead asks what the writes of a batch want to know.
func (g *group) readAhead(batch []*update) ([]read, error) {
	type space struct {
		scope store.Scope
		name  string
	}
	values, owners := map[space][]string{}, map[store.Scope][]string{}
	g.keys = atHand{map[heldKey]string{}, map[holder][]store.Key{}}
	for _, u := range batch {
		for _, a := range u.ahead {
			for _, k := range a.Keys {
				key := heldKey{u.scope, asStored(k)}
				if _, asked := g.keys.owners[key]; asked || !isText(k.Space) {
					continue
				}
				g.keys.owners[key] = ""
				s := space{u.scope, k.Space}
				values[s] = append(values[s], key.Value)
			}
			for _, o := range a.Owners {
				h := holder{u.scope, o}
				if _, asked := g.keys.held[h]; asked || !isText(o) {
					continue
				}
				g.keys.held[h] = nil
				owners[u.scope] = append(owners[u.scope], o)
			}
		}
	}
	var reads []read
	for s, all := range values {
		err := pages(all, func(page []string) error {
			r, err := readOwners(g.s.d, s.scope, s.name, page, func(value, owner string) {
				g.keys.owners[heldKey{s.scope, store.Key{Space: s.name, Value: value}}] = owner
			})
			reads = append(reads, r)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for s, all := range owners {
		err := pages(all, func(page []string) error {
			list, err := g.s.d.list(page)
			reads = append(reads, read{statement{"SELECT owner, space, value FROM unique_key WHERE scope = $1 AND " + g.s.d.among("owner", 2), []any{int64(s), list}},
				func(scan scanner) error {
					h, k := holder{scope: s}, store.Key{}
					var value []byte
					err := scan(&h.owner, &k.Space, &value)
					k.Value = string(value)
					g.keys.held[h] = append(g.keys.held[h], k)
					return err
				}})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return reads, nil
}

// changed strikes off keys that an owner gets or loses; their values are as stored.
func (a *atHand) changed(s store.Scope, owner string, keys ...store.Key) {
	if len(keys) == 0 {
		return
	}
	delete(a.held, holder{s, owner})
	for _, k := range keys {
		delete(a.owners, heldKey{s, k})
	}
}

// dropped strikes off all keys of an owner, and says whether there are none.
func (a *atHand) dropped(s store.Scope, owner string) (none bool) {
	keys, known := a.held[holder{s, owner}]
	if !known { // it may have any
		a.clear()
	}
	a.changed(s, owner, keys...)
	return known && len(keys) == 0
}

func (a *atHand) clear() {
	clear(a.held)
	clear(a.owners)
}

// Owner implements store.Reader.
func (x *tx) Owner(ctx context.Context, s store.Scope, k store.Key) (string, error) {
	if owner, ok := x.g.keys.owners[heldKey{s, asStored(k)}]; ok {
		return owner, x.usable()
	}
	return x.reader.Owner(ctx, s, k)
}

// Owners implements store.Reader.
func (x *tx) Owners(ctx context.Context, s store.Scope, keys []store.Key) (map[store.Key]string, error) {
	out, others := map[store.Key]string{}, []store.Key{}
	for _, k := range keys {
		owner, ok := x.g.keys.owners[heldKey{s, asStored(k)}]
		switch {
		case !ok:
			others = append(others, k)
		case owner != "":
			out[k] = owner
		}
	}
	if len(others) == 0 {
		return out, x.usable()
	}
	more, err := x.reader.Owners(ctx, s, others)
	for k, owner := range more {
		out[k] = owner
	}
	return out, err
}
