//go:build !windows

package server

import (
	"os"
	"syscall"
)

// lockFile takes the lock without waiting for it.
func lockFile(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == syscall.EWOULDBLOCK {
		return errLocked
	}
	return err
}
