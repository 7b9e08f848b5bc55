package authoring

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/imaging"
	"github.com/typecase/typecase/internal/store"
)

// Jobs are the handlers of the jobs that the service enqueues, by name.
func (s *Service) Jobs() map[string]func(context.Context, store.Job) error {
	return map[string]func(context.Context, store.Job) error{
		jobProcessAsset: s.processAsset,
		jobExpireUpload: s.expireUpload,
		jobDropFiles:    s.dropFiles,
		jobRunAction:    s.runAction,
		jobScheduled:    s.runScheduled,
		jobExpireAction: s.expireAction,
		jobExpireTrash:  s.expireTrash,
		jobPrune:        s.prune,
		jobSweep:        s.sweep,
		jobRemoveFiles:  s.removeFiles,
	}
}

// jobProcessAsset is the job that processes one file of an asset; its payload is
// an assetFile, its scope the environment.
//
// Each file is a job of its own and makes the asset's version rise by one.
// Clients that process several locales at once wait for all of them and publish
// with the version they saw last; since the version and the URL of a file
// appear together, that is the version after the last file.
const jobProcessAsset = "asset.process"

// assetFile names the file of an asset in one locale.
type assetFile struct {
	SpaceID string      `json:"space"`
	Space   store.Scope `json:"spaceScope"` // where uploads are
	Asset   string      `json:"asset"`
	Release string      `json:"release,omitempty"` // whose version of the asset it is; "" for the asset itself
	Locale  string      `json:"locale"`            // Locale.Key
	User    string      `json:"user"`              // who asked for it
}

// holder is what has the file.
func (f assetFile) holder() (cms.Kind, string) {
	if f.Release == "" {
		return cms.KindAsset, f.Asset
	}
	return cms.VersionID(f.Release, cms.KindAsset, f.Asset)
}

// ProcessAsset starts the processing of an asset's file in the locale with this
// code; a file that is processed already is left alone. The work goes on after
// ProcessAsset returns. If it fails, the file stays as it is.
func (s *Service) ProcessAsset(ctx context.Context, p access.Place, a access.Actor, id, locale string) error {
	return s.process(ctx, p, assetFile{Asset: id, User: a.User}, locale, func(tx store.Tx) (Resource[cms.Document], error) {
		asset, err := get[cms.Document](ctx, tx, p.Environment, cms.KindAsset, id)
		return asset, missing(err, p, cms.KindAsset, id)
	}, func(store.Tx) error { return nil })
}

// process starts the processing of a file of the asset that find finds; begin is
// called when there is something to do.
func (s *Service) process(ctx context.Context, p access.Place, ref assetFile, locale string, find func(tx store.Tx) (Resource[cms.Document], error), begin func(tx store.Tx) error) error {
	locales, err := list[cms.Locale](ctx, s.Store, p.Environment, cms.KindLocale)
	if err != nil {
		return missing(err, p, cms.KindEnvironment, p.EnvironmentID)
	}
	l, known := values(locales).ByCode(locale)
	ref.SpaceID, ref.Space, ref.Locale = p.SpaceID, p.Space, l.Key
	payload, err := json.Marshal(ref)
	if err != nil {
		return fault.Wrap(err, fault.ServerError, "encoding a job")
	}
	enqueued := false
	err = s.Store.Update(ctx, p.Environment, func(tx store.Tx) error {
		enqueued = false
		asset, err := find(tx)
		if err != nil {
			return err
		}
		if asset.Archived() {
			return editsArchived(cms.KindAsset, ref.Asset)
		}
		file, err := fileOf(asset.Value, l.Key)
		switch {
		case err != nil:
			return err
		case !known || file == nil || !pending(file) && file.URL == "":
			return fault.Invalid(fault.ValidationFailed, fault.Detail{
				Name: "required", Path: []any{"fields", "file", locale}, Details: "No file specified for locale: " + locale,
			})
		case !pending(file):
			return nil
		}
		if err := begin(tx); err != nil {
			return err
		}
		enqueued = true
		return tx.Enqueue(ctx, store.Job{Name: jobProcessAsset, Scope: p.Environment, Payload: payload, Due: s.Now()})
	})
	if err == nil && enqueued {
		s.Wake()
	}
	return err
}

