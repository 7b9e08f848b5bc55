package cma_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"
	"time"
)

func TestAssetProtection(t *testing.T) {
	onBoth(t, func(sc *script) {
		const path = "/spaces/{s}/_typecase/asset_protection"
		made := sc.names["now"]
		shown := func(v int, changed, what string) string {
			return small("AssetProtection", v, made, changed, `"protected":"`+what+`"`)
		}
		sc.play(
			step{name: "nothing is", call: "GET " + path, want: shown(1, made, "none")},
			step{name: "no keys", call: "POST " + content + "/asset_keys", body: `{"expiresAt":1}`, status: 403,
				want: failure("AccessDenied", "The files of this space are not protected: their URLs need no asset key.", "")},
		)
		sc.tick(time.Minute)
		sc.play(
			step{name: "drafts", call: "PUT " + path, header: version(1), body: `{"protected":"unpublished"}`, want: shown(2, "{now}", "unpublished")},
			step{name: "everything", call: "PUT " + path, header: version(2), body: `{"sys":{"version":2},"protected":"all"}`, want: shown(3, "{now}", "all")},
			step{name: "a stale version", call: "PUT " + path, header: version(2), body: `{"protected":"none"}`, status: 409, want: tooOld("Space", "{s}", 3, 2)},
			step{name: "no version", call: "PUT " + path, body: `{"protected":"none"}`, status: 409, want: noVersion("Space", "{s}", 3)},
			step{name: "another name changes nothing of it", call: "PUT /spaces/{s}", header: version(3), body: `{"name":"Renamed"}`, find: map[string]string{"v": "sys.type"}},
			step{name: "it is still so", call: "GET " + path, want: shown(4, "{now}", "all")},
			step{name: "back", call: "PUT " + path, header: version(4), body: `{"protected":"none"}`, want: shown(5, "{now}", "none")},
			step{name: "of nowhere", call: "GET /spaces/none/_typecase/asset_protection", status: 404, want: failure("NotFound", notFound, "")},
		)
	})
}

func TestAssetKeys(t *testing.T) {
	onBoth(t, func(sc *script) {
		const path = content + "/asset_keys"
		sc.play(step{name: "protect", call: "PUT /spaces/{s}/_typecase/asset_protection", header: version(1), body: `{"protected":"all"}`, find: map[string]string{"v": "sys.type"}})
		now := sc.now.Unix()
		encoded := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(sc.fill(text))) }
		policy := encoded(`{"alg":"HS256","typ":"JWT","kid":"1:1"}`) + "." + encoded(fmt.Sprintf(`{"exp":%d,"sub":"{s}","aud":"adn","jti":"jti","ctf:unpub":true}`, now+60))
		// The secret is what would make a whole token of the policy.
		derived := hmac.New(sha256.New, sc.s.Secret)
		derived.Write([]byte("asset key"))
		mac := hmac.New(sha256.New, derived.Sum(nil))
		mac.Write([]byte(policy))
		secret := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		key := func(at string) step {
			return step{name: "until " + at, call: "POST " + path, body: `{"expiresAt":` + at + `}`, find: map[string]string{"secret": "secret"}}
		}
		out := func(at string) step {
			return step{name: "not until " + at, call: "POST " + path, body: `{"expiresAt":` + at + `}`, status: 422, want: failure("ValidationFailed", "Validation error",
				fmt.Sprintf(`{"errors":[{"name":"range","path":["expiresAt"],"value":%s,"min":%d,"max":%d,"details":"An asset key expires at a time in seconds since 1970 that is not in the past, and at most 48 hours ahead."}]}`, at, now, now+48*3600))}
		}
		last := fmt.Sprint(now + 48*3600)
		sc.play(
			step{name: "a key", call: "POST " + path, header: []string{"Content-Type: application/json"}, body: fmt.Sprintf(`{"expiresAt":%d,"more":true}`, now+60), want: `{"policy":"` + policy + `","secret":"` + secret + `"}`},
			key(fmt.Sprint(now)), key(last),
			out(fmt.Sprint(now-1)), out(fmt.Sprint(now+48*3600+1)), out("-9223372036854775808"), out("9223372036854775807"),
		)
	})
}
