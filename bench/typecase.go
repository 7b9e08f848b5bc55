package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/typecase/typecase/bench/space"
	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/server"
)

const (
	spaceID       = "bench"
	master        = "/spaces/" + spaceID + "/environments/master"
	managementKey = "bench-management-token"
	deliveryKey   = "bench-delivery-token"
	previewKey    = "bench-preview-token"

	german   = "de"
	english  = "en-US"
	loaders  = 64 // writers that share the commits of a load
	firstUse = 2  // version of an entry that was made and published
)

var contentTypes = map[string]string{
	"author": `{"name":"Author","displayField":"name","fields":[
		{"id":"name","name":"Name","type":"Symbol","required":true},
		{"id":"bio","name":"Biography","type":"Text"},
		{"id":"picture","name":"Picture","type":"Link","linkType":"Asset"}]}`,
	"post": `{"name":"Post","displayField":"title","fields":[
		{"id":"title","name":"Title","type":"Symbol","localized":true,"required":true},
		{"id":"slug","name":"Slug","type":"Symbol","required":true,"validations":[{"unique":true}]},
		{"id":"summary","name":"Summary","type":"Text","localized":true},
		{"id":"body","name":"Body","type":"Text"},
		{"id":"category","name":"Category","type":"Symbol"},
		{"id":"tags","name":"Tags","type":"Array","items":{"type":"Symbol"}},
		{"id":"date","name":"Date","type":"Date"},
		{"id":"views","name":"Views","type":"Integer"},
		{"id":"author","name":"Author","type":"Link","linkType":"Entry","validations":[{"linkContentType":["author"]}]},
		{"id":"hero","name":"Hero","type":"Link","linkType":"Asset"},
		{"id":"related","name":"Related","type":"Array","items":{"type":"Link","linkType":"Entry"}}]}`,
}

// fields are the fields of an entry by id, each by locale.
type fields map[string]map[string]any

func (f fields) set(id string, value any) { f[id] = map[string]any{english: value} }

func postFields(p space.Post) fields {
	f := fields{"title": {english: p.Title, german: p.TitleDE}}
	f.set("slug", p.Slug)
	if p.Summary != "" {
		f["summary"] = map[string]any{english: p.Summary, german: p.SummaryDE}
	}
	f.set("body", p.Body)
	f.set("category", p.Category)
	f.set("tags", p.Tags)
	f.set("date", p.Date.Format("2006-01-02T15:04Z07:00"))
	f.set("views", p.Views)
	f.set("author", cms.LinkTo(cms.KindEntry, p.Author))
	f.set("hero", cms.LinkTo(cms.KindAsset, p.Hero))
	if p.Related != nil {
		var links []cms.Link
		for _, id := range p.Related {
			links = append(links, cms.LinkTo(cms.KindEntry, id))
		}
		f.set("related", links)
	}
	return f
}

func authorFields(a space.Author) fields {
	f := fields{}
	f.set("name", a.Name)
	f.set("bio", a.Bio)
	f.set("picture", cms.LinkTo(cms.KindAsset, a.Picture))
	return f
}

// input is fields as package authoring takes them.
func (f fields) input() (authoring.EntityInput, error) {
	in := authoring.EntityInput{Fields: map[string]json.RawMessage{}}
	for id, values := range f {
		raw, err := json.Marshal(values)
		if err != nil {
			return in, err
		}
		in.Fields[id] = raw
	}
	return in, nil
}

// loader puts a space into a server that does not serve, through the package
// that the management API uses too.
type loader struct {
	s     *authoring.Service
	actor access.Actor
	place access.Place
}

