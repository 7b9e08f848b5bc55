package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/httpapi/errorpage"
)

type explainCmd struct {
	Error string `arg:"" help:"Id of an error in either vocabulary, or an HTTP status."`
	JSON  bool   `help:"Print JSON."`
}

// Run prints what an error means and how to fix it: what the server's own page
// at /errors says.
func (c explainCmd) Run(a *app) error {
	entries, nearest := errorpage.Find(c.Error, baseURL(a.config))
	if entries == nil {
		return errors.New(errorpage.Unknown(c.Error, nearest))
	}
	if c.JSON {
		return printJSON(a.stdout, entries)
	}
	for i, e := range entries {
		text := e.Text()
		if i > 0 {
			text = "\n" + text
		}
		if _, err := fmt.Fprint(a.stdout, text); err != nil {
			return err
		}
	}
	return nil
}

// baseURL is where a server with these settings is reached from this machine.
func baseURL(c config.Config) string {
	if c.PublicURL != "" {
		return strings.TrimSuffix(c.PublicURL, "/")
	}
	scheme, address := "http://", c.HTTP
	if address == config.Off {
		scheme, address = "https://", c.HTTPS
	}
	if strings.HasPrefix(address, ":") { // all of the machine's addresses
		address = "localhost" + address
	}
	return scheme + address
}
