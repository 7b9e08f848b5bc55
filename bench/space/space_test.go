package space

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
)

// The content is part of every published figure: it must not change unnoticed.
func TestSameContent(t *testing.T) {
	t.Parallel()
	s := SizeOf(1000)
	sum := sha256.New()
	enc := json.NewEncoder(sum)
	for i := range s.Posts {
		if err := enc.Encode(s.Post(i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.Authors {
		if err := enc.Encode(s.Author(i)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range s.Assets {
		if err := enc.Encode(s.Asset(i)); err != nil {
			t.Fatal(err)
		}
	}
	const want = "2868c2fa866c699de6dbbca476d89088d97bb9d020830fc56462312cd9d7d762"
	if got := hex.EncodeToString(sum.Sum(nil)); Version != 1 || got != want {
		t.Errorf("version %d has the content %s", Version, got)
	}
}

// What queries of the benchmarks count on.
func TestShape(t *testing.T) {
	t.Parallel()
	s := SizeOf(1000)
	if s != (Size{Posts: 990, Authors: 10, Assets: 20}) {
		t.Fatalf("size %+v", s)
	}
	slugs, names, words := map[string]bool{}, map[string]bool{}, map[string]bool{}
	rare, withSummary, linked := 0, 0, 0
	for i := range s.Posts {
		p := s.Post(i)
		slugs[p.Slug] = true
		if len(p.ID) != 15 || len(p.Body) < bodySize || len(p.Body) > bodySize+200 || len(p.Tags) == 0 {
			t.Errorf("post %+v", p)
		}
		if strings.Contains(strings.ToLower(p.Body), RareWord(0)) {
			rare++
		}
		if p.Summary != "" {
			withSummary++
		}
		linked += len(p.Related)
	}
	for i := range s.Authors {
		names[s.Author(i).Name] = true
	}
	for i := range vocabulary {
		words[Word(i)] = true
	}
	if len(slugs) != s.Posts || len(names) != s.Authors || len(words) != vocabulary {
		t.Errorf("%d slugs, %d names, %d words", len(slugs), len(names), len(words))
	}
	if rare < 15 || rare > 80 || withSummary < 550 || withSummary > 770 || linked != 2*99 {
		t.Errorf("%d posts with the rare word, %d with a summary, %d links", rare, withSummary, linked)
	}
}
