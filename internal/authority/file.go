package authority

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

const certificate = "CERTIFICATE" // type of PEM block

// load reads NAME.key; an error that is fs.ErrNotExist when it is absent.
func (a *Authority) load(name string) (tls.Certificate, error) {
	path := a.path(name + ".key")
	return tls.LoadX509KeyPair(path, path)
}

// save writes key and certificate into one file, so that a crash cannot leave
// two that do not belong together.
func (a *Authority) save(name string, der []byte, key *ecdsa.PrivateKey) error {
	if err := os.MkdirAll(a.dir, 0o755); err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return a.write(name+".key", 0o600,
		&pem.Block{Type: "PRIVATE KEY", Bytes: secret}, &pem.Block{Type: certificate, Bytes: der})
}

// write replaces a file in one step.
func (a *Authority) write(name string, mode os.FileMode, blocks ...*pem.Block) error {
	f, err := os.CreateTemp(a.dir, name+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is gone when all went well
	for _, b := range blocks {
		if err == nil {
			err = pem.Encode(f, b)
		}
	}
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), a.path(name))
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", a.path(name), err)
	}
	return nil
}

func (a *Authority) path(name string) string { return filepath.Join(a.dir, name) }
