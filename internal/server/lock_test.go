package server

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestLock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := acquire(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.announce("/run/a.sock"); err != nil {
		t.Fatal(err)
	}
	_, err = acquire(dir)
	var inUse *InUse
	if !errors.As(err, &inUse) {
		t.Fatalf("a second lock gives %v", err)
	}
	if inUse.Process != strconv.Itoa(os.Getpid()) || inUse.Socket != "/run/a.sock" || inUse.Data != dir {
		t.Errorf("held by %+v", inUse)
	}
	if text := inUse.Error(); !strings.Contains(text, dir) || !strings.Contains(text, "process "+inUse.Process) {
		t.Errorf("the message does not say who holds what: %s", text)
	}
	if err := first.release(); err != nil {
		t.Fatal(err)
	}
	second, err := acquire(dir)
	if err != nil {
		t.Fatalf("after release: %v", err)
	}
	if err := second.release(); err != nil {
		t.Fatal(err)
	}
}

func TestSealingKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made, err := sealingKey(dir, "")
	if err != nil || len(made) != 32 {
		t.Fatalf("%d bytes, %v", len(made), err)
	}
	again, err := sealingKey(dir, "")
	if err != nil || string(again) != string(made) {
		t.Errorf("another start has another key (%v)", err)
	}
	other, err := sealingKey(t.TempDir(), "")
	if err != nil || string(other) == string(made) {
		t.Errorf("another directory has the same key (%v)", err)
	}
	set, err := sealingKey(dir, "a secret of more than thirty-two characters")
	if err != nil || string(set) == string(made) {
		t.Errorf("the setting is not used (%v)", err)
	}
	path := filepath.Join(dir, secretName)
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sealingKey(dir, ""); err == nil {
		t.Error("a damaged key is used")
	}
}
