// Command pocketbase is PocketBase as its makers ship it, with one command more:
// load fills an empty data directory from standard input. The benchmarks compare
// Typecase with it. It is a module of its own, so that none of its modules
// become Typecase's.
//
// Start reading at main.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
	"github.com/spf13/cobra"
)

// pragmas are the defaults of PocketBase but for synchronous, which is NORMAL
// there: in WAL mode that may lose the last acknowledged writes when the power
// fails. The benchmarks compare equal durability.
const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)" +
	"&_pragma=synchronous(%s)&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-32000)"

func main() {
	synchronous := "FULL"
	if os.Getenv("POCKETBASE_SYNCHRONOUS") == "NORMAL" {
		synchronous = "NORMAL"
	}
	app := pocketbase.NewWithConfig(pocketbase.Config{
		HideStartBanner: true,
		DBConnect: func(path string) (*dbx.DB, error) {
			return dbx.Open("sqlite", path+fmt.Sprintf(pragmas, synchronous))
		},
	})
	app.RootCmd.AddCommand(&cobra.Command{
		Use:   "load",
		Short: "Fill an empty data directory from standard input; print tokens of a superuser and of a user",
		RunE: func(*cobra.Command, []string) error {
			if err := load(app, os.Stdin); err != nil {
				return err
			}
			for _, name := range []string{core.CollectionNameSuperusers, "users"} {
				token, err := member(app, name)
				if err != nil {
					return err
				}
				if _, err := fmt.Println(token); err != nil {
					return err
				}
			}
			return nil
		},
	})
	if err := app.Start(); err != nil {
		log.Fatal(err)
	}
}

// record is one line of the input.
type record struct {
	Collection string         `json:"collection"`
	Data       map[string]any `json:"data"`
}

// batch is how many records go into one transaction.
const batch = 1000

func load(app core.App, in io.Reader) error {
	if err := collections(app); err != nil {
		return err
	}
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	for more := true; more; {
		err := app.RunInTransaction(func(tx core.App) error {
			for range batch {
				var r record
				switch err := dec.Decode(&r); {
				case errors.Is(err, io.EOF):
					more = false
					return nil
				case err != nil:
					return err
				}
				c, err := tx.FindCachedCollectionByNameOrId(r.Collection)
				if err != nil {
					return err
				}
				rec := core.NewRecord(c)
				rec.Load(r.Data)
				if err := tx.SaveNoValidate(rec); err != nil { // posts link to later ones
					return fmt.Errorf("%v: %w", r.Data["id"], err)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// collections makes the tables, with the indexes that the queries of the
// benchmarks need. As with Typecase, who reads needs a token, and who writes
// another one.
func collections(app core.App) error {
	assets := core.NewBaseCollection("assets")
	assets.Fields.Add(text("title"), text("titleDe"), text("fileName"), text("url"),
		&core.NumberField{Name: "width"}, &core.NumberField{Name: "height"})
	if err := save(app, assets); err != nil {
		return err
	}
	authors := core.NewBaseCollection("authors")
	authors.Fields.Add(text("name"), text("bio"), &core.RelationField{Name: "picture", CollectionId: assets.Id, MaxSelect: 1})
	authors.AddIndex("idx_authors_name", false, "name", "")
	if err := save(app, authors); err != nil {
		return err
	}
	posts := core.NewBaseCollection("posts")
	posts.Fields.Add(text("title"), text("titleDe"), text("slug"), text("summary"), text("summaryDe"), text("body"), text("category"),
		&core.JSONField{Name: "tags"}, &core.DateField{Name: "date"}, &core.NumberField{Name: "views"},
		&core.RelationField{Name: "author", CollectionId: authors.Id, MaxSelect: 1},
		&core.RelationField{Name: "hero", CollectionId: assets.Id, MaxSelect: 1})
	posts.AddIndex("idx_posts_slug", true, "slug", "")
	posts.AddIndex("idx_posts_date", false, "date", "")
	posts.AddIndex("idx_posts_category_date", false, "category, date", "")
	posts.AddIndex("idx_posts_author", false, "author", "")
	if err := save(app, posts); err != nil {
		return err
	}
	posts.Fields.Add(&core.RelationField{Name: "related", CollectionId: posts.Id, MaxSelect: 10})
	return app.Save(posts)
}

// signedIn is the rule that lets every user in, but nobody else.
const signedIn = `@request.auth.id != ""`

func save(app core.App, c *core.Collection) error {
	c.ListRule, c.ViewRule = types.Pointer(signedIn), types.Pointer(signedIn)
	c.Fields.Add(&core.AutodateField{Name: "created", OnCreate: true}, &core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true})
	return app.Save(c)
}

func text(name string) core.Field { return &core.TextField{Name: name, Max: 20_000} }

// member makes somebody who can sign in, and a token that stays valid.
func member(app core.App, collection string) (string, error) {
	c, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		return "", err
	}
	r := core.NewRecord(c)
	r.SetEmail("bench@example.org")
	r.SetRandomPassword()
	if err := app.Save(r); err != nil {
		return "", err
	}
	return r.NewStaticAuthToken(10 * 365 * 24 * time.Hour)
}
