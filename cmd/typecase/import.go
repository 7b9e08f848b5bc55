package main

import (
	"github.com/typecase/typecase/internal/server"
	"github.com/typecase/typecase/internal/transfer"
)

type importCmd struct {
	From        string `arg:"" help:"File of the official export tool, or a folder that typecase export has written."`
	Space       string `placeholder:"ID" help:"Id of the space. Without it: the only one there is."`
	Environment string `default:"master" placeholder:"ID" help:"Id of the environment, or an alias. Without it: master."`
	Assets      string `placeholder:"DIR" help:"With a file: folder with the files of assets, as the official export tool downloads them. Without it they are fetched from their URLs."`
	KeepSys     bool   `help:"Keep versions, counters, times and users as they were. What is there already with other content is a conflict then."`
	DryRun      bool   `help:"Say what would happen and leave everything as it is: the import goes into a copy of the environment, which is removed at the end."`
	JSON        bool   `help:"Print the report as JSON."`
}

// Run imports into an environment.
func (c importCmd) Run(a *app) error {
	args := server.Import{Space: c.Space, Environment: c.Environment}
	args.KeepSys, args.DryRun = c.KeepSys, c.DryRun
	if err := absolute(map[string]*string{c.From: &args.From, c.Assets: &args.Assets}); err != nil {
		return err
	}
	var r transfer.Report
	if err := a.command("content import", args, &r); err != nil {
		return err
	}
	return a.report(r, c.JSON, []string{"KIND", "READ", "CREATED", "UPDATED", "UNCHANGED", "PUBLISHED", "ARCHIVED", "FAILED"}, func(n transfer.Count) []int {
		return []int{n.Total, n.Created, n.Updated, n.Unchanged, n.Published, n.Archived, n.Failed}
	})
}
