// Package demo holds the example space: a small magazine about printing, in the
// format of the official export tool, and its pictures. It puts the space in
// through package authoring, like any other writer.
//
// Start reading at Load.
package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	_ "image/jpeg" // the format of the pictures
	"path"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

//go:embed space.json files
var content embed.FS

// SpaceID is the id of the example space.
const SpaceID = "typecasedemo"

// The space has its name when everything is in. One that was left unfinished is
// made anew.
const (
	name       = "The Type Case"
	unfinished = "The Type Case (unfinished)"
)

// export is what of an export file the example space has. Content types and
// editor interfaces go in as they stand.
type export struct {
	ContentTypes     []json.RawMessage            `json:"contentTypes"`
	EditorInterfaces []json.RawMessage            `json:"editorInterfaces"`
	Tags             []tag                        `json:"tags"`
	Entries          []entity                     `json:"entries"`
	Assets           []entity                     `json:"assets"`
	Locales          []map[string]json.RawMessage `json:"locales"`
}

// definition names a content type or an editor interface.
type definition struct {
	Sys sys `json:"sys"`
}

type tag struct {
	Sys  sys    `json:"sys"`
	Name string `json:"name"`
}

type entity struct {
	Sys      sys                        `json:"sys"`
	Metadata json.RawMessage            `json:"metadata"`
	Fields   map[string]json.RawMessage `json:"fields"`
}

type sys struct {
	ID               string   `json:"id"`
	PublishedVersion int      `json:"publishedVersion"`
	ContentType      cms.Link `json:"contentType"`
	Visibility       string   `json:"visibility"`
}

// Load makes the example space as actor, unless it is there already. It answers
// the place of its environment master.
func Load(ctx context.Context, s *authoring.Service, auth access.Authenticator, actor access.Actor) (access.Place, error) {
	space, err := s.Space(ctx, SpaceID)
	switch {
	case err == nil && space.Value.Name == unfinished:
		if err := s.DeleteSpace(ctx, actor, SpaceID); err != nil {
			return access.Place{}, err
		}
	case err == nil:
		return auth.Locate(ctx, actor, SpaceID, cms.MainEnvironment)
	case !fault.Is(err, fault.NotFound):
		return access.Place{}, err
	}
	file, err := content.ReadFile("space.json")
	if err != nil {
		return access.Place{}, err
	}
	var e export
	if err := json.Unmarshal(file, &e); err != nil {
		return access.Place{}, fmt.Errorf("space.json: %w", err)
	}
	if space, err = s.CreateSpace(ctx, actor, authoring.SpaceInput{ID: SpaceID, Name: unfinished}); err != nil {
		return access.Place{}, err
	}
	p, err := auth.Locate(ctx, actor, SpaceID, cms.MainEnvironment)
	if err != nil {
		return p, err
	}
	l := loader{s: s, actor: actor, place: p}
	for _, step := range []func(context.Context, export) error{l.locales, l.contentTypes, l.tags, l.assets, l.entries, l.publishEntries} {
		if err := step(ctx, e); err != nil {
			return p, fmt.Errorf("example space: %w", err)
		}
	}
	_, err = s.RenameSpace(ctx, actor, SpaceID, authoring.Version{Number: space.Version, Sent: true}, name)
	return p, err
}

// loader puts the parts of an export in, one kind after the other.
type loader struct {
	s     *authoring.Service
	actor access.Actor
	place access.Place
}

// locales makes the locales beside the default one, which every space has.
func (l loader) locales(ctx context.Context, e export) error {
	for _, body := range e.Locales {
		if string(body["default"]) == "true" {
			continue
		}
		delete(body, "sys")
		if _, err := l.s.CreateLocale(ctx, l.place, l.actor, body); err != nil {
			return err
		}
	}
	return nil
}

func (l loader) contentTypes(ctx context.Context, e export) error {
	for _, body := range e.ContentTypes {
		var d definition
		if err := json.Unmarshal(body, &d); err != nil {
			return err
		}
		ct, _, err := l.s.PutContentType(ctx, l.place, l.actor, d.Sys.ID, authoring.Version{}, body)
		if err != nil {
			return err
		}
		if _, err := l.s.PublishContentType(ctx, l.place, l.actor, ct.ID, authoring.Version{Number: ct.Version, Sent: true}); err != nil {
			return err
		}
	}
	for _, body := range e.EditorInterfaces {
		var d definition
		if err := json.Unmarshal(body, &d); err != nil {
			return err
		}
		if _, err := l.s.PutEditorInterface(ctx, l.place, l.actor, d.Sys.ContentType.Sys.ID, authoring.Version{Number: 1, Sent: true}, body); err != nil {
			return err
		}
	}
	return nil
}

func (l loader) tags(ctx context.Context, e export) error {
	for _, t := range e.Tags {
		if _, _, err := l.s.PutTag(ctx, l.place, l.actor, t.Sys.ID, authoring.Version{}, authoring.TagInput{Name: t.Name, Visibility: t.Sys.Visibility}); err != nil {
			return err
		}
	}
	return nil
}

// assets makes and publishes the assets. Their pictures are at hand, so they
// are born processed.
func (l loader) assets(ctx context.Context, e export) error {
	for _, a := range e.Assets {
		var files map[string]cms.File
		if err := json.Unmarshal(a.Fields[cms.AssetFile], &files); err != nil {
			return err
		}
		for locale, f := range files {
			var err error
			if files[locale], err = l.picture(ctx, a.Sys.ID, f); err != nil {
				return err
			}
		}
		a.Fields[cms.AssetFile] = fault.Raw(files)
		asset, _, err := l.s.PutAsset(ctx, l.place, l.actor, a.Sys.ID, authoring.Version{}, authoring.EntityInput{Fields: a.Fields, Metadata: a.Metadata})
		if err != nil {
			return err
		}
		if _, err := l.s.PublishAsset(ctx, l.place, l.actor, a.Sys.ID, authoring.Version{Number: asset.Version, Sent: true}); err != nil {
			return err
		}
	}
	return nil
}

// picture stores the bytes of an asset's file and describes them.
func (l loader) picture(ctx context.Context, asset string, f cms.File) (cms.File, error) {
	data, err := content.ReadFile(path.Join("files", f.FileName))
	if err != nil {
		return f, err
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return f, err
	}
	unique := sha256.Sum256(data)
	at := blob.NewFile(l.place.SpaceID, asset, hex.EncodeToString(unique[:16]), f.FileName)
	n, err := l.s.Blobs.Put(ctx, at.Key(), f.ContentType, bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return f, err
	}
	f.URL = at.Path()
	f.Details = &cms.FileDetails{Size: n, Image: &cms.ImageSize{Width: size.Width, Height: size.Height}}
	return f, nil
}

func (l loader) entries(ctx context.Context, e export) error {
	for _, en := range e.Entries {
		if _, _, err := l.s.PutEntry(ctx, l.place, l.actor, en.Sys.ID, en.Sys.ContentType.Sys.ID, authoring.Version{},
			authoring.EntityInput{Fields: en.Fields, Metadata: en.Metadata}); err != nil {
			return err
		}
	}
	return nil
}

// publishEntries publishes what the export has published. All entries exist by
// now, so links resolve in any order.
func (l loader) publishEntries(ctx context.Context, e export) error {
	for _, en := range e.Entries {
		if en.Sys.PublishedVersion == 0 {
			continue
		}
		if _, err := l.s.PublishEntry(ctx, l.place, l.actor, en.Sys.ID, authoring.Version{Number: 1, Sent: true}); err != nil {
			return err
		}
	}
	return nil
}
