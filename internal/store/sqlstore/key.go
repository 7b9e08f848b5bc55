package sqlstore

import (
	"context"
	"crypto/sha256"
	"maps"
	"slices"

	"github.com/typecase/typecase/internal/store"
)

// maxKey is the longest value of a key that is stored as it is: what an index
// takes is bounded on PostgreSQL.
const maxKey = 512

// stored is a key's value as it is stored. A long one ends with a hash of all of
// it, and is longer than any short one, so they cannot be confused.
func stored(value string) []byte {
	if len(value) <= maxKey {
		return []byte(value)
	}
	hash := sha256.Sum256([]byte(value))
	return append([]byte(value[:maxKey]), hash[:]...)
}

func asStored(k store.Key) store.Key {
	return store.Key{Space: k.Space, Value: string(stored(k.Value))}
}

// Owner implements store.Reader.
func (r reader) Owner(ctx context.Context, s store.Scope, k store.Key) (string, error) {
	if !isText(k.Space) { // nobody has such a key
		return "", nil
	}
	owner := ""
	holder := readOwner(s, k, &owner)
	err := r.q.query(ctx, holder.each, holder.text, holder.args...)
	return owner, err
}

// Owners implements store.Reader.
func (r reader) Owners(ctx context.Context, s store.Scope, keys []store.Key) (map[store.Key]string, error) {
	spaces := map[string]map[string]store.Key{} // by space and value as stored
	for _, k := range keys {
		if !isText(k.Space) { // nobody has such a key
			continue
		}
		if spaces[k.Space] == nil {
			spaces[k.Space] = map[string]store.Key{}
		}
		spaces[k.Space][string(stored(k.Value))] = k
	}
	out := map[store.Key]string{}
	for space, wanted := range spaces {
		err := pages(slices.Collect(maps.Keys(wanted)), func(page []string) error {
			q, err := readOwners(r.d, s, space, page, func(value, owner string) { out[wanted[value]] = owner })
			if err != nil {
				return err
			}
			return r.q.query(ctx, q.each, q.text, q.args...)
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readOwners asks for the owners of keys of one space, whose values are as stored.
func readOwners(d dialect, s store.Scope, space string, values []string, each func(value, owner string)) (read, error) {
	raw := make([][]byte, len(values))
	for i, v := range values {
		raw[i] = []byte(v)
	}
	list, err := d.list(raw)
	return read{statement{"SELECT value, owner FROM unique_key WHERE scope = $1 AND space = $2 AND " + d.amongBytes("value", 3), []any{int64(s), space, list}},
		func(scan scanner) error {
			var value []byte
			var owner string
			err := scan(&value, &owner)
			each(string(value), owner)
			return err
		}}, err
}

func readOwner(s store.Scope, k store.Key, owner *string) read {
	return read{statement{"SELECT owner FROM unique_key WHERE scope = $1 AND space = $2 AND value = $3", []any{int64(s), k.Space, stored(k.Value)}},
		func(scan scanner) error { return scan(owner) }}
}

// SetKeys implements store.Tx. It writes nothing for keys that stay.
func (x *tx) SetKeys(ctx context.Context, s store.Scope, owner string, keys []store.Key) ([]store.Conflict, error) {
	if err := storable(owner); err != nil {
		return nil, err
	}
	if _, err := x.lock(ctx, s); err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, x.dropKeys(ctx, s, owner)
	}
	obsolete := map[store.Key]bool{} // the value as stored
	var reads []read
	if held, ok := x.g.keys.held[holder{s, owner}]; ok {
		for _, k := range held {
			obsolete[k] = true
		}
	} else {
		reads = append(reads, read{statement{"SELECT space, value FROM unique_key WHERE scope = $1 AND owner = $2", []any{int64(s), owner}}, func(scan scanner) error {
			var space string
			var value []byte
			err := scan(&space, &value)
			obsolete[store.Key{Space: space, Value: string(value)}] = true
			return err
		}})
	}
	var wanted []store.Key
	holders := make([]string, len(keys))
	for _, k := range keys {
		if err := storable(k.Space); err != nil {
			return nil, err
		}
		if slices.Contains(wanted, k) {
			continue
		}
		i := len(wanted)
		wanted = append(wanted, k)
		var ok bool
		if holders[i], ok = x.g.keys.owners[heldKey{s, asStored(k)}]; !ok {
			reads = append(reads, readOwner(s, k, &holders[i]))
		}
	}
	if len(reads) > 0 {
		if err := x.read(ctx, reads...); err != nil {
			return nil, err
		}
	} else if err := x.usable(); err != nil {
		return nil, err
	}
	var missing []store.Key
	var conflicts []store.Conflict
	for i, k := range wanted {
		switch raw := asStored(k); holders[i] {
		case owner:
			delete(obsolete, raw)
		case "":
			missing = append(missing, raw)
		default:
			conflicts = append(conflicts, store.Conflict{Key: k, Owner: holders[i]})
		}
	}
	if conflicts != nil {
		return conflicts, nil
	}
	x.g.keys.changed(s, owner, slices.Concat(missing, slices.Collect(maps.Keys(obsolete)))...)
	for k := range obsolete {
		if err := x.exec(ctx, "DELETE FROM unique_key WHERE scope = $1 AND space = $2 AND value = $3", int64(s), k.Space, []byte(k.Value)); err != nil {
			return nil, err
		}
	}
	for _, k := range missing {
		if err := x.exec(ctx, "INSERT INTO unique_key (scope, space, value, owner) VALUES ($1, $2, $3, $4)",
			int64(s), k.Space, []byte(k.Value), owner); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (x *tx) dropKeys(ctx context.Context, s store.Scope, owner string) error {
	if x.g.keys.dropped(s, owner) {
		return nil
	}
	return x.exec(ctx, "DELETE FROM unique_key WHERE scope = $1 AND owner = $2", int64(s), owner)
}
