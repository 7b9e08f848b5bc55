// Command typecase is the whole program: the server, and the commands to look
// after it. This package reads command lines, writes what people and scripts
// see, and ends with an exit code; the work is done by package server.
//
// Data goes to standard output, messages for people to standard error. Exit
// codes: 0 success, 1 failure, 2 a mistake in the command line or the settings;
// of typecase run that of the command.
//
// Start reading at cli, then run.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/typecase/typecase/internal/config"
)

const (
	exitFailure = 1
	exitUsage   = 2
)

// cli is every command; the settings can be given to each.
type cli struct {
	config.Config

	Serve    serveCmd    `cmd:"" help:"Run the server."`
	Demo     demoCmd     `cmd:"" help:"Run the server with an example space inside."`
	Command  runCmd      `cmd:"" name:"run" help:"Run a command so that the official host names lead it to this server."`
	Space    spaceCmd    `cmd:"" help:"Create, list, delete spaces and their keys; put them to sleep and wake them."`
	Token    tokenCmd    `cmd:"" help:"Create and list management tokens."`
	CA       caCmd       `cmd:"" name:"ca" help:"Print the path of the certificate clients must trust for HTTPS."`
	Settings settingsCmd `cmd:"" name:"config" help:"Print the effective settings and where each comes from."`
	Export   exportCmd   `cmd:"" help:"Write all of an environment to a file or a folder."`
	Import   importCmd   `cmd:"" help:"Put what was exported into an environment: a file of the official tool or a folder."`
	Types    typesCmd    `cmd:"" help:"Print the content model of an environment as types of a programming language."`
	Requests requestsCmd `cmd:"" help:"List the latest requests to the running server, if it keeps a journal of them."`
	Request  requestCmd  `cmd:"" help:"Print what the running server remembers of a request, by the id of its answer."`
	Explain  explainCmd  `cmd:"" help:"Explain an error: what it means, what causes it, how to fix it."`
	Version  versionCmd  `cmd:"" help:"Print the version."`
}

// app is what commands work with.
type app struct {
	ctx    context.Context // ends with the first SIGINT or SIGTERM
	config config.Config
	// settings lists the effective settings with their origins.
	settings func() []config.Setting
	stdout   io.Writer
	stderr   io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	spread()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// fewProcessors is up to how many processors count as few.
const fewProcessors = 4

// spread lets Go run twice as many goroutines at once as there are processors, where
// these are few, unless GOMAXPROCS says how many. Else the two that compute for
// writers hold up everybody until they pause, while the operating system would
// give readers their turn at once: with two processors the slowest hundredth of
// readers beside 16 writers waits half as long, and writers get on faster too.
func spread() {
	if os.Getenv("GOMAXPROCS") == "" && runtime.NumCPU() <= fewProcessors {
		runtime.GOMAXPROCS(2 * runtime.GOMAXPROCS(0))
	}
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		args = []string{"--help"}
	}
	var c cli
	sources := config.NewSources(environ)
	parser, err := kong.New(&c, append(sources.Options(),
		kong.Name("typecase"),
		kong.Description("A content platform that speaks Contentful's API. One program, your own disk. Begin with: typecase demo"),
		kong.Writers(stdout, stderr),
		kong.Help(help),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)...)
	if err != nil { // a mistake in the structs above
		fmt.Fprintln(stderr, "typecase:", err)
		return exitFailure
	}
	line, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "typecase: %v\nSee typecase --help, or --help after a command.\n", err)
		return exitUsage
	}
	err = line.Run(&app{
		ctx: ctx, config: c.Config, stdout: stdout, stderr: stderr,
		settings: func() []config.Setting { return sources.Effective(line) },
	})
	var code exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code): // of the command that was run; nothing is to be said
		return int(code)
	default:
		fmt.Fprintln(stderr, "typecase:", err)
		return exitFailure
	}
}

// help leaves out the settings a command has no use for: they can be given, but
// would bury what matters.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	show := []string{"config", "data", "database"}
	if n := ctx.Selected(); n == nil {
		show = nil
	} else if slices.Contains([]string{"serve", "demo", "config"}, n.Name) {
		return kong.DefaultHelpPrinter(options, ctx)
	} else if n.Name == "run" {
		show = append(show, "allow-private-addresses")
	}
	for _, f := range ctx.Model.Flags {
		if f.Group != nil && !slices.Contains(show, f.Name) {
			f.Hidden = true
		}
	}
	return kong.DefaultHelpPrinter(options, ctx)
}
