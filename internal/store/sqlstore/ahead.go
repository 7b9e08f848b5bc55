package sqlstore

import (
	"context"
	"slices"

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

// inquiry is what is asked about the keys of one scope. Which spaces go with which
// values is not said: there are few spaces, and what nobody has asked for is left.
type inquiry struct {
	spaces, owners []string
	values         [][]byte
}

// readAhead asks what the writes of a batch want to know, one statement for each
// scope.
func (g *group) readAhead(batch []*update) ([]read, error) {
	g.keys = atHand{map[heldKey]string{}, map[holder][]store.Key{}}
	scopes := map[store.Scope]*inquiry{}
	for _, u := range batch {
		for _, a := range u.ahead {
			if scopes[u.scope] == nil {
				scopes[u.scope] = &inquiry{spaces: []string{}, owners: []string{}, values: [][]byte{}} // not nil, which is no list
			}
			g.ask(scopes[u.scope], u.scope, a)
		}
	}
	var reads []read
	for s, a := range scopes {
		if len(a.values)+len(a.owners) == 0 {
			continue
		}
		r, err := g.readKeys(s, a)
		if err != nil {
			return nil, err
		}
		reads = append(reads, r)
	}
	return reads, nil
}

// ask adds to what is asked of a scope.
func (g *group) ask(all *inquiry, s store.Scope, a store.Ahead) {
	for _, k := range a.Keys {
		key := heldKey{s, asStored(k)}
		if _, known := g.keys.owners[key]; known || !isText(k.Space) {
			continue
		}
		g.keys.owners[key] = ""
		all.values = append(all.values, []byte(key.Value))
		if !slices.Contains(all.spaces, k.Space) {
			all.spaces = append(all.spaces, k.Space)
		}
	}
	for _, o := range a.Owners {
		h := holder{s, o}
		if _, known := g.keys.held[h]; known || !isText(o) {
			continue
		}
		g.keys.held[h] = nil
		all.owners = append(all.owners, o)
	}
}

// readKeys reads who has keys, and the keys of owners.
func (g *group) readKeys(s store.Scope, a *inquiry) (read, error) {
	const columns = ", owner, space, value FROM unique_key WHERE scope = $1 AND "
	args := []any{int64(s)}
	for _, values := range []any{a.spaces, a.values, a.owners} {
		list, err := g.s.d.list(values)
		if err != nil {
			return read{}, err
		}
		args = append(args, list)
	}
	text := "SELECT 0" + columns + g.s.d.among("space", 2) + " AND " + g.s.d.amongBytes("value", 3) +
		" UNION ALL SELECT 1" + columns + g.s.d.among("owner", 4)
	return read{statement{text, args}, func(scan scanner) error {
		var half int64
		h, k := holder{scope: s}, store.Key{}
		var value []byte
		if err := scan(&half, &h.owner, &k.Space, &value); err != nil {
			return err
		}
		k.Value = string(value)
		key := heldKey{s, k}
		if half == 1 {
			g.keys.held[h] = append(g.keys.held[h], k)
		} else if _, wanted := g.keys.owners[key]; wanted {
			g.keys.owners[key] = h.owner
		}
		return nil
	}}, nil
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
