// Package space makes the content that the benchmarks work with: a magazine of
// posts, authors and pictures in two locales, of any size.
//
// Everything is a function of its number, so two programs that make the same
// entry make the same bytes, and any entry can be made without the others. The
// package knows no server: how a post is stored is the business of its users.
//
// Start reading at Post.
package space

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Version counts the contents there have been. Raise it with every change here,
// so that nobody measures with data of another kind.
const Version = 1

const (
	vocabulary = 4000 // words
	bodySize   = 2048 // bytes of text of a post, at least
	categories = 20
	labels     = 50 // different tags

	// Everything is dated within these days from the first.
	days = 2000

	// Every tenth post is part of a web of posts that link to each other.
	webStep = 10
)

var first = time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)

// Size says how much there is of each kind.
type Size struct {
	Posts, Authors, Assets int
}

// SizeOf divides a number of entries, at least 200, into posts and authors.
// Assets come on top.
func SizeOf(entries int) Size {
	authors := entries / 100
	return Size{Posts: entries - authors, Authors: authors, Assets: entries / 50}
}

// Author writes posts.
type Author struct {
	ID, Name, Bio, Picture string // Picture is the id of an asset
}

// Post is an article. Summary is "" for every third.
type Post struct {
	ID, Slug           string
	Title, TitleDE     string
	Summary, SummaryDE string
	Body, Category     string
	Tags               []string
	Date               time.Time
	Views              int
	Author, Hero       string   // ids of an author and an asset
	Related            []string // ids of posts; every tenth post has two
}

// Asset is a picture.
type Asset struct {
	ID, Title, TitleDE, FileName string
}

// Ids have 15 characters, which every system accepts.

// PostID is the id of a post.
func PostID(i int) string { return fmt.Sprintf("post%011d", i) }

// AuthorID is the id of an author.
func AuthorID(i int) string { return fmt.Sprintf("author%09d", i) }

// AssetID is the id of an asset.
func AssetID(i int) string { return fmt.Sprintf("asset%010d", i) }

// Slug is the slug of a post.
func Slug(i int) string { return fmt.Sprintf("%s-%s-%d", Word(i%vocabulary), Word(i/7%vocabulary), i) }

// AuthorName is the name of an author; no two share one.
func AuthorName(i int) string {
	return capital(Word(i*31%vocabulary)) + " " + capital(Word(i/vocabulary)) + fmt.Sprintf(" %d", i)
}

// Category is the category of a post: each holds one of twenty.
func Category(i int) string { return Word(1000 + i%categories) }

// Label is one of the tags.
func Label(i int) string { return Word(2000 + i%labels) }

// random is the source of everything about one thing.
func random(kind uint64, i int) *rand.Rand { return rand.New(rand.NewPCG(kind, uint64(i))) }

// Post makes a post of a space of this size. Posts beyond the size can be made
// too: they are new ones with links to what is there.
func (s Size) Post(i int) Post {
	r := random(1, i)
	p := Post{
		ID: PostID(i), Slug: Slug(i), Category: Category(r.IntN(categories)), Views: r.IntN(100_000),
		Date:   first.Add(time.Duration(r.IntN(days*24*60)) * time.Minute),
		Author: AuthorID(r.IntN(s.Authors)), Hero: AssetID(r.IntN(s.Assets)),
		Title: sentence(r, 5), TitleDE: sentence(r, 5),
	}
	for range 1 + r.IntN(3) {
		p.Tags = append(p.Tags, Label(r.IntN(labels)))
	}
	if r.IntN(3) > 0 {
		p.Summary, p.SummaryDE = sentence(r, 16), sentence(r, 16)
	}
	p.Body = text(r, bodySize)
	if i%webStep == 0 {
		web := s.Posts / webStep
		for range 2 {
			p.Related = append(p.Related, PostID(r.IntN(web)*webStep))
		}
	}
	return p
}

// Author makes an author.
func (s Size) Author(i int) Author {
	r := random(2, i)
	return Author{ID: AuthorID(i), Name: AuthorName(i), Bio: text(r, 300), Picture: AssetID(r.IntN(s.Assets))}
}

// Asset makes an asset.
func (s Size) Asset(i int) Asset {
	r := random(3, i)
	return Asset{ID: AssetID(i), Title: sentence(r, 3), TitleDE: sentence(r, 3), FileName: fmt.Sprintf("picture-%d.png", i)}
}

var syllables = strings.Fields("ba de fi go lu ma ne pi ro su ta ve wi zo ka le mi no pu ra " +
	"se ti vo wu za bel dor fan gil hos jun kem lar mon nik pol rus sten tav wer")

// Word is a word of the vocabulary; no two are equal.
func Word(i int) string {
	n := len(syllables)
	w := syllables[i%n] + syllables[i/n%n]
	if i >= n*n {
		w += syllables[i/n/n%n]
	}
	return w
}

// word draws a word: the first of the vocabulary are common, the last rare, as
// in languages.
func word(r *rand.Rand) string {
	x := r.Float64()
	return Word(int(x * x * vocabulary))
}

// RareWord is a word that about one in twenty-five texts holds.
func RareWord(i int) string { return Word(vocabulary*7/8 + i%100) }

func sentence(r *rand.Rand, words int) string {
	var b strings.Builder
	for i := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word(r))
	}
	return capital(b.String())
}

func text(r *rand.Rand, size int) string {
	var b strings.Builder
	for b.Len() < size {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(sentence(r, 6+r.IntN(12)))
		b.WriteByte('.')
	}
	return b.String()
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
