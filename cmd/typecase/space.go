package main

import (
	"fmt"

	"github.com/typecase/typecase/internal/server"
)

type spaceCmd struct {
	Create    spaceCreateCmd `cmd:"" help:"Create a space with an environment master."`
	List      spaceListCmd   `cmd:"" help:"List spaces."`
	Delete    spaceDeleteCmd `cmd:"" help:"Delete a space with everything in it, without asking."`
	Hibernate spaceSleepCmd  `cmd:"" help:"Put a space to sleep: the next request to it is answered 502 and wakes it."`
	Wake      spaceWakeCmd   `cmd:"" help:"Wake a sleeping space."`
	Key       spaceKeyCmd    `cmd:"" help:"Create delivery keys."`
}

type spaceCreateCmd struct {
	ID            chosen `name:"id" placeholder:"ID" help:"Id of the space, for one that has an id elsewhere. Without it one is made."`
	Name          string `required:"" help:"Name of the space."`
	DefaultLocale string `default:"en-US" help:"Code of the default locale."`
	JSON          bool   `help:"Print JSON."`
}

// Run creates a space.
func (c spaceCreateCmd) Run(a *app) error {
	var made server.Space
	err := a.command("space create", server.SpaceCreate{ID: string(c.ID), Name: c.Name, DefaultLocale: c.DefaultLocale}, &made)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, made)
	}
	_, err = fmt.Fprintln(a.stdout, made.ID)
	return err
}

type spaceListCmd struct {
	JSON bool `help:"Print JSON."`
}

// Run lists spaces.
func (c spaceListCmd) Run(a *app) error {
	var spaces []server.Space
	if err := a.command("space list", struct{}{}, &spaces); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, spaces)
	}
	rows := make([][]string, len(spaces))
	for i, s := range spaces {
		rows[i] = []string{s.ID, s.Name, yes(s.Hibernated)}
	}
	return printTable(a.stdout, []string{"ID", "NAME", "ASLEEP"}, rows)
}

type spaceDeleteCmd struct {
	ID string `arg:"" help:"Id of the space."`
}

// Run deletes a space.
func (c spaceDeleteCmd) Run(a *app) error { return a.spaceCommand("space delete", c.ID, "deleted") }

type spaceSleepCmd struct {
	ID string `arg:"" help:"Id of the space."`
}

// Run puts a space to sleep.
func (c spaceSleepCmd) Run(a *app) error { return a.spaceCommand("space hibernate", c.ID, "asleep") }

type spaceWakeCmd struct {
	ID string `arg:"" help:"Id of the space."`
}

// Run wakes a space.
func (c spaceWakeCmd) Run(a *app) error { return a.spaceCommand("space wake", c.ID, "awake") }

// spaceCommand runs a command that names a space and has no result.
func (a *app) spaceCommand(name, id, done string) error {
	if err := a.command(name, server.SpaceID{ID: id}, new(struct{})); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stderr, "space %s: %s\n", id, done)
	return err
}

type spaceKeyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Create an API key: a token for delivery and one for preview."`
}

type keyCreateCmd struct {
	Space        string `required:"" help:"Id of the space."`
	Name         string `default:"command line" help:"What the key is for."`
	Value        chosen `placeholder:"TOKEN" help:"The delivery token, for an application that has one already. Without it one is made."`
	PreviewValue chosen `placeholder:"TOKEN" help:"The preview token, likewise."`
	JSON         bool   `help:"Print JSON."`
}

// Run creates an API key.
func (c keyCreateCmd) Run(a *app) error {
	var made server.Key
	err := a.command("space key create", server.KeyCreate{
		Space: c.Space, Name: c.Name, Value: string(c.Value), PreviewValue: string(c.PreviewValue),
	}, &made)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, made)
	}
	_, err = fmt.Fprintf(a.stdout, "delivery  %s\npreview   %s\n", made.Value, made.PreviewValue)
	return err
}
