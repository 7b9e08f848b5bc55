package transfer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// source is what is imported. Opening it has read all of it once, so that nothing
// is begun with what is damaged.
type source interface {
	// count is how many resources of a kind there are.
	count(kind string) int
	// strange are the lists that it has and that nothing is known about.
	strange() []string
	// each calls f with the resources of a kind, one after the other. raw is only
	// valid until f returns.
	each(ctx context.Context, kind string, f func(raw json.RawMessage) error) error
	// file opens the file of an asset by its URL; fs.ErrNotExist when there is none.
	file(url string) (io.ReadCloser, error)
	close() error
}

// open opens a file in the official form or a folder.
func open(ctx context.Context, from, assets string) (source, error) {
	info, err := os.Stat(from)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir() && !info.Mode().IsRegular():
		return nil, irregular(from)
	case !info.IsDir():
		return openOfficial(ctx, from, assets)
	case assets != "":
		return nil, errors.New("a folder has the files of assets in it: another folder for them goes with a .json file only")
	default:
		return openFolder(ctx, from)
	}
}

// irregular says that there is a pipe, a device or a folder. Nobody knows when a pipe
// can be opened, and it cannot be read twice.
func irregular(path string) error { return fmt.Errorf("%s is not a file", path) }

// openBelow opens a file below a folder.
func openBelow(root *os.Root, name string) (*os.File, error) {
	info, err := root.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, irregular(filepath.Join(root.Name(), name))
	}
	return root.Open(name)
}

// damaged says where a file cannot be what was written.
func damaged(name, format string, args ...any) error {
	return fmt.Errorf("%s is damaged: %s", name, fmt.Sprintf(format, args...))
}

// official is a file of the official export tool. It remembers where the lists
// begin.
type official struct {
	f     *os.File
	files *os.Root // nil: there are none
	lists map[string]stretch
	other []string
}

// stretch is a list in a file.
type stretch struct {
	at int64 // behind the bracket that opens it
	n  int
}