// loadTypecase makes a data directory (with a database elsewhere, if url is not
// "") that holds the space, everything published.
func loadTypecase(ctx context.Context, dir, url string, size space.Size) (err error) {
	cfg, err := config.Default()
	if err != nil {
		return err
	}
	cfg.Data, cfg.BootstrapToken, cfg.Database = dir, managementKey, config.Database(url)
	s, err := server.New(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() {
		if e := s.Close(); err == nil {
			err = e
		}
	}()
	l := loader{s: s.Authoring}
	if l.actor, err = s.Authoring.Owner(ctx); err != nil {
		return err
	}
	if _, err := s.Authoring.CreateSpace(ctx, l.actor, authoring.SpaceInput{ID: spaceID, Name: "Benchmarks"}); err != nil {
		return err
	}
	if l.place, err = s.Access.Locate(ctx, l.actor, spaceID, cms.MainEnvironment); err != nil {
		return err
	}
	if err := l.model(ctx); err != nil {
		return err
	}
	if err := l.content(ctx, size); err != nil {
		return err
	}
	_, err = s.Authoring.CreateAPIKey(ctx, l.place, l.actor, authoring.APIKeyInput{Name: "Benchmarks", Token: deliveryKey, PreviewToken: previewKey})
	return err
}

func (l loader) model(ctx context.Context) error {
	locale := map[string]json.RawMessage{"name": []byte(`"German"`), "code": []byte(`"` + german + `"`), "fallbackCode": []byte(`"` + english + `"`)}
	if _, err := l.s.CreateLocale(ctx, l.place, l.actor, locale); err != nil {
		return err
	}
	for id, body := range contentTypes {
		ct, _, err := l.s.PutContentType(ctx, l.place, l.actor, id, authoring.Version{}, json.RawMessage(body))
		if err != nil {
			return err
		}
		if _, err := l.s.PublishContentType(ctx, l.place, l.actor, id, authoring.Version{Number: ct.Version, Sent: true}); err != nil {
			return err
		}
	}
	return nil
}

func (l loader) content(ctx context.Context, size space.Size) error {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 64, 64))); err != nil {
		return err
	}
	first := authoring.Version{Number: 1, Sent: true}
	steps := []struct {
		n  int
		do func(ctx context.Context, i int) error
	}{
		{size.Assets, func(ctx context.Context, i int) error { return l.asset(ctx, size.Asset(i), picture.Bytes()) }},
		{size.Authors, func(ctx context.Context, i int) error {
			a := size.Author(i)
			return l.entry(ctx, a.ID, "author", authorFields(a))
		}},
		{size.Posts, func(ctx context.Context, i int) error {
			p := size.Post(i)
			return l.entry(ctx, p.ID, "post", postFields(p))
		}},
		{size.Authors, func(ctx context.Context, i int) error {
			_, err := l.s.PublishEntry(ctx, l.place, l.actor, space.AuthorID(i), first)
			return err
		}},
		{size.Posts, func(ctx context.Context, i int) error {
			_, err := l.s.PublishEntry(ctx, l.place, l.actor, space.PostID(i), first)
			return err
		}},
	}
	for _, step := range steps {
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(loaders)
		for i := range step.n {
			if ctx.Err() != nil {
				break
			}
			g.Go(func() error { return step.do(ctx, i) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func (l loader) entry(ctx context.Context, id, contentType string, f fields) error {
	in, err := f.input()
	if err != nil {
		return err
	}
	_, _, err = l.s.PutEntry(ctx, l.place, l.actor, id, contentType, authoring.Version{}, in)
	return err
}

// asset makes and publishes an asset whose file is there already.
func (l loader) asset(ctx context.Context, a space.Asset, picture []byte) error {
	at := blob.NewFile(l.place.SpaceID, a.ID, fmt.Sprintf("%032x", 1), a.FileName)
	n, err := l.s.Blobs.Put(ctx, at.Key(), "image/png", bytes.NewReader(picture), int64(len(picture)))
	if err != nil {
		return err
	}
	f := fields{"title": {english: a.Title, german: a.TitleDE}}
	f.set("file", cms.File{FileName: a.FileName, ContentType: "image/png", URL: at.Path(),
		Details: &cms.FileDetails{Size: n, Image: &cms.ImageSize{Width: 64, Height: 64}}})
	in, err := f.input()
	if err != nil {
		return err
	}
	if _, _, err := l.s.PutAsset(ctx, l.place, l.actor, a.ID, authoring.Version{}, in); err != nil {
		return err
	}
	_, err = l.s.PublishAsset(ctx, l.place, l.actor, a.ID, authoring.Version{Number: 1, Sent: true})
	return err
}

// startTypecase runs the program with everything as it is by default, but for
// metrics and more arguments.
func (b *bench) startTypecase(ctx context.Context, name, dir string, more ...string) (*process, error) {
	meter, err := freeAddr()
	if err != nil {
		return nil, err
	}
	p, err := startProcess(ctx, name, b.dir, "/healthz", b.program("typecase"), func(addr string) []string {
		args := append([]string{"serve", "--data", dir, "--http", addr, "--https", "off", "--metrics", meter}, more...)
		if b.options.database != "" && name == typecase {
			args = append(args, "--database", b.options.database)
		}
		return args
	})
	if err == nil {
		p.meter = meter
	}
	return p, err
}

// deliver is a read of the delivery API.
func deliver(path string, header ...string) request { return authorized(master+path, header...) }

// authorized is a read with the delivery key.
func authorized(target string, header ...string) request {
	return newRequest(200, "GET", target, "", append([]string{"Authorization", "Bearer " + deliveryKey}, header...)...)
}

// manage is a request to the management API.
func manage(want int, method, path, body string, header ...string) request {
	header = append([]string{"Authorization", "Bearer " + managementKey, "Content-Type", "application/vnd.contentful.management.v1+json"}, header...)
	return newRequest(want, method, master+path, body, header...)
}

// fetchBody makes one request on a connection of its own.
func fetchBody(addr string, r request) (*recorded, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	var body bytes.Buffer
	h, err := c.send(r, &body)
	if err != nil {
		return nil, err
	}
	return &recorded{Type: h.Get("Content-Type"), ETag: h.Get("ETag"), Body: body.Bytes()}, nil
}

// timed makes one request and says how long the whole answer took.
func (c *client) timed(r request) (time.Duration, error) {
	start := time.Now()
	_, err := c.send(r, io.Discard)
	return time.Since(start), err
}

func (b *bench) program(name string) string { return filepath.Join(b.options.cache, "bin", name) }
