package main

import (
	"encoding/gob"
	"net/http"
	"os"
	"strconv"
)

// recorded is an answer of Typecase that the ceiling gives again.
type recorded struct {
	Type, ETag string
	Body       []byte
}

// serveCeiling is the least that net/http can do for these answers: find them in
// a map by the URI and write them.
func serveCeiling(addr, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	answers := map[string]*recorded{}
	if err := gob.NewDecoder(f).Decode(&answers); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answers[r.RequestURI]
		if a == nil {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("ETag", a.ETag)
		if a.ETag != "" && r.Header.Get("If-None-Match") == a.ETag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", a.Type)
		h.Set("Content-Length", strconv.Itoa(len(a.Body)))
		_, _ = w.Write(a.Body) // the client reads or has gone
	}))
}

// writeAnswers makes the file that serveCeiling reads.
func writeAnswers(file string, answers map[string]*recorded) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := gob.NewEncoder(f).Encode(answers); err != nil {
		return err
	}
	return f.Close()
}
