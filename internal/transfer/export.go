package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// ExportOptions say where an export goes.
type ExportOptions struct {
	To     string // a file that ends with .json: the official form; else a folder
	Assets string // with the official form: folder for the files of assets; "" for none
}

// Export writes all of an environment, and the webhooks of its space. It
// overwrites nothing, and leaves nothing behind when it fails but files in the folder
// for them.
func (m *Mover) Export(ctx context.Context, p access.Place, opt ExportOptions) (*Report, error) {
	start := m.Now()
	p.Protection = cms.ProtectNone // files go along, by URLs that lead to them there
	official := strings.HasSuffix(opt.To, ".json")
	if opt.Assets != "" && !official {
		return nil, errors.New("a folder has the files of assets in it: another folder for them goes with a .json file only")
	}
	x := &export{Mover: m, p: p, r: &Report{Space: p.SpaceID, Environment: p.EnvironmentID, Path: opt.To, Problems: []Problem{}, Notices: []string{}},
		files: !official || opt.Assets != "", faces: !official, concepts: map[string]bool{}, schemes: map[string]bool{}}
	before, err := m.Authoring.Latest(ctx, p)
	if err != nil {
		return nil, err
	}
	if official {
		x.out, err = newSingle(opt.To, opt.Assets)
	} else {
		x.out, err = newFolder(opt.To)
	}
	if err != nil {
		return nil, err
	}
	if err := x.all(ctx, official); err != nil {
		return nil, errors.Join(err, x.out.abandon())
	}
	after, err := m.Authoring.Latest(ctx, p)
	if err != nil {
		return nil, errors.Join(err, x.out.abandon())
	}
	if after != before {
		x.r.notice("The environment was changed %d times during the export: it is of no single moment.", after-before)
	}
	if x.drafts > 0 {
		x.r.notice("%d entries, assets and content types have unpublished changes. A .json file has only their latest version; a folder has both.", x.drafts)
	}
	if x.left != nil {
		x.r.notice("Left out, since such an export has no place for them: %s.", strings.Join(x.left, ", "))
	}
	err = x.out.finish(Manifest{Format: formatName, Version: formatVersion, Space: p.SpaceID, Environment: p.Target,
		ExportedAt: start, Files: x.r.Files, FileBytes: x.r.Bytes})
	x.r.Seconds = m.Now().Sub(start).Seconds()
	return x.r, err
}

// export is one run of Export.
type export struct {
	*Mover
	p      access.Place
	r      *Report
	out    sink
	files  bool // files are wanted
	faces  bool // published versions are, where they differ
	drafts int  // differences that were left out

	concepts, schemes map[string]bool // ids that the content names
	left              []string        // what there is and is not in the export, such as "2 releases"
}

// leave notes that so many resources are left out.
func (x *export) leave(n int, what string) {
	if n > 0 {
		x.left = append(x.left, fmt.Sprintf("%d %s", n, what))
	}
}

