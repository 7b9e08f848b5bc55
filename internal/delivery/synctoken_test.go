package delivery

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/query"
)

var anyOption = cmp.AllowUnexported(syncToken{}, syncStep{}, syncCursor{})

func TestSyncTokens(t *testing.T) {
	t.Parallel()
	rd := &reader{
		Service: &Service{syncKey: syncKey([]byte("secret"))},
		Request: Request{Place: access.Place{Space: 7, EnvironmentID: "master"}, Stage: cms.Published},
	}
	for _, want := range []*syncToken{
		{sync: query.Sync{Type: query.SyncAll, Limit: 100}, scope: 3, seq: 0},
		{sync: query.Sync{Type: query.SyncEntry, ContentType: "post", Limit: 1000}, scope: 1 << 40, seq: 1 << 50, steps: []syncStep{
			{kind: stepEntities, types: []string{"a", "b"}, at: syncCursor{1767225600000, cms.KindAsset, "x"}},
			{kind: stepChanges, scope: 9, after: 5, upTo: endOfLog},
			{kind: stepLost, scope: 9, at: syncCursor{0, cms.KindEntry, ""}},
		}},
	} {
		text := rd.seal(want)
		got, err := rd.unseal(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, anyOption); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if again := rd.seal(got); again != text {
			t.Errorf("%s became %s", text, again)
		}
	}
}

// The largest token there can be is one that is taken.
func TestSyncTokenSize(t *testing.T) {
	t.Parallel()
	rd := &reader{Service: &Service{syncKey: syncKey(nil)}}
	long := string(bytes.Repeat([]byte("x"), 64))
	huge := &syncToken{sync: query.Sync{Type: query.SyncEntry, ContentType: long, Limit: 1000}, scope: 1 << 62, seq: 1 << 62}
	for i := range maxSteps {
		s := syncStep{kind: stepLost, scope: 1 << 62, after: 1 << 62, upTo: 1 << 62, at: syncCursor{1 << 62, cms.KindAsset, long}}
		if i == 0 {
			s.types = slicesOf(long, maxTypes)
		}
		huge.steps = append(huge.steps, s)
	}
	text := rd.seal(huge)
	if _, err := rd.unseal(text); err != nil {
		t.Errorf("%d characters: %v", len(text), err)
	}
}

func slicesOf(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

// Whatever the bytes, reading them ends well, and what is read can be written.
func FuzzSyncToken(f *testing.F) {
	f.Add((&syncToken{sync: query.Sync{Type: query.SyncAll, Limit: 1}, steps: []syncStep{{kind: stepLost, types: []string{"a"}}}}).append(nil))
	f.Add([]byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		first, ok := readToken(b)
		if !ok {
			return
		}
		second, ok := readToken(first.append(nil))
		if diff := cmp.Diff(first, second, anyOption); !ok || diff != "" {
			t.Errorf("%x (-read +read again):\n%s", b, diff)
		}
	})
}
