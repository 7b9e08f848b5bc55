package sqlstore

import (
	"context"
	"crypto/sha256"

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
	err := r.q.query(ctx, func(scan scanner) error { return scan(&owner) },
		"SELECT owner FROM unique_key WHERE scope = $1 AND space = $2 AND value = $3", int64(s), k.Space, stored(k.Value))
	return owner, err
}

// SetKeys implements store.Tx. It sends nothing for keys that stay.
func (x *tx) SetKeys(ctx context.Context, s store.Scope, owner string, keys []store.Key) ([]store.Conflict, error) {
	if err := storable(owner); err != nil {
		return nil, err
	}
	if _, err := x.lock(ctx, s); err != nil {
		return nil, err
	}
	obsolete := map[store.Key]bool{} // the value as stored
	err := x.query(ctx, func(scan scanner) error {
		var space string
		var value []byte
		err := scan(&space, &value)
		obsolete[store.Key{Space: space, Value: string(value)}] = true
		return err
	}, "SELECT space, value FROM unique_key WHERE scope = $1 AND owner = $2", int64(s), owner)
	if err != nil {
		return nil, err
	}
	var missing []store.Key
	var conflicts []store.Conflict
	seen := make(map[store.Key]bool, len(keys))
	for _, k := range keys {
		if err := storable(k.Space); err != nil {
			return nil, err
		}
		if seen[k] {
			continue
		}
		seen[k] = true
		raw := store.Key{Space: k.Space, Value: string(stored(k.Value))}
		if obsolete[raw] {
			delete(obsolete, raw)
			continue
		}
		holder, err := x.Owner(ctx, s, k)
		if err != nil {
			return nil, err
		}
		if holder != "" {
			conflicts = append(conflicts, store.Conflict{Key: k, Owner: holder})
		}
		missing = append(missing, raw)
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
