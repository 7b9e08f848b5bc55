package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/nearest"
)

// unknown is the error for a name that is none of the known ones. The prefix
// that all have counts for nothing: it would make all of them alike.
func unknown(what, prefix, name string, known []string) error {
	bare := make([]string, len(known))
	for i, k := range known {
		bare[i] = strings.TrimPrefix(k, prefix)
	}
	if near := nearest.Likely(strings.TrimPrefix(name, prefix), slices.Values(bare)); near != nil {
		return fmt.Errorf("unknown %s %q; the nearest known one is %s", what, name, prefix+near[0])
	}
	return fmt.Errorf("unknown %s %q; typecase serve --help lists all settings", what, name)
}
