package access

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// hash is what is kept of a token.
type hash [sha256.Size]byte

func hashOf(token string) hash {
	var room [128]byte // for all but odd ones
	return sha256.Sum256(append(room[:0], token...))
}

// TokenKey is how the store knows a token: a unique key of the server's scope.
func TokenKey(token string) store.Key {
	sum := hashOf(token)
	return store.Key{Space: "token", Value: hex.EncodeToString(sum[:])}
}

// TokenOwner is the owner of a personal access token's key.
func TokenOwner(id string) string { return store.OwnerOf(cms.KindAccessToken, id) }

// KeyOwner is the owner of the key of an API key or a preview key of a space.
func KeyOwner(kind cms.Kind, space, id string) string {
	return string(kind) + "/" + space + "/" + id
}

// owner is TokenOwner and KeyOwner undone.
type owner struct {
	kind      cms.Kind
	space, id string // no space for personal access tokens
}

func parseOwner(s string) (owner, error) {
	switch parts := strings.Split(s, "/"); {
	case len(parts) == 2 && parts[0] == string(cms.KindAccessToken):
		return owner{kind: cms.KindAccessToken, id: parts[1]}, nil
	case len(parts) == 3 && (parts[0] == string(cms.KindAPIKey) || parts[0] == string(cms.KindPreviewAPIKey)):
		return owner{kind: cms.Kind(parts[0]), space: parts[1], id: parts[2]}, nil
	}
	return owner{}, fault.New(fault.ServerError, "no token is owned by %q", s)
}
