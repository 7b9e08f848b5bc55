package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// lockName is the file that one process at a time holds locked. It says who
// that is: its process id, and where it takes commands.
const lockName = "typecase.lock"

// errLocked is the kind of InUse that lockFile reports.
var errLocked = errors.New("locked by another process")

// InUse is the error for a data directory that another process works on.
type InUse struct {
	Data    string
	Process string // its id, "" if it has not written it yet
	Socket  string // where it takes commands, "" if it takes none
}

func (e *InUse) Error() string {
	who := "another Typecase"
	if e.Process != "" {
		who += " (process " + e.Process + ")"
	}
	return fmt.Sprintf("%s is using the data directory %s; stop it first, or choose another with --data", who, e.Data)
}

// lock keeps other processes off a data directory. The operating system
// releases it when the process ends, however it ends.
type lock struct {
	file *os.File
}

// acquire locks a data directory; *InUse if another process has.
func acquire(data string) (*lock, error) {
	f, err := os.OpenFile(filepath.Join(data, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	switch err := lockFile(f); {
	case errors.Is(err, errLocked):
		held, err := io.ReadAll(io.LimitReader(f, 4096))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("reading %s: %w", f.Name(), err), f.Close())
		}
		inUse := &InUse{Data: data}
		inUse.Process, inUse.Socket, _ = strings.Cut(strings.TrimSpace(string(held)), "\n")
		return nil, errors.Join(inUse, f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("locking %s: %w", f.Name(), err), f.Close())
	}
	l := &lock{f}
	if err := l.announce(""); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

// announce says in the lock file who holds it and where it takes commands.
func (l *lock) announce(socket string) error {
	text := fmt.Sprintf("%d\n%s\n", os.Getpid(), socket)
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt([]byte(text), 0)
	return err
}

func (l *lock) release() error {
	return errors.Join(l.file.Truncate(0), l.file.Close())
}
