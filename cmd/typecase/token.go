package main

import (
	"errors"
	"fmt"

	"github.com/typecase/typecase/internal/server"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Create a management token and print its value, which is not shown again."`
	List   tokenListCmd   `cmd:"" help:"List management tokens."`
}

// chosen is a value that the server would make otherwise. Given, it is not empty:
// a script whose variable is unset must not go on with another id or token.
type chosen string

// UnmarshalText takes the value from the command line.
func (c *chosen) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		return errors.New("is empty; leave the flag out to have one made")
	}
	*c = chosen(text)
	return nil
}

type tokenCreateCmd struct {
	Name     string `default:"command line" help:"What the token is for."`
	Value    chosen `placeholder:"TOKEN" help:"The token itself, for an application that has one already. Without it one is made."`
	ReadOnly bool   `help:"The token may read, not write."`
	JSON     bool   `help:"Print JSON."`
}

// Run creates a token.
func (c tokenCreateCmd) Run(a *app) error {
	var made server.Token
	err := a.command("token create", server.TokenCreate{Name: c.Name, Value: string(c.Value), ReadOnly: c.ReadOnly}, &made)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, made)
	}
	_, err = fmt.Fprintln(a.stdout, made.Value)
	return err
}

type tokenListCmd struct {
	JSON bool `help:"Print JSON."`
}

// Run lists tokens; their values are not known to the server.
func (c tokenListCmd) Run(a *app) error {
	var tokens []server.Token
	if err := a.command("token list", struct{}{}, &tokens); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, tokens)
	}
	rows := make([][]string, len(tokens))
	for i, t := range tokens {
		rows[i] = []string{t.ID, t.Name, yes(t.ReadOnly), yes(t.Revoked)}
	}
	return printTable(a.stdout, []string{"ID", "NAME", "READ-ONLY", "REVOKED"}, rows)
}

// command runs a command of the server; see server.Command.
func (a *app) command(name string, args, result any) error {
	log, err := a.logger(a.stderr)
	if err != nil {
		return err
	}
	return server.Command(a.ctx, a.config, log, name, args, result, func(text string) { fmt.Fprintln(a.stderr, text) })
}