func openOfficial(ctx context.Context, from, assets string) (source, error) {
	f, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	s := &official{f: f, lists: map[string]stretch{}}
	if assets != "" {
		s.files, err = os.OpenRoot(assets)
	}
	if err == nil {
		err = s.survey(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// survey reads the whole file: what is no JSON, too large for a resource, or cut
// off, is an error before anything is begun.
func (s *official) survey(ctx context.Context) error {
	limited := &rationed{r: bufio.NewReaderSize(s.f, 1<<16)}
	dec := json.NewDecoder(limited)
	next := func() (json.Token, error) { limited.refill(); return dec.Token() }
	wrong := func(err error) error {
		if errors.Is(err, errRation) {
			return fmt.Errorf("%s: a resource near byte %d takes more than %d bytes", s.f.Name(), dec.InputOffset(), maxResource)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			info, err := s.f.Stat()
			if err != nil {
				return err
			}
			return damaged(s.f.Name(), "it ends at byte %d, in the middle", info.Size())
		}
		return damaged(s.f.Name(), "%v, near byte %d", err, dec.InputOffset())
	}
	t, err := next()
	if err != nil {
		return wrong(err)
	}
	if t != json.Delim('{') {
		return fmt.Errorf("%s is no export: it begins with %v, not with an object", s.f.Name(), t)
	}
	for dec.More() {
		name, err := next()
		if err != nil {
			return wrong(err)
		}
		kind := name.(string) // a member of an object has a name
		if _, twice := s.lists[kind]; twice {
			return damaged(s.f.Name(), "%q stands in it twice", kind)
		}
		t, err := next()
		if err != nil {
			return wrong(err)
		}
		if t != json.Delim('[') {
			return fmt.Errorf("%s is no export: %q is no list", s.f.Name(), kind)
		}
		at := stretch{at: dec.InputOffset()}
		for ; dec.More(); at.n++ {
			limited.refill()
			var raw json.RawMessage
			if err := errors.Join(dec.Decode(&raw), ctx.Err()); err != nil {
				return wrong(err)
			}
		}
		if _, err := next(); err != nil {
			return wrong(err)
		}
		s.lists[kind] = at
		if !known(kind) {
			s.other = append(s.other, kind)
		}
	}
	if _, err := next(); err != nil {
		return wrong(err)
	}
	if t, err := next(); err == nil {
		return damaged(s.f.Name(), "%v stands behind its end", t)
	} else if !errors.Is(err, io.EOF) {
		return wrong(err)
	}
	return nil
}

func (s *official) count(kind string) int { return s.lists[kind].n }

func (s *official) strange() []string { return s.other }

func (s *official) each(ctx context.Context, kind string, f func(json.RawMessage) error) error {
	list, ok := s.lists[kind]
	if !ok {
		return nil
	}
	if _, err := s.f.Seek(list.at, io.SeekStart); err != nil {
		return err
	}
	limited := &rationed{r: bufio.NewReaderSize(s.f, 1<<16)}
	limited.refill()
	dec := json.NewDecoder(io.MultiReader(bytes.NewReader([]byte("[")), limited))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for range list.n {
		limited.refill()
		var raw json.RawMessage
		if err := errors.Join(dec.Decode(&raw), ctx.Err()); err != nil {
			return fmt.Errorf("%s, %s: %w", s.f.Name(), kind, err)
		}
		if err := f(raw); err != nil {
			return err
		}
	}
	return nil
}

func (s *official) file(url string) (io.ReadCloser, error) {
	if s.files == nil {
		return nil, fs.ErrNotExist
	}
	return openFile(s.files, "", url)
}

// openFile opens the file of an asset.
func openFile(root *os.Root, dir, url string) (io.ReadCloser, error) {
	at, err := filePath(url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return openBelow(root, path.Join(dir, at))
}

func (s *official) close() error {
	err := s.f.Close()
	if s.files != nil {
		err = errors.Join(err, s.files.Close())
	}
	return err
}

// rationed is a reader that gives out no more than a resource may take between two
// refills, whatever the decoder behind it asks for.
type rationed struct {
	r    io.Reader
	left int
}

var errRation = errors.New("a resource is too large")

func (r *rationed) refill() { r.left = maxResource }

func (r *rationed) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errRation
	}
	n, err := r.r.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}

// shelf is a folder with a manifest.
type shelf struct {
	path string
	root *os.Root
	m    Manifest
}

func openFolder(ctx context.Context, from string) (source, error) {
	root, err := os.OpenRoot(from)
	if err != nil {
		return nil, err
	}
	s := &shelf{path: from, root: root}
	if err := s.survey(ctx); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// survey compares all lists with their checksums.
func (s *shelf) survey(ctx context.Context) error {
	raw, err := s.manifest()
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s has no %s: it is no export, or one that was not finished", s.path, manifestFile)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &s.m); err != nil {
		return damaged(filepath.Join(s.path, manifestFile), "%s", unreadable(err))
	}
	if s.m.Format != formatName || s.m.Version != formatVersion {
		return fmt.Errorf("%s is of the form %q, version %d; this program reads %q, version %d", s.path, s.m.Format, s.m.Version, formatName, formatVersion)
	}
	for kind, want := range s.m.Lists {
		if !known(kind) {
			continue
		}
		f, err := openBelow(s.root, kind+lineExt)
		if errors.Is(err, fs.ErrNotExist) {
			return damaged(s.path, "%s is missing, which the manifest names", kind+lineExt)
		}
		if err != nil {
			return err
		}
		sum := newSummer(io.Discard)
		_, err = io.Copy(sum, stoppable{ctx, f})
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		if sum.n != want.Bytes || sum.sum() != want.SHA256 {
			return damaged(filepath.Join(s.path, kind+lineExt), "it has %d bytes with the SHA-256 %s, the manifest says %d and %s", sum.n, sum.sum(), want.Bytes, want.SHA256)
		}
	}
	return nil
}

// manifest reads the manifest, which is small.
func (s *shelf) manifest() ([]byte, error) {
	f, err := openBelow(s.root, manifestFile)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return raw, errors.Join(err, f.Close())
}

func (s *shelf) count(kind string) int { return s.m.Lists[kind].Count }

func (s *shelf) strange() []string {
	var out []string
	for kind := range s.m.Lists {
		if !known(kind) {
			out = append(out, kind)
		}
	}
	return out
}

func (s *shelf) each(ctx context.Context, kind string, f func(json.RawMessage) error) error {
	if _, ok := s.m.Lists[kind]; !ok {
		return nil
	}
	file, err := openBelow(s.root, kind+lineExt)
	if err != nil {
		return err
	}
	defer file.Close() // only read from
	lines := bufio.NewScanner(stoppable{ctx, file})
	lines.Buffer(make([]byte, 0, 1<<16), maxResource)
	n := 0
	for ; lines.Scan(); n++ {
		if err := f(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s, line %d: %w", filepath.Join(s.path, kind+lineExt), n+1, err)
	}
	if want := s.m.Lists[kind].Count; n != want {
		return damaged(filepath.Join(s.path, kind+lineExt), "it has %d lines, the manifest says %d", n, want)
	}
	return nil
}

func (s *shelf) file(url string) (io.ReadCloser, error) { return openFile(s.root, filesDir, url) }

func (s *shelf) close() error { return s.root.Close() }

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// verified is a reader that fails at its end when what came was something else.
type verified struct {
	r    io.Reader
	want fileSum
	sum  *summer
}

func verify(r io.Reader, want fileSum) io.Reader {
	return &verified{r: r, want: want, sum: newSummer(io.Discard)}
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	_, _ = v.sum.Write(p[:n]) // it takes everything
	if errors.Is(err, io.EOF) && (v.sum.n != v.want.Size || v.sum.sum() != v.want.SHA256) {
		return n, fmt.Errorf("the file is damaged: it has %d bytes with the SHA-256 %s, the export says %d and %s", v.sum.n, v.sum.sum(), v.want.Size, v.want.SHA256)
	}
	return n, err
}
