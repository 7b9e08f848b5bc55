package main

import (
	"github.com/typecase/typecase/internal/server"
	"github.com/typecase/typecase/internal/typegen"
)

type typesCmd struct {
	Lang        string `required:"" enum:"ts,go" help:"Language: ts for the contentful package, or go."`
	Space       string `placeholder:"ID" help:"Id of the space. Without it: the only one there is."`
	Environment string `default:"master" placeholder:"ID" help:"Id of the environment, or an alias. Without it: master."`
	Package     string `default:"content" placeholder:"NAME" help:"Name of the Go package."`
}

// Run prints the types of a content model.
func (c typesCmd) Run(a *app) error {
	var model typegen.Model
	if err := a.command("content model", server.ModelOf{Space: c.Space, Environment: c.Environment}, &model); err != nil {
		return err
	}
	source := typegen.TypeScript(model)
	if c.Lang == "go" {
		var err error
		if source, err = typegen.Go(model, c.Package); err != nil {
			return err
		}
	}
	_, err := a.stdout.Write(source)
	return err
}