// processAsset is the handler of jobProcessAsset. An asset or file that is gone,
// or processed already, leaves nothing to do.
func (s *Service) processAsset(ctx context.Context, j store.Job) error {
	var ref assetFile
	if err := json.Unmarshal(j.Payload, &ref); err != nil {
		return fault.Wrap(err, fault.BadRequest, "the job's payload is unreadable")
	}
	kind, id := ref.holder()
	asset, err := get[cms.Document](ctx, s.Store, j.Scope, kind, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := fileOf(asset.Value, ref.Locale)
	if err != nil || file == nil || !pending(file) {
		return err
	}
	processed, bytesAt, err := s.storeFile(ctx, ref, file)
	if err != nil { // for the log, which is where to look why a file gets no URL
		return fmt.Errorf("asset %s of space %s: %w", ref.Asset, ref.SpaceID, err)
	}
	replaced, err := s.replaceFile(ctx, j.Scope, ref, file, processed)
	if err == nil && !replaced {
		return s.Blobs.Delete(bytesAt)
	}
	return err // the transaction may have been committed all the same, so the bytes stay
}

// replaceFile puts a processed file in the place of the pending one, unless that
// has changed or the asset was archived meanwhile.
func (s *Service) replaceFile(ctx context.Context, env store.Scope, ref assetFile, was *cms.File, processed cms.File) (replaced bool, err error) {
	raw, err := json.Marshal(processed)
	if err != nil {
		return false, fault.Wrap(err, fault.ServerError, "encoding a file")
	}
	err = s.Store.Update(ctx, env, func(tx store.Tx) error {
		replaced = false
		kind, id := ref.holder()
		h, err := tx.Get(ctx, env, kind, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil || h.Archived() {
			return err
		}
		bodies, err := tx.Bodies(ctx, []store.Revision{h.Draft})
		if err != nil {
			return err
		}
		asset, err := decode[cms.Document](h, bodies[h.Draft])
		if err != nil {
			return err
		}
		now, err := fileOf(asset.Value, ref.Locale)
		if err != nil || now == nil || !sameFile(now, was) {
			return err
		}
		asset.Value.Fields[cms.AssetFile][ref.Locale] = raw
		at := s.Now()
		_, err = put(ctx, tx, touched(h, ref.User, at), h.Version, asset.Value, store.Save, ref.User, at)
		replaced = err == nil
		return err
	})
	if fault.Is(err, fault.NotFound) { // the environment is gone
		return false, nil
	}
	return replaced, err
}

// storeFile takes the bytes of a pending file to their final place.
func (s *Service) storeFile(ctx context.Context, ref assetFile, file *cms.File) (processed cms.File, key string, err error) {
	src, err := s.openSource(ctx, ref, file)
	if err != nil {
		return cms.File{}, "", err
	}
	defer src.Close() // only read from

	name := file.FileName
	if name == "" {
		name = path.Base(file.Upload)
	}
	at := blob.NewFile(ref.SpaceID, ref.Asset, s.IDs.hex(16), name)
	contentType, sniffed, err := s.putFile(ctx, at, file.ContentType, src)
	if err != nil {
		return cms.File{}, "", err
	}
	processed, err = s.described(at, name, contentType, sniffed)
	return processed, at.Key(), err
}

// putFile stores the bytes of a file. It returns its type, and the type that the
// bytes look like.
func (s *Service) putFile(ctx context.Context, at blob.File, declared string, src io.Reader) (contentType, sniffed string, err error) {
	r := bufio.NewReaderSize(src, sniffLength)
	head, err := r.Peek(sniffLength)
	if err != nil && err != io.EOF {
		return "", "", err
	}
	looks := mimetype.Detect(head)
	contentType = fileType(declared, looks)
	if refusedType(contentType) {
		return "", "", fault.New(fault.ValidationFailed, "Files of the type %s are refused.", contentType)
	}
	_, err = s.Blobs.Put(ctx, at.Key(), contentType, r, s.FileLimit)
	return contentType, looks.String(), err
}

// described is a stored file as documents have it.
func (s *Service) described(at blob.File, name, contentType string, types ...string) (cms.File, error) {
	b, err := s.Blobs.Open(at.Key())
	if err != nil {
		return cms.File{}, err
	}
	defer b.Close() // only read from
	f := cms.File{ContentType: contentType, FileName: name, URL: at.Path(), Details: &cms.FileDetails{Size: b.Size}}
	if strings.HasPrefix(contentType, "image/") {
		f.Details.Image = imageSize(b, append([]string{contentType}, types...)...)
	}
	return f, nil
}

// imageSize is the size of an image, read as the first of types that fits; nil if
// it has none that is known.
func imageSize(b io.ReadSeeker, types ...string) *cms.ImageSize {
	for _, t := range types {
		if w, h, ok := imaging.Dimensions(b, t); ok {
			return &cms.ImageSize{Width: w, Height: h}
		}
	}
	return nil
}

// openSource opens the bytes of a pending file: of an upload, of one of our own
// files, which needs no request, or of a URL. Of whose space our own file is, and
// whether it is protected, does not matter: who edits assets reaches all spaces.
func (s *Service) openSource(ctx context.Context, ref assetFile, file *cms.File) (io.ReadCloser, error) {
	if file.UploadFrom != nil {
		id := file.UploadFrom.Sys.ID
		if _, err := s.Upload(ctx, access.Place{SpaceID: ref.SpaceID, Space: ref.Space}, id); err != nil {
			return nil, err
		}
		return s.Blobs.Open(blob.UploadKey(ref.SpaceID, id))
	}
	if at, own := blob.StoredURL(file.Upload); own {
		f, _ := blob.ParsePath(at)
		b, err := s.Blobs.Open(f.Key())
		if err == nil {
			return b, nil
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, err
		} // else it is a file of another server like this one
	}
	url := file.Upload
	if strings.HasPrefix(url, "//") {
		url = "https:" + url
	}
	res, err := s.Fetch.Get(ctx, url, s.FileLimit)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// fileOf is an asset's file in the locale with this key, nil if it has none.
func fileOf(doc cms.Document, locale string) (*cms.File, error) {
	raw, ok := doc.Fields[cms.AssetFile][locale]
	if !ok {
		return nil, nil
	}
	var file *cms.File // stays nil for a null
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fault.Wrap(err, fault.ServerError, "a stored file is unreadable")
	}
	return file, nil
}

// pending reports whether a file has still to be processed.
func pending(f *cms.File) bool { return f.Upload != "" || f.UploadFrom != nil }

// sameFile reports whether two pending files are one and the same.
func sameFile(a, b *cms.File) bool {
	source := func(f *cms.File) cms.Link {
		if f.UploadFrom == nil {
			return cms.Link{}
		}
		return *f.UploadFrom
	}
	return a.Upload == b.Upload && source(a) == source(b) && a.ContentType == b.ContentType && a.FileName == b.FileName
}
