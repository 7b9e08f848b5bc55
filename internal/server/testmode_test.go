package server

import (
	"testing"

	"github.com/typecase/typecase/internal/config"
	"github.com/typecase/typecase/internal/demo"
	"github.com/typecase/typecase/internal/httpapi"
)

// TestTestMode: a server whose settings ask for it lets clients ask for errors,
// which keep writes from happening; any other does not.
func TestTestMode(t *testing.T) {
	t.Parallel()
	const locales = "/spaces/" + demo.SpaceID + "/environments/master/locales"
	total := func(l *live) any {
		res, body := l.send(t, "GET", locales, testToken, "")
		if res.StatusCode != 200 {
			t.Fatalf("%s: %v", res.Status, body)
		}
		return body["total"]
	}
	create := func(l *live, code string, header ...string) int {
		res, _ := l.send(t, "POST", locales, testToken, `{"name":"`+code+`","code":"`+code+`","fallbackCode":null}`,
			append(header, "Content-Type: application/json")...)
		return res.StatusCode
	}
	const fail = httpapi.SimulateHeader + ": RateLimitExceededError; reset=2"

	off := startLive(t, nil)
	before := total(off)
	if got := create(off, "fr", fail); got != 201 || total(off) == before {
		t.Errorf("without test mode: %d", got)
	}
	if res, body := off.send(t, "PUT", httpapi.SimulatePath, testToken, `{"simulate":"502"}`, "Content-Type: application/json"); res.StatusCode != 404 || body["reason"] != "UnknownRoute" {
		t.Errorf("without test mode there is a dial: %s %v", res.Status, body)
	}

	on := startLive(t, func(c *config.Config) { c.TestMode = true })
	before = total(on)
	if got := create(on, "fr", fail); got != 429 || total(on) != before {
		t.Errorf("in test mode: %d, and %v locales of %v", got, total(on), before)
	}
	if res, body := on.send(t, "PUT", httpapi.SimulatePath, testToken, `{"simulate":"502"}`, "Content-Type: application/json"); res.StatusCode != 200 {
		t.Fatalf("the dial: %s %v", res.Status, body)
	}
	for path, want := range map[string]int{locales: 502, "/healthz": 200, "/errors": 200} { // what is no API is what it is
		if res, _ := on.send(t, "GET", path, testToken, ""); res.StatusCode != want {
			t.Errorf("%s: %s, want %d", path, res.Status, want)
		}
	}
	if res, _ := on.send(t, "DELETE", httpapi.SimulatePath, testToken, ""); res.StatusCode != 204 || total(on) != before {
		t.Errorf("the end of it: %s", res.Status)
	}
}

// TestRatePreset: the setting reaches the APIs, and their headers tell.
func TestRatePreset(t *testing.T) {
	t.Parallel()
	l := startLive(t, func(c *config.Config) { c.RatePreset, c.RatePreview = "contentful", 1 })
	const space = "/spaces/" + demo.SpaceID
	for token, want := range map[string]string{testToken: "10", l.delivery: "55", l.preview: "1"} {
		res, _ := l.send(t, "GET", space, token, "")
		if got := res.Header.Get("X-Contentful-RateLimit-Second-Limit"); res.StatusCode != 200 || got != want {
			t.Errorf("%s, limit %q, want %q", res.Status, got, want)
		}
	}
	for i := range 20 { // the first one already, unless the machine is very slow
		res, _ := l.send(t, "GET", space+"/environments/master/entries?limit=1", l.preview, "")
		if res.StatusCode == 429 && res.Header.Get("Retry-After") == "1" {
			return
		}
		if res.StatusCode != 200 {
			t.Fatalf("request %d: %s", i, res.Status)
		}
	}
	t.Error("more requests in one burst than a second's worth")
}
