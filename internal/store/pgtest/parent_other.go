//go:build !linux

package pgtest

import "syscall"

// dieWithParent does nothing: elsewhere a shared server has to be stopped by hand.
func dieWithParent(*syscall.SysProcAttr) {}
