package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/typecase/typecase/bench/space"
)

const (
	// mark stands for a number in prepared bodies: no two writes are the same,
	// and making them costs the clients next to nothing.
	mark = "00@@@@00"

	templates    = 64 // of new posts
	postsOfEach  = 16 // that a writer updates in turn
	writingShare = 20 // one operation of the mixed scenario in this many writes
)

// writes makes the requests of writing scenarios. Each writer has posts of its
// own, whose versions it knows.
type writes struct {
	tokens tokens
	size   space.Size
	count  atomic.Int64

	newPost, newRecord []string // bodies of posts beyond the space
	post, patch        []string // bodies of updates, by number of the post
	version            []int    // of the posts in Typecase
	turn               []int    // of each writer
}

func newWrites(size space.Size, tokens tokens) (*writes, error) {
	w := &writes{tokens: tokens, size: size, turn: make([]int, writeClients), version: make([]int, writeClients*postsOfEach)}
	for i := range templates {
		p := size.Post(size.Posts + i)
		p.Slug += mark
		p.Title += mark
		body, err := json.Marshal(map[string]any{"fields": postFields(p)})
		if err != nil {
			return nil, err
		}
		data := postRecord(p)
		delete(data, "id")
		record, err := json.Marshal(data)
		if err != nil {
			return nil, err
		}
		w.newPost, w.newRecord = append(w.newPost, string(body)), append(w.newRecord, string(record))
	}
	for i := range w.version {
		w.version[i] = firstUse
		p := size.Post(i)
		p.Title += mark
		body, err := json.Marshal(map[string]any{"fields": postFields(p)})
		if err != nil {
			return nil, err
		}
		patch, err := json.Marshal(map[string]any{"title": p.Title, "body": p.Body + mark})
		if err != nil {
			return nil, err
		}
		w.post, w.patch = append(w.post, string(body)), append(w.patch, string(patch))
	}
	return w, nil
}

// number fills in the mark.
func (w *writes) number(body string) string {
	return strings.ReplaceAll(body, mark, fmt.Sprintf(" %d", w.count.Add(1)))
}

// create makes new posts.
func (w *writes) create(server string) operation {
	return func(_ int, r *rand.Rand) []request {
		i := r.IntN(templates)
		if server == pocketbase {
			return []request{w.tokens.put("POST", "", w.number(w.newRecord[i]))}
		}
		return []request{manage(201, "POST", "/entries", w.number(w.newPost[i]), "X-Contentful-Content-Type", "post")}
	}
}

// publish changes a post and makes that public.
func (w *writes) publish(server string) operation {
	return func(worker int, _ *rand.Rand) []request {
		i := worker*postsOfEach + w.turn[worker]%postsOfEach
		w.turn[worker]++
		if server == pocketbase {
			return []request{w.tokens.put("PATCH", "/"+space.PostID(i), w.number(w.patch[i]))}
		}
		path, v := "/entries/"+space.PostID(i), w.version[i]
		w.version[i] += 2
		return []request{
			manage(200, "PUT", path, w.number(w.post[i]), "X-Contentful-Version", strconv.Itoa(v)),
			manage(200, "PUT", path+"/published", "", "X-Contentful-Version", strconv.Itoa(v+1)),
		}
	}
}

// mixed reads, and writes now and then.
func (w *writes) mixed(server string) operation {
	write, read := w.publish(server), w.read(server)
	return func(worker int, r *rand.Rand) []request {
		if r.IntN(writingShare) == 0 {
			return write(worker, r)
		}
		return read(worker, r)
	}
}

// read reads any post by id.
func (w *writes) read(server string) operation {
	return func(_ int, r *rand.Rand) []request {
		id := space.PostID(r.IntN(w.size.Posts))
		if server == pocketbase {
			return []request{w.tokens.get("/" + id)}
		}
		return []request{deliver("/entries/" + id)}
	}
}
