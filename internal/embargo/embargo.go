// Package embargo keeps the files of protected spaces: it makes asset keys, and
// says who may read a file. Nothing is stored for a key. It is a signed statement,
// the policy, and its signature is the secret that URLs of files are signed with;
// so a key is good on every server with the same secret, until it expires.
//
// It knows nothing of HTTP. Which files are protected is said by the space, see
// cms.Protection.
//
// Start reading at Service.
package embargo

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/blob"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/store"
)

// Prefix may stand before the path of a file. It is in the URLs of protected
// files: the official tools know those by a label such as "assets.secure.", which
// they look for in the whole URL, and not every address can have labels in front.
const Prefix = "/assets.secure.typecase"

// Service makes asset keys and checks them. It is safe for concurrent use.
type Service struct {
	store  store.Store
	spaces Spaces
	key    []byte // signs policies
	now    func() time.Time
	newID  func() string
	public memory
}

// Spaces finds spaces; access.Directory does.
type Spaces interface {
	Space(ctx context.Context, id string) (access.Place, error)
}

// New makes a service. Its keys are good for all services with the same secret.
func New(st store.Store, spaces Spaces, secret []byte, now func() time.Time, newID func() string) *Service {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("asset key"))
	return &Service{store: st, spaces: spaces, key: mac.Sum(nil), now: now, newID: newID, public: memory{spaces: map[store.Scope]*record{}}}
}

// Request is somebody who wants to read a file.
type Request struct {
	File   blob.File
	Policy string   // "" for none, as Token
	Token  string   // signed with the policy's secret
	URLs   []string // of the file as it was asked for, without scheme and query
}

// Pass lets somebody read a file.
type Pass struct {
	Forever bool      // everyone may read the file, for as long as it is there
	Until   time.Time // zero: everyone may read it, for now
}

// Admit decides whether a file may be read. It does not say whether there is one.
//
// Errors: fault.AccessDenied; fault.NotFound when there is no such space.
func (s *Service) Admit(ctx context.Context, r Request) (Pass, error) {
	p, err := s.spaces.Space(ctx, r.File.Space)
	if err != nil {
		return Pass{}, err
	}
	if p.Protection == cms.ProtectNone {
		return Pass{Forever: true}, nil
	}
	grant, refusal := s.check(p.SpaceID, r)
	if refusal == nil && grant.unpublished {
		return Pass{Until: grant.until}, nil
	}
	if refusal != nil && p.Protection != cms.ProtectUnpublished {
		return Pass{}, refusal
	}
	public, err := s.published(ctx, p.Space, r.File)
	switch {
	case err != nil:
		return Pass{}, err
	case !public && refusal == nil:
		return Pass{}, denied("The file is not published. Asset keys made with a delivery token are for published files only.")
	case !public:
		return Pass{}, refusal
	}
	return Pass{Until: grant.until}, nil // a file that is free needs no signature, not even a good one
}

// denied has its reason as message: not every client of delivery reads details.
func denied(reason string) error { return fault.New(fault.AccessDenied, "%s", reason) }

// Bases are what goes before the paths of files in answers about a space: those of
// files that are published as they are shown, and those of others. base is what
// goes there without protection.
func Bases(base string, p cms.Protection) (published, other string) {
	switch p {
	case cms.ProtectAll:
		return secure(base), secure(base)
	case cms.ProtectUnpublished:
		return base, secure(base)
	}
	return base, base
}

// secure is a base with the label. The original's hosts have it in their names,
// and URLs with such a host have a scheme.
func secure(base string) string {
	label, domain, _ := strings.Cut(base, ".")
	if domain == "ctfassets.net" || domain == "eu.ctfassets.net" {
		return "https:" + label + ".secure." + domain
	}
	return base + Prefix
}
