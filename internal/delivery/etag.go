package delivery

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"

	"github.com/typecase/typecase/internal/cms"
)

// format counts the forms answers have had. Raise it whenever an unchanged
// environment is shown differently, so that nobody keeps the old form.
const format = "2"

// etag names the answer to this request as long as the environment stands
// still. It depends on nothing that differs between two nodes or two runs of the
// server. more is what the answer depends on besides.
func (rd *reader) etag(kind cms.Kind, id string, more ...string) string {
	p := rd.Place
	if rd.DraftBase != "" && rd.DraftBase != rd.Base {
		more = append(more, "drafts", rd.DraftBase)
	}
	var environment, seq [20]byte // room for the digits
	parts := append(make([]string, 0, 16), more...)
	return tagOf(append(parts, format, strconv.Itoa(int(rd.Stage)), string(kind), id,
		string(strconv.AppendInt(environment[:0], int64(p.Environment), 10)), string(strconv.AppendInt(seq[:0], rd.seq, 10)),
		p.SpaceID, p.EnvironmentID, rd.Base, rd.Params.Encode())...)
}

// tagOf is an ETag for a list of strings.
func tagOf(parts ...string) string {
	buf := make([]byte, 0, 256)
	for _, p := range parts {
		buf = strconv.AppendInt(buf, int64(len(p)), 10) // keeps "a","bc" and "ab","c" apart
		buf = append(buf, ':')
		buf = append(buf, p...)
	}
	sum := sha256.Sum256(buf)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}
