package authoring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// FileArrival is the file of an asset that comes from elsewhere, where it has the
// URL it has in File.
type FileArrival struct {
	Asset string
	File  cms.File
}

// place is where the bytes go. It follows from the URL: the same file comes to the
// same place each time, and no other one does.
func (f FileArrival) place(p access.Place) blob.File {
	name, unique := f.File.FileName, ""
	if u, err := url.Parse(f.File.URL); err == nil {
		parts := strings.Split(u.Path, "/")
		if name == "" {
			name = path.Base(u.Path)
		}
		if len(parts) > 1 {
			unique = parts[len(parts)-2]
		}
	}
	at := blob.NewFile(p.SpaceID, f.Asset, unique, name)
	if _, ok := blob.ParsePath(at.Path()); !ok {
		sum := sha256.Sum256([]byte(f.File.URL))
		at.Unique = hex.EncodeToString(sum[:16])
	}
	return at
}

// Expected is the file as it will be, as far as it is known without its bytes.
func (f FileArrival) Expected(p access.Place) cms.File {
	out := f.File
	out.URL = f.place(p).Path()
	return out
}

// FileThere is a file that has arrived already; fault.NotFound when it has not.
func (s *Service) FileThere(p access.Place, f FileArrival) (cms.File, error) {
	at := f.place(p)
	b, err := s.Blobs.Open(at.Key())
	if err != nil {
		return cms.File{}, err
	}
	contentType := b.ContentType
	if err := b.Close(); err != nil {
		return cms.File{}, fault.Wrap(err, fault.ServerError, "closing the file %s", at.Key())
	}
	return s.described(at, f.name(at), contentType, f.File.ContentType)
}

func (f FileArrival) name(at blob.File) string {
	if f.File.FileName == "" {
		return at.Name
	}
	return f.File.FileName
}

// ReceiveFile stores the bytes of a file that comes from elsewhere. An error of r
// is returned as it is, and nothing is stored then.
func (s *Service) ReceiveFile(ctx context.Context, p access.Place, f FileArrival, r io.Reader) (cms.File, error) {
	at := f.place(p)
	contentType, _, err := s.putFile(ctx, at, f.File.ContentType, r)
	if err != nil {
		return cms.File{}, err
	}
	return s.described(at, f.name(at), contentType, f.File.ContentType)
}
