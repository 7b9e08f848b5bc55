package config

import (
	"fmt"
	"slices"

	"github.com/typecase/typecase/internal/nearest"
)

// unknown is the error for a name that is none of the known ones.
func unknown(what, name string, known []string) error {
	if near := nearest.Likely(name, slices.Values(known)); near != nil {
		return fmt.Errorf("unknown %s %q; the nearest known one is %s", what, name, near[0])
	}
	return fmt.Errorf("unknown %s %q; typecase serve --help lists all settings", what, name)
}
