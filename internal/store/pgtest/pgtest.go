// Package pgtest gives tests a real PostgreSQL: a throw-away cluster, started
// once per test program, and a fresh database per test. It is for tests only, on
// Unix.
//
// Start reading at URL.
package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a running PostgreSQL server.
type Cluster struct {
	dir, bin string
	port     int
	owner    *syscall.SysProcAttr // whom the server runs as: it refuses root
	process  *exec.Cmd
}

var (
	shared     *Cluster
	sharedErr  error
	sharedOnce sync.Once
	databases  atomic.Int64
)

// URL is the address of an empty database that only this test uses. A server
// named by TYPECASE_TEST_POSTGRES is used instead of a throw-away cluster. When
// PostgreSQL's programs are not installed, the test fails.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("TYPECASE_TEST_POSTGRES")
	if server == "" {
		sharedOnce.Do(func() { shared, sharedErr = start() })
		if sharedErr != nil {
			t.Fatalf("PostgreSQL for tests: %v", sharedErr)
		}
		server = shared.url("postgres")
	}
	return freshDatabase(t, server)
}

// New starts a cluster that only this test uses, for tests that stop it.
func New(t testing.TB) *Cluster {
	t.Helper()
	c, err := start()
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	t.Cleanup(c.remove)
	return c
}

// URL is the address of an empty database of the cluster.
func (c *Cluster) URL(t testing.TB) string {
	t.Helper()
	return freshDatabase(t, c.url("postgres"))
}

// Kill ends the cluster as a power failure would: its processes are gone at
// once, nothing is written any more.
func (c *Cluster) Kill(t testing.TB) {
	t.Helper()
	// The whole group: children of a killed postmaster would linger a moment.
	if err := syscall.Kill(-c.process.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = c.process.Wait() // "signal: killed" is what was asked for
}

// Restart starts a killed cluster on its data.
func (c *Cluster) Restart(t testing.TB) {
	t.Helper()
	// A killed server leaves these; its processes are known to be gone.
	for _, leftover := range []string{"postmaster.pid", ".s.PGSQL." + strconv.Itoa(c.port) + ".lock"} {
		if err := os.Remove(filepath.Join(c.dir, leftover)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := c.run(); err != nil {
		t.Fatal(err)
	}
}

func (c *Cluster) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", c.port, database)
}

// freshDatabase makes a database on a server and drops it when the test ends.
func freshDatabase(t testing.TB, server string) string {
	t.Helper()
	cfg, err := pgx.ParseConfig(server)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("typecase_%d_%d", os.Getpid(), databases.Add(1))
	execute(t, cfg, "CREATE DATABASE "+name)
	t.Cleanup(func() { execute(t, cfg, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	return fmt.Sprintf("postgres://%s:%s@%s/%s?sslmode=disable", cfg.User, cfg.Password, net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))), name)
}

func execute(t testing.TB, cfg *pgx.ConnConfig, sql string) {
	t.Helper()
	ctx := context.Background() // the test's own context is over when it cleans up
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		t.Errorf("PostgreSQL for tests: %v", err)
		return
	}
	_, err = conn.Exec(ctx, sql)
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		t.Errorf("PostgreSQL for tests: %v", err)
	}
}

// start makes a cluster in a temporary folder. It is durable like a real one.
func start() (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	c := &Cluster{bin: bin}
	sweep()
	if c.dir, err = os.MkdirTemp("", fmt.Sprintf("%s%d-", prefix, os.Getpid())); err != nil {
		return nil, err
	}
	if err := c.become(); err != nil {
		return nil, err
	}
	// A collation like most servers have, not the order of bytes.
	initdb := c.command("initdb", "-D", c.dir, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en")
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if c.port, err = freePort(); err != nil {
		return nil, err
	}
	return c, c.run()
}

// prefix begins the names of the clusters' folders; the test program's process id
// follows.
const prefix = "typecase-postgres-"

// sweep removes what test programs left that have ended: their last act cannot be
// to wait for the server.
func sweep() {
	folders, err := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*-*"))
	if err != nil {
		return // only for a malformed pattern
	}
	for _, folder := range folders {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(folder), prefix+"%d-", &pid); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(folder) // another test program may be doing the same
		}
	}
}

// run starts the server and waits until it answers. It dies with the test
// program, however that ends.
func (c *Cluster) run() error {
	c.process = c.command("postgres", "-D", c.dir, "-p", strconv.Itoa(c.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+c.dir, "-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "deadlock_timeout=50ms")
	var log bytes.Buffer
	c.process.Stdout, c.process.Stderr = &log, &log
	if err := c.process.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.url("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, log.String())
		case <-tick.C:
		}
	}
}

func (c *Cluster) remove() {
	_ = syscall.Kill(-c.process.Process.Pid, syscall.SIGKILL) // it may be gone already
	_ = c.process.Wait()
	_ = os.RemoveAll(c.dir)
}

// command is a program of PostgreSQL, run as an unprivileged user, in a process
// group of its own, and stopped when the test program ends.
func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	attr := *c.owner
	attr.Setpgid = true
	dieWithParent(&attr)
	cmd.SysProcAttr = &attr
	return cmd
}

// become chooses whom to run as: PostgreSQL refuses to run as root.
func (c *Cluster) become() error {
	c.owner = &syscall.SysProcAttr{}
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		c.owner.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return os.Chown(c.dir, uid, gid)
	}
	return errors.New("running as root, and there is no user postgres or nobody to run PostgreSQL as")
}

// programs finds the folder with PostgreSQL's programs, the newest first.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(real), "postgres")); err == nil {
				return filepath.Dir(real), nil
			}
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("initdb is neither in PATH nor below /usr/lib/postgresql: install PostgreSQL, or name a server in TYPECASE_TEST_POSTGRES")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1]), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
