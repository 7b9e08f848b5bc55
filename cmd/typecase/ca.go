package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/typecase/typecase/internal/authority"
)

type caCmd struct{}

// Run prints where the authority's certificate is, for NODE_EXTRA_CA_CERTS and
// the like.
func (caCmd) Run(a *app) error {
	path, err := filepath.Abs(authority.Path(a.config.Data))
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no certificate authority in %s yet; the server makes it when it first starts", a.config.Data)
	} else if err != nil {
		return err
	}
	_, err = fmt.Fprintln(a.stdout, path)
	return err
}
