package transfer

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// sink takes what is exported. What it has written has its name only after
// finish; abandon removes it.
type sink interface {
	// begin begins the list of a kind.
	begin(kind string) error
	// add adds a resource to it. more are members that only the folder has, "" or
	// `,"name":value`.
	add(raw json.RawMessage, more string) error
	// file copies the file of an asset to its place below the folder of files.
	file(at string, r io.Reader) (fileSum, error)
	finish(m Manifest) error
	abandon() error
}

// line is a resource with members added at its end.
func line(raw json.RawMessage, more string) string { return string(raw[:len(raw)-1]) + more + "}\n" }

// folder is the sink of the folder with one resource a line.
type folder struct {
	path string // as it is called in the end
	temp string
	root *os.Root
	out  *list
	done map[string]List
}

// list is one file of resources while it is written.
type list struct {
	kind string
	f    *os.File
	w    *bufio.Writer
	sum  *summer
	n    int
}

// summer counts and sums up what is written.
type summer struct {
	w io.Writer
	h hash.Hash
	n int64
}

func newSummer(w io.Writer) *summer { return &summer{w: w, h: sha256.New()} }

func (s *summer) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n += int64(n)
	_, _ = s.h.Write(p[:n]) // a hash takes everything
	return n, err
}

func (s *summer) sum() string { return hex.EncodeToString(s.h.Sum(nil)) }

// absent fails when there is something at a path already: an export overwrites
// nothing.
func absent(path string) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return fmt.Errorf("%s is there already; choose another name", path)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}

func newFolder(to string) (*folder, error) {
	if err := absent(to); err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(to), ".typecase-export-*")
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(temp)
	return &folder{path: to, temp: temp, root: root, done: map[string]List{}}, err
}

func (o *folder) begin(kind string) error {
	if err := o.end(); err != nil {
		return err
	}
	f, err := o.root.OpenFile(kind+lineExt, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	sum := newSummer(f)
	o.out = &list{kind: kind, f: f, sum: sum, w: bufio.NewWriterSize(sum, 1<<16)}
	return nil
}

// end closes the list that is written, if there is one.
func (o *folder) end() error {
	l := o.out
	if l == nil {
		return nil
	}
	o.out = nil
	err := errors.Join(l.w.Flush(), l.f.Sync(), l.f.Close())
	o.done[l.kind] = List{Count: l.n, Bytes: l.sum.n, SHA256: l.sum.sum()}
	return err
}

func (o *folder) add(raw json.RawMessage, more string) error {
	o.out.n++
	_, err := o.out.w.WriteString(line(raw, more))
	return err
}

func (o *folder) file(at string, r io.Reader) (fileSum, error) {
	return copyFile(o.root, path.Join(filesDir, at), os.O_TRUNC, r)
}

// copyFile writes a file below a folder, and everything above it that is missing. with is
// what to do with one that is there: os.O_TRUNC or os.O_EXCL. One that is not whole does
// not stay: with os.O_EXCL it would be in the way of the next try.
func copyFile(root *os.Root, at string, with int, r io.Reader) (fileSum, error) {
	if err := root.MkdirAll(path.Dir(at), 0o700); err != nil {
		return fileSum{}, err
	}
	f, err := root.OpenFile(at, os.O_CREATE|with|os.O_WRONLY, 0o600)
	if err != nil {
		return fileSum{}, err
	}
	sum := newSummer(f)
	_, err = io.Copy(sum, r)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fileSum{}, errors.Join(err, root.Remove(at))
	}
	return fileSum{sum.n, sum.sum()}, nil
}

func (o *folder) finish(m Manifest) error {
	if err := o.end(); err != nil {
		return err
	}
	m.Lists = o.done
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := o.root.WriteFile(manifestFile, append(body, '\n'), 0o600); err != nil {
		return err
	}
	return errors.Join(o.root.Close(), os.Rename(o.temp, o.path))
}

func (o *folder) abandon() error {
	var err error
	if o.out != nil {
		err = o.out.f.Close()
	}
	return errors.Join(err, o.root.Close(), os.RemoveAll(o.temp))
}

// single is the sink of the official file, with a folder of files beside it if
// one is wanted.
type single struct {
	path  string
	f     *os.File
	w     *bufio.Writer
	files *os.Root // nil: files are not wanted
	lists int
	first bool
}

func newSingle(to, files string) (*single, error) {
	if err := absent(to); err != nil {
		return nil, err
	}
	o := &single{path: to}
	if files != "" {
		if err := os.MkdirAll(files, 0o700); err != nil {
			return nil, err
		}
		var err error
		if o.files, err = os.OpenRoot(files); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(to), ".typecase-export-*")
	if err != nil {
		return nil, err
	}
	o.f, o.w = f, bufio.NewWriterSize(f, 1<<16)
	_, err = o.w.WriteString("{")
	return o, err
}

func (o *single) begin(kind string) error {
	before := "\n"
	if o.lists > 0 {
		before = "\n],\n"
	}
	o.lists++
	o.first = true
	_, err := fmt.Fprintf(o.w, "%s%q: [", before, kind)
	return err
}

func (o *single) add(raw json.RawMessage, _ string) error {
	before := ",\n"
	if o.first {
		before, o.first = "\n", false
	}
	_, err := o.w.WriteString(before + string(raw))
	return err
}

// file leaves alone what is there: the folder is somebody's, who may have files of an
// earlier export in it. They have to be the same.
func (o *single) file(at string, r io.Reader) (fileSum, error) {
	sum, err := copyFile(o.files, at, os.O_EXCL, r)
	if !errors.Is(err, fs.ErrExist) {
		return sum, err
	}
	there, err := openBelow(o.files, at)
	if err != nil {
		return fileSum{}, err
	}
	old, wanted := newSummer(io.Discard), newSummer(io.Discard)
	_, err = io.Copy(old, there)
	if err = errors.Join(err, there.Close()); err != nil {
		return fileSum{}, err
	}
	if _, err := io.Copy(wanted, r); err != nil {
		return fileSum{}, err
	}
	if old.sum() != wanted.sum() {
		return fileSum{}, fmt.Errorf("%s is there already with other content; choose another folder", filepath.Join(o.files.Name(), at))
	}
	return fileSum{wanted.n, wanted.sum()}, nil
}

func (o *single) finish(Manifest) error {
	_, err := o.w.WriteString("\n]\n}\n")
	err = errors.Join(err, o.w.Flush(), o.f.Sync(), o.f.Close())
	if o.files != nil {
		err = errors.Join(err, o.files.Close())
	}
	if err != nil {
		return errors.Join(err, os.Remove(o.f.Name()))
	}
	return os.Rename(o.f.Name(), o.path)
}

func (o *single) abandon() error {
	err := errors.Join(o.f.Close(), os.Remove(o.f.Name()))
	if o.files != nil {
		err = errors.Join(err, o.files.Close())
	}
	return err
}
