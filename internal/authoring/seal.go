package authoring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"

	"github.com/typecase/typecase/internal/fault"
)

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
