package server

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/typecase/typecase/internal/config"
)

const secretName = "secret.key"

// sealingKey is 32 bytes made from the setting secret or, without it, from the
// file secret.key of the data directory, which a first start makes.
func sealingKey(data string, setting config.Secret) ([]byte, error) {
	text := string(setting)
	if text == "" {
		var err error
		if text, err = secretFile(filepath.Join(data, secretName)); err != nil {
			return nil, fmt.Errorf("secret key: %w", err)
		}
	}
	key := sha256.Sum256([]byte(text))
	return key[:], nil
}

func secretFile(path string) (string, error) {
	content, err := os.ReadFile(path)
	if err == nil {
		text := strings.TrimSpace(string(content))
		if len(text) < 32 {
			return "", fmt.Errorf("%s is damaged: it holds fewer than 32 characters", path)
		}
		return text, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	text := rand.Text() + rand.Text() // 260 bits
	temp := path + ".new"
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", err
	}
	return text, os.Rename(temp, path)
}
