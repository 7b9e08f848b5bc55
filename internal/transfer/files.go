package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/typecase/typecase/internal/authoring"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// assetFiles gives the versions of an asset that arrives the files it has here. The
// first time it brings them; later those that did not come are known. failed is told
// of the one that is missing, which the first is.
func (x *importer) assetFiles(ctx context.Context, id string, versions []*authoring.EntityInput, sums map[string]fileSum, first bool, failed func(url string, err error)) (ok bool, err error) {
	for _, in := range versions {
		if in == nil {
			continue
		}
		raw, there := in.Fields[cms.AssetFile]
		var files map[string]json.RawMessage
		if !there || json.Unmarshal(raw, &files) != nil {
			continue // nothing, or what authoring refuses
		}
		for locale, raw := range files {
			var f cms.File
			if json.Unmarshal(raw, &f) != nil || f.URL == "" {
				continue // likewise, or not processed yet
			}
			var sum *fileSum
			if s, ok := sums[f.URL]; ok {
				sum = &s
			}
			here, err := x.bring(ctx, authoring.FileArrival{Asset: id, File: f}, sum, first)
			switch {
			case err != nil && whole(ctx, err):
				return false, err
			case err != nil:
				failed(f.URL, err)
				return false, nil
			}
			if files[locale], err = json.Marshal(here); err != nil {
				return false, err
			}
		}
		if in.Fields[cms.AssetFile], err = json.Marshal(files); err != nil {
			return false, err
		}
	}
	return true, nil
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
		x.r.Files++
		x.r.Bytes += here.Details.Size
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
	x.r.Files++
	x.r.Bytes += n
	return errors.Join(err, r.Close())
}

// fetches reports whether files come from their URLs.
func (x *importer) fetches() bool {
	_, isFile := x.src.(*official)
	return isFile && x.opt.Assets == ""
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
		return nil, errors.New(x.Words(err)) // of another server, whatever its kind
	}
	return foreign{res.Body}, nil
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
