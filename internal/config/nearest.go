package config

import (
	"fmt"

	"github.com/typecase/typecase/internal/nearest"
)

// unknown is the error for a name that is none of the known ones.
func unknown(what, name string, known []string) error {
	return fmt.Errorf("unknown %s %q; the nearest known one is %s", what, name, nearest.Sorted(name, known)[0])
}
