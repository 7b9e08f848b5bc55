package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// filesAtOnce is how many files are brought at the same time: each waits for the disk,
// or for another server.
const filesAtOnce = 8

// pending is an arrival whose files may still have to come.
type pending struct {
	authoring.Arrival
	kind cms.Kind
	sums map[string]fileSum
	seen map[string]bool // URLs of files, which several versions may share

	missing  string // URL of a file that did not come, of the resource itself
	why      error
	pastGone bool // a file of its history did not come
}

// withFiles gives assets that arrive the files they have here, in all versions. The
// first time it brings them; later those that did not come are known. Without a file an
// asset does not arrive, and without one of its history it has none.
func (x *importer) withFiles(ctx context.Context, some []*pending, first bool) ([]authoring.Arrival, error) {
	g, all := errgroup.WithContext(ctx)
	g.SetLimit(filesAtOnce)
	for _, one := range some {
		if one.kind == cms.KindAsset {
			g.Go(func() error { return x.assetFiles(all, one, first) })
		}
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var out []authoring.Arrival
	for _, one := range some {
		if one.why != nil {
			if first {
				x.r.problem(assets, one.ID, "file", fmt.Sprintf("%s: %s", one.missing, x.Words(one.why)))
			}
			continue
		}
		if one.pastGone {
			if first {
				x.pastLost[assets]++
				x.came(assets, len(one.Past), false, true)
			}
			one.Past = nil
		}
		out = append(out, one.Arrival)
	}
	return out, nil
}

// assetFiles is withFiles for one asset.
func (x *importer) assetFiles(ctx context.Context, one *pending, first bool) (err error) {
	for _, in := range []*authoring.EntityInput{&one.Latest, one.Published} {
		if one.missing, one.why, err = x.versionFiles(ctx, one, in, first); err != nil || one.why != nil {
			return err
		}
	}
	for _, st := range one.Past {
		for _, in := range []*authoring.EntityInput{st.Draft, st.Published} {
			if in == &one.Latest || in == one.Published {
				continue
			}
			_, why, err := x.versionFiles(ctx, one, in, first)
			if err != nil {
				return err
			}
			one.pastGone = one.pastGone || why != nil
		}
	}
	return nil
}

// versionFiles gives one version of an asset its files. why says what keeps the file of
// a URL away.
func (x *importer) versionFiles(ctx context.Context, one *pending, in *authoring.EntityInput, first bool) (url string, why, err error) {
	if in == nil {
		return "", nil, nil
	}
	raw, there := in.Fields[cms.AssetFile]
	var files map[string]json.RawMessage
	if !there || json.Unmarshal(raw, &files) != nil {
		return "", nil, nil // nothing, or what authoring refuses
	}
	for locale, raw := range files {
		var f cms.File
		if json.Unmarshal(raw, &f) != nil || f.URL == "" {
			continue // likewise, or not processed yet
		}
		var sum *fileSum
		if s, ok := one.sums[f.URL]; ok {
			sum = &s
		}
		here, err := x.bring(ctx, authoring.FileArrival{Asset: one.ID, File: f}, sum, first && !one.seen[f.URL])
		if one.seen == nil {
			one.seen = map[string]bool{}
		}
		one.seen[f.URL] = true
		switch {
		case err != nil && whole(ctx, err):
			return "", nil, err
		case err != nil:
			return f.URL, err, nil
		}
		if files[locale], err = json.Marshal(here); err != nil {
			return "", nil, err
		}
	}
	in.Fields[cms.AssetFile], err = json.Marshal(files)
	return "", nil, err
}

// bring makes sure that the bytes of a file are here.
func (x *importer) bring(ctx context.Context, f authoring.FileArrival, sum *fileSum, first bool) (cms.File, error) {
	if x.opt.DryRun {
		if !first {
			return f.Expected(x.p), nil
		}
		return f.Expected(x.p), x.try(ctx, f, sum)
	}
	here, err := x.Authoring.FileThere(x.p, f)
	if !fault.Is(err, fault.NotFound) || !first {
		return here, err
	}
	r, err := x.openFile(ctx, f, sum)
	if err != nil {
		return cms.File{}, err
	}
	defer r.Close() // only read from
	if here, err = x.Authoring.ReceiveFile(ctx, x.p, f, checked(r, sum)); err == nil {
		x.brought(here.Details.Size)
	}
	return here, err
}

// try reads a file without keeping it. One that would have to be fetched is taken
// for there.
func (x *importer) try(ctx context.Context, f authoring.FileArrival, sum *fileSum) error {
	if x.fetches() {
		return nil
	}
	r, err := x.openFile(ctx, f, sum)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, stoppable{ctx, checked(r, sum)})
	x.brought(n)
	return errors.Join(err, r.Close())
}

// brought counts a file.
func (x *importer) brought(bytes int64) {
	x.counting.Lock()
	defer x.counting.Unlock()
	x.r.Files++
	x.r.Bytes += bytes
}

// fetches reports whether files come from their URLs.
func (x *importer) fetches() bool { return x.official() && x.opt.Assets == "" }

// official reports whether the export is a file in the official form.
func (x *importer) official() bool {
	_, is := x.src.(*official)
	return is
}

func (x *importer) openFile(ctx context.Context, f authoring.FileArrival, sum *fileSum) (io.ReadCloser, error) {
	if !x.fetches() {
		r, err := x.src.file(f.File.URL)
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("there is no such file among those of the assets")
		}
		return r, err
	}
	url := f.File.URL
	if strings.HasPrefix(url, "//") {
		url = "https:" + url
	}
	res, err := x.Authoring.Fetch.Get(ctx, url, x.Authoring.FileLimit)
	if err != nil {
		return nil, x.unfetched(err)
	}
	return foreign{res.Body}, nil
}

// unfetched is an error of another server, which is none of this one, whatever its kind.
func (x *importer) unfetched(err error) error {
	f := fault.Of(err)
	cause := errors.Unwrap(f)
	if f.Message == "" || cause == nil {
		return errors.New(x.Words(err))
	}
	return fmt.Errorf("%s: %v", strings.TrimSuffix(f.Message, "."), cause)
}

// foreign is a body of another server, whose failures are not ours.
type foreign struct{ io.ReadCloser }

func (f foreign) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = errors.New(err.Error())
	}
	return n, err
}

// checked is a file that fails at its end when it is not what it should be.
func checked(r io.Reader, sum *fileSum) io.Reader {
	if sum == nil {
		return r
	}
	return verify(r, *sum)
}

// isServerError reports whether an error says nothing of the resource it came with.
func isServerError(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Kind == fault.ServerError || f.Kind == fault.Timeout)
}
