package server

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes the lock without waiting for it. It locks one byte far behind
// the content, for here nobody else could read what is locked.
func lockFile(f *os.File) error {
	at := &windows.Overlapped{OffsetHigh: 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if err == windows.ERROR_LOCK_VIOLATION {
		return errLocked
	}
	return err
}
