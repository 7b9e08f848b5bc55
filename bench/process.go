package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that runs beside this program.
type process struct {
	name  string
	addr  string
	meter string // address of its metrics, if it has them
	cmd   *exec.Cmd
	log   *os.File
	start time.Duration // from the call to the first 200
}

// freeAddr is an address nobody listens on now.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// startProcess runs a program until it answers 200 at a path. Its output goes to
// a file in dir, as that of a service does. args gets the address to listen on.
func startProcess(ctx context.Context, name, dir, health, program string, args func(addr string) []string) (*process, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	p := &process{name: name, addr: addr}
	if p.log, err = os.Create(filepath.Join(dir, name+".log")); err != nil {
		return nil, err
	}
	p.cmd = exec.Command(program, args(addr)...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, errors.Join(err, p.log.Close())
	}
	exited := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // stop looks at the state it leaves
		close(exited)
	}()
	get := newRequest(200, "GET", health, "")
	for {
		c, err := dial(addr)
		if err == nil {
			_, err = c.send(get, io.Discard)
			c.conn.Close()
		}
		if err == nil {
			p.start = time.Since(began)
			return p, nil
		}
		select {
		case <-exited:
			text, _ := os.ReadFile(p.log.Name()) // as much as there is
			return nil, fmt.Errorf("%s ended at once:\n%s", name, text)
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), p.stop())
		case <-time.After(2 * time.Millisecond):
		}
		if time.Since(began) > time.Minute {
			return nil, errors.Join(fmt.Errorf("%s does not answer: %w", name, err), p.stop())
		}
	}
}

// stop ends the process and waits until it has gone.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	for range 1000 {
		if err := p.cmd.Process.Signal(syscall.Signal(0)); err != nil {
			return p.log.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.Join(fmt.Errorf("%s does not end", p.name), p.cmd.Process.Kill(), p.log.Close())
}

// tick is the unit of times in /proc on Linux.
const tick = 10 * time.Millisecond

// cpu is the processor time the process has used.
func (p *process) cpu() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	// the name, in parentheses, may hold anything
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("unknown form of /proc/…/stat: %s", b)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, err
}

// memory is the resident memory of the process in bytes.
func (p *process) memory() (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, errors.New("no VmRSS in /proc/…/status")
}

// statements is how many SQL statements the process has sent; 0 when it does not say.
func (p *process) statements() (n float64, err error) {
	if p.meter == "" {
		return 0, nil
	}
	c, err := dial(p.meter)
	if err != nil {
		return 0, err
	}
	defer c.conn.Close()
	var text strings.Builder
	if _, err := c.send(newRequest(200, "GET", "/metrics", ""), &text); err != nil {
		return 0, err
	}
	for line := range strings.Lines(text.String()) {
		if value, ok := strings.CutPrefix(line, "typecase_sql_statements_total "); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, errors.New("the metrics do not count statements")
}
