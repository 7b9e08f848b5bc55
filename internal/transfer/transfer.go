// Package transfer moves the content of an environment out of the server and in
// again, in memory that does not grow with it. There are two forms: the file of the
// official export tool, and a folder (see Manifest) with one resource a line, the
// files of assets, and checksums.
//
// It has no rules of its own: what is written is what the management API shows, what
// is read goes in through package authoring. It knows neither HTTP nor the command
// line.
//
// Start reading at Export and Import, then report.go.
package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/authoring"
)

// Mover moves content. Its fields are set once.
type Mover struct {
	Authoring *authoring.Service
	// Wire is a resource as the management API shows it.
	Wire func(p access.Place, fileBase string, resource any) (json.RawMessage, error)
	// FileBase goes before the paths of files in what is written, such as
	// "https://content.example.org".
	FileBase string
	Words    func(error) string // an error for people
	Now      func() time.Time
	Progress func(Progress) // called now and then
}

// Progress is how far a transfer has come.
type Progress struct {
	Doing string `json:"doing"` // such as "entries"
	Done  int    `json:"done"`
	Of    int    `json:"of,omitempty"` // 0: not known
}

// String is for people.
func (p Progress) String() string {
	switch {
	case p.Of == 0 && p.Done == 0:
		return p.Doing
	case p.Of == 0:
		return fmt.Sprintf("%s: %d", p.Doing, p.Done)
	default:
		return fmt.Sprintf("%s: %d of %d", p.Doing, p.Done, p.Of)
	}
}

// The kinds of resource, as the official file calls those that it has, in the order in
// which they go in: each needs only what stands before it.
const (
	locales          = "locales"
	extensions       = "extensions"
	concepts         = "concepts"
	conceptSchemes   = "conceptSchemes"
	contentTypes     = "contentTypes"
	editorInterfaces = "editorInterfaces"
	tags             = "tags"
	assets           = "assets"
	entries          = "entries"
	previews         = "previewEnvironments"
	uiConfig         = "uiConfig"
	enablements      = "enablements"
	webhooks         = "webhooks"
	roles            = "roles"
)

var sections = []string{locales, extensions, concepts, conceptSchemes, contentTypes, editorInterfaces, tags, assets, entries, previews, uiConfig, enablements, webhooks}

func known(kind string) bool {
	return slices.Contains(sections, kind) || slices.Contains(slices.Collect(maps.Values(histories)), kind)
}

const (
	// batch is how many entities one transaction is for, and how many are in memory.
	batch = 200
	// maxResource is the most that one resource takes, in bytes.
	maxResource = 8 << 20
)

// filePath is where the file of a URL stands below a folder of files, as the
// official tools lay them out: host, then path.
func filePath(rawURL string) (string, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "", err
	}
	p := path.Join(u.Host, path.Clean("/"+u.Path))
	if p == "" || strings.HasPrefix(p, "/") || strings.Contains(p, `\`) {
		return "", errors.New("it names no host and no path")
	}
	return p, nil
}
