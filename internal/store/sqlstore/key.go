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
			values := make([][]byte, len(page))
			for i, v := range page {
				values[i] = []byte(v)
			}
			list, err := r.d.list(values)
			if err != nil {
				return err
			}
			return r.q.query(ctx, func(scan scanner) error {
				var value []byte
				var owner string
				err := scan(&value, &owner)
				out[wanted[string(value)]] = owner
				return err
			}, "SELECT value, owner FROM unique_key WHERE scope = $1 AND space = $2 AND "+r.d.amongBytes("value", 3), int64(s), space, list)
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
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
	reads := []read{{statement{"SELECT space, value FROM unique_key WHERE scope = $1 AND owner = $2", []any{int64(s), owner}}, func(scan scanner) error {
		var space string
		var value []byte
		err := scan(&space, &value)
		obsolete[store.Key{Space: space, Value: string(value)}] = true
		return err
	}}}
	var wanted []store.Key
	holders := make([]string, len(keys))
	for _, k := range keys {
		if err := storable(k.Space); err != nil {
			return nil, err
		}
		if slices.Contains(wanted, k) {
			continue
		}
		holder := &holders[len(wanted)]
		wanted = append(wanted, k)
		reads = append(reads, readOwner(s, k, holder))
	}
	if err := x.read(ctx, reads...); err != nil {
		return nil, err
	}
	var missing []store.Key
	var conflicts []store.Conflict
	for i, k := range wanted {
		switch raw := (store.Key{Space: k.Space, Value: string(stored(k.Value))}); holders[i] {
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
	return x.exec(ctx, "DELETE FROM unique_key WHERE scope = $1 AND owner = $2", int64(s), owner)
}
