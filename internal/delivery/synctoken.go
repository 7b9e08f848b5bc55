package delivery

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
	"github.com/typecase/typecase/internal/query"
	"github.com/typecase/typecase/internal/store"
)

const (
	// tokenFormat is the first byte of a token. Raise it when the rest changes.
	tokenFormat = 1
	tokenMAC    = 16   // bytes
	maxToken    = 4096 // characters; see also maxSteps and maxTypes
)

// syncToken is all that is known of a client's copy: what it is a copy of, up
// to where, and what is left to do of the run that takes it there. It travels
// with the client; the server remembers nothing.
type syncToken struct {
	sync  query.Sync
	scope store.Scope // of the environment that is copied
	seq   int64       // of that environment: what the copy shows when no steps are left
	steps []syncStep
}

// stepKind says what a step of a run goes through.
type stepKind byte

const (
	stepEntities stepKind = iota // everything readers see, newest first
	stepChanges                  // part of a change log, newest first
	stepLost                     // what readers saw in another environment, and do not see here
)

// syncStep is what is left of one part of a run.
type syncStep struct {
	kind  stepKind
	scope store.Scope // stepChanges and stepLost: whose

	after, upTo int64    // stepChanges: those of the log still to be read; upTo is endOfLog until the first is
	types       []string // stepEntities: entries of these content types only; nil means all, and assets
	at          syncCursor
	done        bool // not part of a token
}

const endOfLog = -1

// syncCursor is the entity where stepEntities or stepLost has come to; no kind
// is before the first one.
type syncCursor struct {
	time int64 // stepEntities: milliseconds
	kind cms.Kind
	id   string
}

// syncKey makes the key of tokens from the server's secret.
func syncKey(secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("sync token"))
	return mac.Sum(nil)
}

// seal writes a token for the place and stage of the read, which are the only
// ones it is good for.
func (rd *reader) seal(t *syncToken) string {
	payload := t.append([]byte{tokenFormat})
	return base64.RawURLEncoding.EncodeToString(append(payload, rd.tokenMAC(payload)...))
}

// unseal reads a token that seal has written for this place and stage, and
// refuses every other text.
func (rd *reader) unseal(text string) (*syncToken, error) {
	refused := fault.New(fault.BadRequest, `The sync token is damaged, or it was made for another space, environment or API. `+startOver)
	if len(text) > maxToken {
		return nil, refused
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < 1+tokenMAC || raw[0] != tokenFormat {
		return nil, refused
	}
	payload, mac := raw[:len(raw)-tokenMAC], raw[len(raw)-tokenMAC:]
	if !hmac.Equal(mac, rd.tokenMAC(payload)) {
		return nil, refused
	}
	t, ok := readToken(payload[1:])
	if !ok {
		return nil, refused
	}
	return t, nil
}

// tokenMAC binds a token to the space, to the environment as it is addressed
// and to the stage. Which environment an alias stands for is no part of that.
func (rd *reader) tokenMAC(payload []byte) []byte {
	mac := hmac.New(sha256.New, rd.syncKey)
	bound := binary.AppendVarint([]byte{byte(rd.Stage)}, int64(rd.Place.Space))
	mac.Write(appendString(bound, rd.Place.EnvironmentID))
	mac.Write(payload)
	return mac.Sum(nil)[:tokenMAC]
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// entityKinds are the kinds that are synced, in the order of a walk.
var entityKinds = []cms.Kind{cms.KindEntry, cms.KindAsset}

func (t *syncToken) append(b []byte) []byte {
	b = append(b, byte(slices.Index(query.SyncTypes, t.sync.Type)))
	b = appendString(b, t.sync.ContentType)
	b = binary.AppendVarint(b, int64(t.sync.Limit))
	b = binary.AppendVarint(b, int64(t.scope))
	b = binary.AppendVarint(b, t.seq)
	for _, s := range t.steps {
		b = append(b, byte(s.kind))
		b = binary.AppendVarint(b, int64(s.scope))
		b = binary.AppendVarint(b, s.after)
		b = binary.AppendVarint(b, s.upTo)
		b = binary.AppendUvarint(b, uint64(len(s.types)))
		for _, id := range s.types {
			b = appendString(b, id)
		}
		b = binary.AppendVarint(b, s.at.time)
		b = append(b, byte(1+slices.Index(entityKinds, s.at.kind)))
		b = appendString(b, s.at.id)
	}
	return b
}

// readToken is the reverse of append.
func readToken(b []byte) (*syncToken, bool) {
	r := &tokenReader{b: b}
	t := &syncToken{}
	t.sync.Type = query.SyncTypes[r.below(len(query.SyncTypes))]
	t.sync.ContentType = r.str()
	t.sync.Limit = int(r.int())
	t.scope = store.Scope(r.int())
	t.seq = r.int()
	for len(r.b) > 0 && !r.bad {
		s := syncStep{kind: stepKind(r.below(int(stepLost) + 1)), scope: store.Scope(r.int()), after: r.int(), upTo: r.int()}
		for range r.count() {
			s.types = append(s.types, r.str())
		}
		s.at.time = r.int()
		if k := r.below(1 + len(entityKinds)); k > 0 {
			s.at.kind = entityKinds[k-1]
		}
		s.at.id = r.str()
		t.steps = append(t.steps, s)
	}
	return t, !r.bad && t.sync.Limit > 0
}

// tokenReader reads the parts of a token; after a mistake it reads zeros.
type tokenReader struct {
	b   []byte
	bad bool
}

func (r *tokenReader) int() int64 {
	n, size := binary.Varint(r.b)
	return r.take(n, size)
}

func (r *tokenReader) count() int {
	n, size := binary.Uvarint(r.b)
	if n > uint64(len(r.b)) { // more than there can be
		size = 0
	}
	return int(r.take(int64(n), size))
}

func (r *tokenReader) take(n int64, size int) int64 {
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

// below is one byte that is less than n.
func (r *tokenReader) below(n int) int {
	if len(r.b) == 0 || int(r.b[0]) >= n {
		r.bad, r.b = true, nil
		return 0
	}
	b := r.b[0]
	r.b = r.b[1:]
	return int(b)
}

func (r *tokenReader) str() string {
	n := r.count()
	if n > len(r.b) {
		r.bad, r.b = true, nil
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}
