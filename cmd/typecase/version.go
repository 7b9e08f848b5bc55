package main

import (
	"fmt"
	"runtime"

	"github.com/typecase/typecase/internal/server"
)

type versionCmd struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the version of Typecase and of the Go it was built with.
func (c versionCmd) Run(a *app) error {
	if c.JSON {
		return printJSON(a.stdout, map[string]string{
			"version": server.Version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH,
		})
	}
	_, err := fmt.Fprintf(a.stdout, "typecase %s (%s, %s/%s)\n", server.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
