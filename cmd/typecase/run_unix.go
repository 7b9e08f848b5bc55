//go:build !windows

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// forwarded are the signals a command gets that is run.
var forwarded = []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2}

// fromTerminal are those that a terminal sends to all processes in front.
var fromTerminal = []os.Signal{unix.SIGINT, unix.SIGHUP, unix.SIGQUIT}

// onTerminal reports whether this process is in front on a terminal.
func onTerminal() bool {
	group, err := unix.IoctlGetInt(int(os.Stdin.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}
