package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestSweep: folders of test programs that have ended go, others stay.
func TestSweep(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{ // whether it stays
		fmt.Sprintf("%s%d-1", prefix, ended.Process.Pid): false,
		fmt.Sprintf("%s%d-1", prefix, os.Getpid()):       true,
		prefix + "x-1":                    true,
		fmt.Sprint("other-", os.Getpid()): true,
	}
	for name := range folders {
		if err := os.MkdirAll(filepath.Join(temp, name, "base"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sweep()
	for name, stays := range folders {
		if _, err := os.Stat(filepath.Join(temp, name)); stays && err != nil || !stays && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v, want it to stay: %v", name, err, stays)
		}
	}
}

// TestKill: a killed server does not answer; restarted, it has what it had.
func TestKill(t *testing.T) {
	c := New(t)
	url := c.URL(t)
	query := func(sql string) error {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			return err
		}
		_, err = conn.Exec(t.Context(), sql)
		return errors.Join(err, conn.Close(t.Context()))
	}
	if err := query("CREATE TABLE kept (n INTEGER)"); err != nil {
		t.Fatal(err)
	}
	c.Kill(t)
	if err := query("SELECT n FROM kept"); err == nil {
		t.Error("a killed server answers")
	}
	c.Restart(t)
	if err := query("SELECT n FROM kept"); err != nil {
		t.Error(err)
	}
	if err := query("SELECT n FROM never"); err == nil {
		t.Error("a table is there that was never made")
	}
}
