package blob

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/fault"
)

const key = "files/s1/a1/0123456789abcdef0123456789abcdef/cat.png"

// childDir, when set, makes the test binary a process that never finishes a Put
// into that folder.
const childDir = "TYPECASE_TEST_BLOB_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := putForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// putForever replaces the blob by bytes without end and says so once many of
// them are written.
func putForever(dir string) error {
	s, err := New(dir)
	if err != nil {
		return err
	}
	_, err = s.Put(context.Background(), key, "image/png", &endless{announceAt: 8 << 20}, 1<<40)
	return err
}

type endless struct{ read, announceAt int }

func (e *endless) Read(p []byte) (int, error) {
	if e.announceAt > 0 && e.read >= e.announceAt {
		fmt.Println("writing")
		return os.Stdin.Read(p) // blocks until the process is killed
	}
	e.read += len(p)
	return len(p), nil
}

func open(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := New(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, dir
}

func read(t *testing.T, s *Store, key string) string {
	t.Helper()
	b, err := s.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(b)
	if err := errors.Join(err, b.Close()); err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// leftovers are the temporary files.
func leftovers(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, tempDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestPutOpenDelete(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	size, err := s.Put(t.Context(), key, "image/png", strings.NewReader("meow"), 4)
	if err != nil || size != 4 {
		t.Fatalf("Put = %d, %v", size, err)
	}
	b, err := s.Open(key)
	if err != nil {
		t.Fatal(err)
	}
	if b.Size != 4 || b.ContentType != "image/png" || b.ModTime.IsZero() {
		t.Errorf("opened %+v", b)
	}
	if _, err := b.Seek(1, io.SeekStart); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(b); err != nil || string(got) != "eow" {
		t.Errorf("after the first byte comes %q, %v", got, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}

	if err := s.Delete(key); err != nil {
		t.Error(err)
	}
	if err := s.Delete(key); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}
	if _, err := s.Open(key); !fault.Is(err, fault.NotFound) {
		t.Errorf("open after delete: %v", err)
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestPutReplaces(t *testing.T) {
	t.Parallel()
	s, _ := open(t)
	for _, data := range []string{"first", "second"} {
		if _, err := s.Put(t.Context(), key, "text/plain", strings.NewReader(data), 100); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, key); got != data {
			t.Errorf("read %q, want %q", got, data)
		}
	}
}

func TestPutIsInvisibleUntilComplete(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	pr, pw := io.Pipe()
	done := make(chan error)
	go func() {
		_, err := s.Put(t.Context(), key, "image/png", pr, 100)
		done <- err
	}()
	if _, err := pw.Write([]byte("half")); err != nil { // returns when Put has read it
		t.Fatal(err)
	}
	if _, err := s.Open(key); !fault.Is(err, fault.NotFound) {
		t.Errorf("open while writing: %v", err)
	}
	broken := errors.New("connection broken")
	pw.CloseWithError(broken)
	if err := <-done; !errors.Is(err, broken) {
		t.Errorf("Put = %v, want the reader's error", err)
	}
	if _, err := s.Open(key); !fault.Is(err, fault.NotFound) {
		t.Errorf("open after a broken Put: %v", err)
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(t.Context(), key, "", strings.NewReader("12345"), 4); !fault.Is(err, fault.BodyTooLarge) {
		t.Errorf("five bytes, four allowed: %v", err)
	}
	if _, err := s.Put(cancelled, key, "", strings.NewReader("1234"), 4); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}

// A process that is killed in the middle of a Put leaves the key as it was, and
// its temporary file is cleared away later.
func TestPutSurvivesKill(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	if _, err := s.Put(t.Context(), key, "image/png", strings.NewReader("old"), 3); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), exe)
	child.Env = append(os.Environ(), childDir+"="+dir)
	var stderr bytes.Buffer
	child.Stderr = &stderr
	if _, err := child.StdinPipe(); err != nil { // never written to
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "writing\n" {
		t.Fatalf("the child said %q, %v, %s", line, err, stderr.String())
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}

	rest := leftovers(t, dir)
	if len(rest) != 1 {
		t.Fatalf("the killed process left %v, want its one temporary file", rest)
	}
	reopen := func() *Store {
		again, err := New(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = again.Close() })
		return again
	}
	if got := read(t, reopen(), key); got != "old" {
		t.Errorf("after the kill the key has %q", got)
	}
	if got := leftovers(t, dir); len(got) != 1 {
		t.Error("a fresh temporary file was taken for abandoned; another process may be writing it")
	}
	long := time.Now().Add(-abandonedAfter - time.Hour)
	if err := os.Chtimes(rest[0], long, long); err != nil {
		t.Fatal(err)
	}
	reopen()
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("abandoned files stay: %v", got)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "outside"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"", "/", "/etc/passwd", "../outside", "files/../../outside", "a/./b", "a//b", "a/", "tmp/x", `a\b`, "a b", "a~type", "a\x00b", "ü",
		strings.Repeat("x", maxName+1),
	} {
		if _, err := s.Put(t.Context(), bad, "", strings.NewReader("x"), 1); !fault.Is(err, fault.ServerError) {
			t.Errorf("Put(%q) = %v", bad, err)
		}
		if _, err := s.Open(bad); !fault.Is(err, fault.NotFound) {
			t.Errorf("Open(%q) = %v", bad, err)
		}
		if err := s.Delete(bad); !fault.Is(err, fault.ServerError) {
			t.Errorf("Delete(%q) = %v", bad, err)
		}
	}
	if _, err := s.Put(t.Context(), "a/b", "", strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open("a"); !fault.Is(err, fault.NotFound) {
		t.Errorf("opening a folder: %v", err)
	}
	// A link that someone put into the folder does not lead out of it.
	if err := os.Symlink(filepath.Join(filepath.Dir(dir), "outside"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if b, err := s.Open("link"); err == nil {
		t.Errorf("opened %+v outside the folder", b)
	}
}

func TestConcurrentPuts(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	const n = 20
	errs := make(chan error)
	for i := range n {
		go func() {
			_, err := s.Put(t.Context(), fmt.Sprintf("uploads/s%d/u%d", i%3, i), "", strings.NewReader(fmt.Sprint(i)), 10)
			errs <- err
		}()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	var got, want []string
	for i := range n {
		got = append(got, read(t, s, fmt.Sprintf("uploads/s%d/u%d", i%3, i)))
		want = append(want, fmt.Sprint(i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := leftovers(t, dir); len(got) > 0 {
		t.Errorf("left behind: %v", got)
	}
}
