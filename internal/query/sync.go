package query

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/nearest"
)

// Sync is what a request to the sync endpoint asks for.
type Sync struct {
	Token string // continues a sync; "" starts one

	// What a sync is about. With a token that is for the token to say, and only
	// what the request names besides it is set.
	Type        SyncType
	ContentType string // with SyncEntry: of this content type only
	Limit       int    // items of one answer
}

// SyncType says which items a sync is about.
type SyncType string

// The types of sync.
const (
	SyncAll          SyncType = "all"
	SyncEntry        SyncType = "Entry"
	SyncAsset        SyncType = "Asset"
	SyncDeletion     SyncType = "Deletion"
	SyncDeletedEntry SyncType = "DeletedEntry"
	SyncDeletedAsset SyncType = "DeletedAsset"
)

const (
	syncByType  = `When passing a sync token you can not pass any other parameters. If you want to sync only a specific type or content_type start a new sync with "initial".`
	syncByLimit = `When passing a sync token you can not pass any other parameters. If you want to sync with a specific limit, start a new sync with "initial".`
)

// SyncTypes are all of them.
var SyncTypes = []SyncType{SyncAll, SyncAsset, SyncEntry, SyncDeletion, SyncDeletedAsset, SyncDeletedEntry}

var (
	syncParameters = []string{"access_token", "content_type", "initial", "limit", "locale", "sync_token", "type"}
	feedParameters = []string{"access_token", "content_type", "sync_token", "type"}
)

// Wants reports whether a sync is about entities of a kind and, of entries,
// content type; WantsDeleted whether it is about deletions of a kind.
func (s *Sync) Wants(k cms.Kind, contentType string) bool {
	switch s.Type {
	case SyncAll:
		return true
	case SyncEntry:
		return k == cms.KindEntry && (s.ContentType == "" || s.ContentType == contentType)
	case SyncAsset:
		return k == cms.KindAsset
	}
	return false
}

// WantsDeleted: see Wants.
func (s *Sync) WantsDeleted(k cms.Kind) bool {
	switch s.Type {
	case SyncAll, SyncDeletion:
		return true
	case SyncDeletedEntry:
		return k == cms.KindEntry
	case SyncDeletedAsset:
		return k == cms.KindAsset
	}
	return false
}

// Entities reports whether a sync is about anything but deletions.
func (s *Sync) Entities() bool {
	return s.Type == SyncAll || s.Type == SyncEntry || s.Type == SyncAsset
}

// ParseSync reads the parameters of a request to the sync endpoint. Its errors
// are those of Parse.
func ParseSync(values url.Values, model *cms.Model) (*Sync, error) {
	p := &parser{opt: Options{API: Delivery, Kind: cms.KindEntry, Model: model}}
	s := &Sync{Token: last(values, "sync_token")}
	if !p.only(values, syncParameters) && s.Token != "" {
		p.bad(syncByType)
	}
	initial, isInitial := values["initial"]
	switch {
	case s.Token != "":
		p.besideToken(s, values)
	case isInitial && isTrue(initial[len(initial)-1]):
		p.initialSync(s, values)
	default:
		p.bad(`A sync begins with "initial=true" and goes on with the "sync_token" of the URL in the last answer.`)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// ParseFeed reads the parameters of a request for changes as they happen, which
// is a sync without pages. resume is a token too and goes before the parameter:
// it is where a client that has been here before has come to.
func ParseFeed(values url.Values, resume string, model *cms.Model) (*Sync, error) {
	p := &parser{opt: Options{API: Delivery, Kind: cms.KindEntry, Model: model}}
	s := &Sync{Token: cmp.Or(resume, last(values, "sync_token"))}
	p.only(values, feedParameters)
	if s.Token != "" {
		p.besideToken(s, values)
	} else {
		p.initialSync(s, values)
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return s, nil
}

// only notes the parameters that are none of the known ones.
func (p *parser) only(values url.Values, known []string) (ok bool) {
	ok = true
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(known, key) {
			d := detail("unknown", strings.Split(key, "."), "The path "+strconv.Quote(clip(key))+" is not recognized")
			d.Suggestions = nearest.Likely(key, slices.Values(known))
			p.add(d)
			ok = false
		}
	}
	return ok
}

// isTrue takes the spellings of programming languages.
func isTrue(s string) bool {
	b, err := strconv.ParseBool(s)
	return err == nil && b
}

func (p *parser) initialSync(s *Sync, values url.Values) {
	s.Type = SyncAll
	if t := last(values, "type"); t != "" {
		s.Type = SyncType(t)
	}
	if !slices.Contains(SyncTypes, s.Type) {
		sent := string(s.Type)
		d := valueDetail([]string{"type"}, sent, "SyncType", Equals)
		names := make([]string, len(SyncTypes))
		for i, t := range SyncTypes {
			names[i] = string(t)
			d.Expected = append(d.Expected, names[i])
		}
		d.Suggestions = nearest.Likely(sent, slices.Values(names))
		p.add(d)
	}
	if s.ContentType = last(values, "content_type"); s.ContentType != "" {
		if s.Type != SyncEntry {
			p.invalid([]string{"content_type"}, `The parameter "content_type" needs "type=Entry" beside it.`)
		}
		if p.opt.Model.Types[s.ContentType] == nil {
			p.unknownContentType(s.ContentType, []string{"content_type"})
		}
	}
	s.Limit = p.number(values, "limit", 100, 1, 1000)
}

// besideToken notes what is sent beside a token; see Sync.Beside.
func (p *parser) besideToken(s *Sync, values url.Values) {
	s.Type, s.ContentType = SyncType(last(values, "type")), last(values, "content_type")
	if _, ok := values["limit"]; ok {
		var err error
		if s.Limit, err = strconv.Atoi(last(values, "limit")); err != nil || s.Limit == 0 {
			s.Limit = -1 // not that of any token
		}
	}
	if _, ok := values["initial"]; ok {
		p.bad(syncByType)
	}
}

// Beside checks what a request names beside a token, which holds all that there
// is to say: the same once more does no harm, as the JavaScript SDK sends it
// with each further page. Anything else is fault.BadRequest.
func (s *Sync) Beside(token *Sync) error {
	switch {
	case s.Type != "" && s.Type != token.Type, s.ContentType != "" && s.ContentType != token.ContentType:
		return fault.New(fault.BadRequest, syncByType)
	case s.Limit != 0 && s.Limit != token.Limit:
		return fault.New(fault.BadRequest, syncByLimit)
	}
	return nil
}