// all writes everything. In the official file nothing may stand that the official
// import tool does not know.
func (x *export) all(ctx context.Context, official bool) error {
	steps := []func(context.Context) error{
		x.contentTypes, x.tags, x.editorInterfaces,
		func(ctx context.Context) error { return x.entities(ctx, entries, cms.KindEntry) },
		func(ctx context.Context) error { return x.entities(ctx, assets, cms.KindAsset) },
		x.locales, x.webhooks,
	}
	if official {
		steps = append(steps, func(context.Context) error { return x.out.begin(roles) })
	}
	steps = append(steps, x.extensions, x.previews, x.uiConfig, x.enablements, x.taxonomy, x.work)
	if !official {
		steps = append(steps,
			func(ctx context.Context) error { return x.history(ctx, contentTypes, cms.KindContentType) },
			func(ctx context.Context) error { return x.history(ctx, assets, cms.KindAsset) },
			func(ctx context.Context) error { return x.history(ctx, entries, cms.KindEntry) })
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// add writes one resource to the list that has begun.
func (x *export) add(kind string, resource any, more string) error {
	raw, err := x.Wire(x.p, x.FileBase, resource)
	if err == nil {
		err = x.out.add(raw, more)
	}
	x.r.count(kind).Total++
	return err
}

// some writes a whole list of a kind of which there are few.
func some[T any](ctx context.Context, x *export, kind string, read func(context.Context, access.Place) ([]authoring.Resource[T], error)) error {
	all, err := read(ctx, x.p)
	if err == nil {
		err = x.out.begin(kind)
	}
	x.r.count(kind)
	for i := 0; err == nil && i < len(all); i++ {
		err = x.add(kind, all[i], "")
	}
	return err
}

func (x *export) tags(ctx context.Context) error { return some(ctx, x, tags, x.Authoring.AllTags) }

func (x *export) editorInterfaces(ctx context.Context) error {
	return some(ctx, x, editorInterfaces, x.Authoring.EditorInterfaces)
}

func (x *export) locales(ctx context.Context) error {
	return some(ctx, x, locales, x.Authoring.AllLocales)
}

func (x *export) extensions(ctx context.Context) error {
	return beyond(ctx, x, extensions, "extensions", x.Authoring.AllExtensions)
}

func (x *export) previews(ctx context.Context) error {
	return beyond(ctx, x, previews, "content previews", x.Authoring.AllPreviews)
}

func (x *export) uiConfig(ctx context.Context) error {
	return beyond(ctx, x, uiConfig, "configuration of views", only(func(ctx context.Context, p access.Place) (authoring.Resource[cms.UIConfig], error) {
		return x.Authoring.UIConfig(ctx, p, "")
	}))
}

func (x *export) enablements(ctx context.Context) error {
	return beyond(ctx, x, enablements, "list of enablements", only(x.Authoring.Enablements))
}

// only is the list of what there is one of: empty unless somebody has set it.
func only[T any](read func(context.Context, access.Place) (authoring.Resource[T], error)) func(context.Context, access.Place) ([]authoring.Resource[T], error) {
	return func(ctx context.Context, p access.Place) ([]authoring.Resource[T], error) {
		r, err := read(ctx, p)
		if err != nil || r.CreatedAt.IsZero() {
			return nil, err
		}
		return []authoring.Resource[T]{r}, nil
	}
}

// beyond is some for a kind that the official file does not have.
func beyond[T any](ctx context.Context, x *export, kind, name string, read func(context.Context, access.Place) ([]authoring.Resource[T], error)) error {
	if x.faces {
		return some(ctx, x, kind, read)
	}
	all, err := read(ctx, x.p)
	x.leave(len(all), name)
	return err
}

// work is what people have under way, which no export has.
func (x *export) work(ctx context.Context) error {
	for _, kind := range []struct {
		kind cms.Kind
		name string
	}{
		{cms.KindRelease, "releases"}, {cms.KindReleaseEntry, "versions of entries in releases"}, {cms.KindReleaseAsset, "versions of assets in releases"},
		{cms.KindScheduledAction, "scheduled actions"}, {cms.KindTask, "tasks"}, {cms.KindComment, "comments"},
		{cms.KindWorkflowDefinition, "workflow definitions"}, {cms.KindWorkflow, "workflows"}, {cms.KindUserUIConfig, "views of single users"},
	} {
		n, err := x.Authoring.Count(ctx, x.p, kind.kind)
		if err != nil {
			return err
		}
		x.leave(n, kind.name)
	}
	return nil
}

func (x *export) webhooks(ctx context.Context) error {
	return some(ctx, x, webhooks, func(ctx context.Context, p access.Place) ([]authoring.Resource[cms.Webhook], error) {
		all, err := x.Authoring.AllWebhooks(ctx, p)
		for _, w := range all {
			if w.Value.BasicAuthPassword != nil || slices.ContainsFunc(w.Value.Headers, func(h cms.WebhookHeader) bool { return h.Secret }) {
				x.r.notice("The webhook %s has secrets, which nobody can read: enter them again where it is imported.", w.ID)
			}
		}
		return all, err
	})
}

func (x *export) contentTypes(ctx context.Context) error {
	x.r.count(contentTypes)
	if err := x.out.begin(contentTypes); err != nil {
		return err
	}
	return x.Authoring.EachContentType(ctx, x.p, func(t authoring.TypeFaces) error {
		more := ""
		x.namedByType(t.Draft.Value.Metadata)
		if t.Activated != nil {
			x.namedByType(t.Activated.Metadata)
		}
		if t.Changed && x.faces {
			raw, err := x.Wire(x.p, x.FileBase, authoring.Resource[cms.ContentType]{Sys: t.Draft.Sys, Value: *t.Activated})
			if err != nil {
				return err
			}
			more = `,"published":` + string(raw)
		} else if t.Changed {
			x.drafts++
		}
		return x.add(contentTypes, t.Draft, more)
	})
}

func (x *export) entities(ctx context.Context, name string, kind cms.Kind) error {
	x.r.count(name)
	if err := x.out.begin(name); err != nil {
		return err
	}
	for after := ""; ; {
		page, err := x.Authoring.EntitiesAfter(ctx, x.p, kind, after, batch)
		if err != nil {
			return err
		}
		for _, e := range page {
			x.namedByEntity(e)
			more, err := x.extra(e)
			if err != nil {
				return err
			}
			if kind == cms.KindAsset && x.files {
				sums, err := x.assetFiles(ctx, e)
				if err != nil {
					return err
				}
				if x.faces {
					more += sums
				}
			}
			if err := x.add(name, e, more); err != nil {
				return err
			}
		}
		x.Progress(Progress{Doing: name, Done: x.r.count(name).Total})
		if len(page) < batch {
			return nil
		}
		after = page[len(page)-1].ID
	}
}

// extra is the published version of an entity as a further member, when it differs
// from the latest one.
func (x *export) extra(e authoring.Entity) (string, error) {
	if e.PublishedDocument == nil || e.PublishedDocument == e.Document {
		return "", nil
	}
	draft, err := x.face(e, e.Document)
	if err != nil {
		return "", err
	}
	published, err := x.face(e, e.PublishedDocument)
	if err != nil || draft == published {
		return "", err
	}
	if !x.faces {
		x.drafts++
		return "", nil
	}
	return `,"published":` + published, nil
}

// face is what a version of an entity says, without sys.
func (x *export) face(e authoring.Entity, doc *cms.Document) (string, error) {
	e.Document = doc
	raw, err := x.Wire(x.p, x.FileBase, e)
	if err != nil {
		return "", err
	}
	var parts struct {
		Metadata json.RawMessage `json:"metadata"`
		Fields   json.RawMessage `json:"fields"`
	}
	err = json.Unmarshal(raw, &parts)
	return fmt.Sprintf(`{"metadata":%s,"fields":%s}`, parts.Metadata, parts.Fields), err
}

// assetFiles copies the files of both versions of an asset and returns what they
// are as a further member.
func (x *export) assetFiles(ctx context.Context, e authoring.Entity) (string, error) {
	sums, err := x.copyFiles(ctx, e, nil)
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(sums)
	return `,"files":` + string(raw), err
}

// filesOf are the own files of both versions of an asset, by URL.
func (x *export) filesOf(e authoring.Entity) map[string]blob.File {
	files := map[string]blob.File{}
	for _, doc := range []*cms.Document{e.Document, e.PublishedDocument} {
		if doc == nil {
			continue
		}
		for _, l := range e.Locales {
			var f cms.File
			if raw := doc.Fields[cms.AssetFile][l.Key]; raw == nil || json.Unmarshal(raw, &f) != nil {
				continue // a null, or no file in this locale
			}
			if at, own := blob.ParsePath(f.URL); own {
				files[blob.PublicURL(x.FileBase, f.URL)] = at
			}
		}
	}
	return files
}

// copyFiles copies the files of both versions of an asset, but for some. One that
// cannot be read is a problem of the report.
func (x *export) copyFiles(ctx context.Context, e authoring.Entity, but map[string]bool) (map[string]fileSum, error) {
	sums := map[string]fileSum{}
	for url, at := range x.filesOf(e) {
		if but[url] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sum, err := x.copyOut(at, url)
		switch {
		case fault.Is(err, fault.NotFound):
			x.r.problem(assets, e.ID, "file", fmt.Sprintf("The bytes of %s are not on the disk.", url))
			continue
		case err != nil:
			return nil, fmt.Errorf("asset %s, file %s: %w", e.ID, url, err)
		}
		sums[url] = sum
		x.r.Files++
		x.r.Bytes += sum.Size
	}
	return sums, nil
}

func (x *export) copyOut(f blob.File, url string) (fileSum, error) {
	b, err := x.Authoring.Blobs.Open(f.Key())
	if err != nil {
		return fileSum{}, err
	}
	defer b.Close() // only read from
	at, err := filePath(url)
	if err != nil {
		return fileSum{}, err
	}
	return x.out.file(at, b)
}
