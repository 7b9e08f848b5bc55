package pgtest

import "syscall"

// dieWithParent has the server stopped when the test program ends, however it ends.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
