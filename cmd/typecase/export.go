package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/typecase/typecase/internal/server"
	"github.com/typecase/typecase/internal/transfer"
)

type exportCmd struct {
	To          string `arg:"" help:"File to write, in the official form, if the name ends with .json; else a folder, which has everything: files, both versions of what has unpublished changes, checksums. It must not exist."`
	Space       string `placeholder:"ID" help:"Id of the space. Without it: the only one there is."`
	Environment string `default:"master" placeholder:"ID" help:"Id of the environment, or an alias. Without it: master."`
	Assets      string `placeholder:"DIR" help:"With a .json file: folder for the files of assets, as the official import tool wants them."`
	JSON        bool   `help:"Print the report as JSON."`
}

// Run exports an environment.
func (c exportCmd) Run(a *app) error {
	args := server.Export{Space: c.Space, Environment: c.Environment}
	if err := absolute(map[string]*string{c.To: &args.To, c.Assets: &args.Assets}); err != nil {
		return err
	}
	var r transfer.Report
	if err := a.command("content export", args, &r); err != nil {
		return err
	}
	return a.report(r, c.JSON, []string{"KIND", "WRITTEN"}, func(n transfer.Count) []int { return []int{n.Total} })
}

// absolute are paths for a command that may run in another directory.
func absolute(paths map[string]*string) error {
	for path, to := range paths {
		if path == "" {
			continue
		}
		var err error
		if *to, err = filepath.Abs(path); err != nil {
			return err
		}
	}
	return nil
}

// report prints what came of a transfer: figures to standard output, what is
// wrong to standard error. It fails when something is.
func (a *app) report(r transfer.Report, asJSON bool, heading []string, figures func(transfer.Count) []int) error {
	if asJSON {
		if err := printJSON(a.stdout, r); err != nil {
			return err
		}
	} else {
		var rows [][]string
		for _, n := range r.Counts {
			row := []string{n.Kind}
			for _, f := range figures(n) {
				row = append(row, strconv.Itoa(f))
			}
			rows = append(rows, row)
		}
		if err := printTable(a.stdout, heading, rows); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(a.stdout, "\n%d files of assets, %d bytes; %.1f seconds.\n", r.Files, r.Bytes, r.Seconds); err != nil {
			return err
		}
	}
	var err error
	for _, n := range r.Notices {
		_, e := fmt.Fprintln(a.stderr, printable(n))
		err = errors.Join(err, e)
	}
	for _, p := range r.Problems {
		_, e := fmt.Fprintln(a.stderr, printable(p.String()))
		err = errors.Join(err, e)
	}
	if n := len(r.Problems) + r.Omitted; n > 0 {
		return errors.Join(err, fmt.Errorf("%d problems; %d of them are listed above", n, len(r.Problems)))
	}
	return err
}
