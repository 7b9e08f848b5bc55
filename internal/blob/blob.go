// Package blob keeps the bytes of assets and uploads in a folder, and says how
// a file is addressed: its key in the folder and its URL.
//
// What Put has acknowledged is on disk; what it has not is never seen. The
// package knows nothing of assets as documents nor of HTTP.
//
// Start reading at Store, then URL in url.go.
package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/fault"
)

// Store is a folder of blobs. It is safe for concurrent use, also by several
// processes.
type Store struct {
	root *os.Root
}

// Blob is an open blob; the caller closes it.
type Blob struct {
	io.ReadSeekCloser
	Size        int64 // bytes
	ModTime     time.Time
	ContentType string // as given to Put
}

const (
	tempDir  = "tmp"   // in it, bytes that are not complete yet
	typeMark = "~type" // ends the name of the file with a blob's content type; no key has a ~

	// abandonedAfter is the age at which a temporary file belongs to a process
	// that died.
	abandonedAfter = 24 * time.Hour
)

// New opens the folder dir, which it makes if needed, and clears away what
// earlier processes left unfinished.
func New(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder for files: %w", err)
	}
	s := &Store{root: root}
	if err := errors.Join(root.MkdirAll(tempDir, 0o700), s.removeAbandoned()); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing the folder for files: %w", err), root.Close())
	}
	return s, nil
}

// Close releases the folder. Blobs that are open stay usable.
func (s *Store) Close() error { return s.root.Close() }

// Put stores everything r has under key and returns its size in bytes. When it
// returns nil the bytes are on disk; until then the key has what it had. More
// than limit bytes are fault.BodyTooLarge. An error of r is returned as it is.
func (s *Store) Put(ctx context.Context, key, contentType string, r io.Reader, limit int64) (int64, error) {
	if !validKey(key) {
		return 0, fault.New(fault.ServerError, "%q is not a key of a blob", key)
	}
	temp, size, err := s.writeTemp(ctx, r, limit)
	if err != nil {
		return 0, err
	}
	if err := s.install(ctx, key, contentType, temp); err != nil {
		return 0, failed(err, "storing", key)
	}
	return size, nil
}

// install moves a complete temporary file to its key. The content type is there
// first, so that no reader meets bytes without it.
func (s *Store) install(ctx context.Context, key, contentType, temp string) error {
	if err := s.root.MkdirAll(path.Dir(key), 0o700); err != nil {
		return errors.Join(err, s.root.Remove(temp))
	}
	typeTemp, _, err := s.writeTemp(ctx, strings.NewReader(contentType), int64(len(contentType)))
	if err != nil {
		return errors.Join(err, s.root.Remove(temp))
	}
	if err := s.root.Rename(typeTemp, key+typeMark); err != nil {
		return errors.Join(err, s.root.Remove(typeTemp), s.root.Remove(temp))
	}
	if err := s.root.Rename(temp, key); err != nil {
		return errors.Join(err, s.root.Remove(temp))
	}
	return s.syncFolders(path.Dir(key))
}

// writeTemp writes r to a new temporary file and waits until it is on disk. It
// leaves nothing behind when it fails.
func (s *Store) writeTemp(ctx context.Context, r io.Reader, limit int64) (name string, size int64, err error) {
	name = path.Join(tempDir, rand.Text())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", 0, failed(err, "writing", name)
	}
	src := &source{ctx: ctx, r: io.LimitReader(r, limit+1)}
	size, err = io.Copy(f, src)
	switch {
	case src.err != nil:
		err = src.err
	case err != nil:
		err = failed(err, "writing", name)
	case size > limit:
		err = fault.New(fault.BodyTooLarge, "The file is larger than %d bytes, the largest that can be stored.", limit)
	default:
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		if rest := s.root.Remove(name); rest != nil {
			err = errors.Join(err, rest)
		}
		return "", 0, err
	}
	return name, size, nil
}

// source stops reading when its context ends, and tells errors of reading from
// errors of writing.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err = s.ctx.Err(); s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// syncFolders makes the names in a folder, and in all above it, durable. Those
// above may be new, made by this call or by another that has not come this far.
func (s *Store) syncFolders(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be synced there; NTFS logs changes of names itself
	}
	for {
		d, err := s.root.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
		if dir == "." {
			return nil
		}
		dir = path.Dir(dir)
	}
}

// Open opens a blob. A key that has none, or cannot be one, is fault.NotFound.
func (s *Store) Open(key string) (*Blob, error) {
	if !validKey(key) {
		return nil, fault.New(fault.NotFound, "")
	}
	f, err := s.root.Open(key)
	if err != nil {
		return nil, failed(err, "opening", key)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist // a folder above blobs
	}
	var contentType []byte
	if err == nil {
		contentType, err = s.root.ReadFile(key + typeMark)
	}
	if err != nil {
		return nil, errors.Join(failed(err, "opening", key), f.Close())
	}
	return &Blob{ReadSeekCloser: f, Size: info.Size(), ModTime: info.ModTime(), ContentType: string(contentType)}, nil
}

// Delete removes a blob; one that does not exist is no error.
func (s *Store) Delete(key string) error {
	if !validKey(key) {
		return fault.New(fault.ServerError, "%q is not a key of a blob", key)
	}
	for _, name := range []string{key, key + typeMark} {
		if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return failed(err, "removing", key)
		}
	}
	return nil
}

// DeleteSpace removes all files and uploads of a space; none is no error.
func (s *Store) DeleteSpace(space string) error {
	for _, dir := range []string{path.Join(root, urlName(space)), path.Join(uploads, urlName(space))} {
		if err := s.root.RemoveAll(dir); err != nil {
			return failed(err, "removing", dir)
		}
	}
	return nil
}

// removeAbandoned removes temporary files of processes that died.
func (s *Store) removeAbandoned() error {
	entries, err := fs.ReadDir(s.root.FS(), tempDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && time.Since(info.ModTime()) > abandonedAfter {
			err = s.root.Remove(path.Join(tempDir, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another process may clear away too
			return err
		}
	}
	return nil
}

// validKey reports whether key is a relative path of letters, digits, '.', '_'
// and '-' that stays inside the folder and outside the temporary files.
func validKey(key string) bool {
	first := true
	for part := range strings.SplitSeq(key, "/") {
		if part == "" || part == "." || part == ".." || len(part) > maxName || part != cleanName(part) || (first && part == tempDir) {
			return false
		}
		first = false
	}
	return true
}

// failed words an error of the file system; one that is a fault already stays.
func failed(err error, doing, what string) error {
	var f *fault.Error
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.NotFound, "")
	default:
		return fault.Wrap(err, fault.ServerError, "%s the file %s", doing, what)
	}
}
