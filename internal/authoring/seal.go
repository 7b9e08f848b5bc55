package authoring

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// secretKey is held by the fingerprint of the secret that seals the database's
// values. The first server to start takes it.
var secretKey = store.Key{Space: "secret", Value: "seal"}

// checkSecret sees to it that all servers of a database seal with one secret.
func (s *Service) checkSecret(ctx context.Context, tx store.Tx) error {
	mac := hmac.New(sha256.New, s.Secret)
	mac.Write([]byte("typecase secret"))
	fingerprint := "Secret/" + hex.EncodeToString(mac.Sum(nil))
	switch holder, err := tx.Owner(ctx, store.Server, secretKey); {
	case err != nil || holder == fingerprint:
		return err
	case holder != "":
		return fault.New(fault.Conflict, "The database was made with another secret. Give this server the same setting secret, or the file secret.key of the data directory it was made with")
	}
	_, err := tx.SetKeys(ctx, store.Server, fingerprint, []store.Key{secretKey})
	return err
}

// seal encrypts a value that has to be shown or used again, with AES-256-GCM
// under the service's secret. what names the place the value belongs to: it
// opens nowhere else.
func (s *Service) seal(what, value string) ([]byte, error) {
	gcm, err := s.cipher()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "sealing %s", what)
	}
	return gcm.Seal(nonce, nonce, []byte(value), []byte(what)), nil
}

// unseal is the inverse of seal.
func (s *Service) unseal(what string, sealed []byte) (string, error) {
	gcm, err := s.cipher()
	if err != nil {
		return "", err
	}
	if len(sealed) < gcm.NonceSize() {
		return "", fault.New(fault.ServerError, "the sealed value of %s is damaged", what)
	}
	nonce, text := sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():]
	value, err := gcm.Open(nil, nonce, text, []byte(what))
	if err != nil {
		return "", fault.Wrap(err, fault.ServerError, "%s was sealed with another secret", what)
	}
	return string(value), nil
}

func (s *Service) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.Secret)
	if err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "the secret must be 32 bytes")
	}
	return cipher.NewGCM(block)
}
