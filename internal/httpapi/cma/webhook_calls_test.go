package cma_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/typecase/typecase/internal/access"
	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/store"
)

// happened stores what a delivery would have: two calls and two events that were
// given up, the first two changes of master. It returns the scope of master.
func happened(sc *script, hook string) store.Scope {
	sc.t.Helper()
	ctx := sc.t.Context()
	fail := func(err error) {
		sc.t.Helper()
		if err != nil {
			sc.t.Fatal(err)
		}
	}
	owner, err := sc.s.Owner(ctx)
	fail(err)
	p, err := access.New(sc.s.Store, sc.s.Now).Locate(ctx, owner, sc.names["s"], cms.MainEnvironment)
	fail(err)
	lanes, err := sc.s.Store.LanesOf(ctx, p.Space, hook)
	fail(err)
	fail(sc.s.Store.Update(ctx, p.Space, func(tx store.Tx) error {
		for _, l := range lanes {
			if err := tx.Recall(ctx, l.LaneID, -1); err != nil {
				return err
			}
		}
		return nil
	}))
	_, err = sc.s.Store.LeaseLanes(ctx, "test", sc.now, sc.now.Add(time.Minute), 10)
	fail(err)
	call := func(id, topic string, status int, errors ...string) store.Call {
		c := cms.WebhookCall{
			At: sc.now, AnsweredAt: sc.now.Add(40 * time.Millisecond), StatusCode: status, Errors: append([]string{}, errors...),
			URL: "https://example.org/", Topic: topic, Key: "key-" + id, Event: fmt.Sprint(p.Environment, "-2"), Attempt: 1,
		}
		summary, err := json.Marshal(c)
		fail(err)
		detail, err := json.Marshal(cms.WebhookCallDetail{Method: "POST", RequestHeaders: map[string]string{"x-a": "1"}, RequestBody: "{}", ResponseHeaders: map[string]string{"x-b": "2"}, ResponseBody: "ok"})
		fail(err)
		return store.Call{Follower: hook, ID: id, Summary: summary, Detail: detail}
	}
	for _, l := range lanes {
		s := store.Settlement{Lane: l, Holder: "test", Release: true, MaxDead: 10, MaxCall: 10}
		if l.Log == p.Environment {
			s.Lane.Seq = 2
			s.Calls = []store.Call{call("c1", "ContentManagement.Entry.publish", 200), call("c2", "ContentManagement.Entry.save", 404, "ClientError", "The receiver answered 404 Not Found.")}
			for seq := range int64(2) {
				s.Parked = append(s.Parked, store.Parked{Lane: l.LaneID, Seq: seq + 1, Kind: cms.KindLocale, ID: fmt.Sprint("l", seq), Attempts: 3, Since: sc.now, Reason: "The receiver answered 404 Not Found."})
			}
		}
		_, err := sc.s.Store.Settle(ctx, s)
		fail(err)
	}
	return p.Environment
}

func TestWebhookCalls(t *testing.T) {
	onBoth(t, func(sc *script) {
		const to = `"space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},"createdBy":{"sys":{"type":"Link","linkType":"WebhookDefinition","id":"{id}"}}`
		call := func(id, kind, event string, status int, errors, more string) string {
			return fmt.Sprintf(`{"sys":{"id":%q,"type":%q,`+to+`,"createdAt":"{at}"},%s"statusCode":%d,"errors":[%s],"eventType":%q,"url":"https://example.org/","requestAt":"{at}","responseAt":"2026-05-01T10:00:00.163Z",
				"topic":"ContentManagement.Entry.%s","idempotencyKey":"key-%s","attempt":1,"event":"{log}-2"}`, id, kind, more, status, errors, event, event, id)
		}
		dead := func(seq int) string {
			return fmt.Sprintf(`{"sys":{"type":"WebhookDeadLetter","id":"{log}-%d","environment":{"sys":{"type":"Link","linkType":"Environment","id":"master"}}},
				"entity":{"sys":{"type":"Link","linkType":"Locale","id":"l%d"}},"attempts":3,"firstAttemptAt":"{at}","reason":"The receiver answered 404 Not Found."}`, seq, seq-1)
		}
		sc.play(
			step{name: "another change", call: "POST /spaces/{s}/environments/master/locales", body: `{"name":"German","code":"de","fallbackCode":null}`, status: 201, find: map[string]string{"l": "sys.id"}},
			step{name: "a webhook", call: "POST /spaces/{s}/webhook_definitions", body: `{"name":"Build","url":"https://example.org/","topics":["*.*"]}`, status: 201, find: map[string]string{"id": "sys.id"}},
			step{name: "no calls", call: "GET /spaces/{s}/webhooks/{id}/calls", want: list(0, 0, 20)},
			step{name: "nothing given up", call: "GET /spaces/{s}/_typecase/webhooks/{id}/dead_letters", want: list(0, 0, 100)},
		)
		sc.names["at"] = sc.names["ms"]
		sc.names["log"] = fmt.Sprint(happened(sc, sc.names["id"]))
		second := call("c2", "WebhookCallOverview", "save", 404, `"ClientError","The receiver answered 404 Not Found."`, "")
		first := call("c1", "WebhookCallOverview", "publish", 200, "", "")
		sc.play(
			step{name: "calls", call: "GET /spaces/{s}/webhooks/{id}/calls", want: list(2, 0, 20, second, first)},
			step{name: "a page", call: "GET /spaces/{s}/webhooks/{id}/calls?skip=1&limit=1", want: list(2, 1, 1, first)},
			step{name: "all that are kept", call: "GET /spaces/{s}/webhooks/{id}/calls?skip=2&limit=1000", want: list(2, 2, 500)},
			step{name: "not a number", call: "GET /spaces/{s}/webhooks/{id}/calls?limit=x", status: 400, want: failure("InvalidQuery", `The value provided for "limit" is invalid. Please provide a valid number value`,
				`{"errors":[{"name":"value","path":["limit"],"value":"x","details":"The value provided for \"limit\" is invalid. Please provide a valid number value"}]}`)},
			step{name: "one", call: "GET /spaces/{s}/webhooks/{id}/calls/c1", want: call("c1", "WebhookCallDetails", "publish", 200, "",
				`"request":{"url":"https://example.org/","method":"POST","headers":{"x-a":"1"},"body":"{}","timeout":30},"response":{"url":"https://example.org/","statusCode":200,"headers":{"x-b":"2"},"body":"ok"},`)},
			step{name: "no such call", call: "GET /spaces/{s}/webhooks/{id}/calls/none", status: 404, want: failure("NotFound", notFound, `{"type":"WebhookCall","id":"none","space":"{s}"}`)},
			step{name: "calls of no webhook", call: "GET /spaces/{s}/webhooks/none/calls", status: 404, want: failure("NotFound", notFound, "")},
			step{name: "one of no webhook", call: "GET /spaces/{s}/webhooks/none/calls/c1", status: 404, want: failure("NotFound", notFound, "")},
			step{name: "health", call: "GET /spaces/{s}/webhooks/{id}/health", want: `{"sys":{"id":"{id}","type":"Webhook",` + to + `},"calls":{"total":2,"healthy":1}}`},
			step{name: "health of no webhook", call: "GET /spaces/{s}/webhooks/none/health", status: 404, want: failure("NotFound", notFound, "")},

			step{name: "dead letters", call: "GET /spaces/{s}/_typecase/webhooks/{id}/dead_letters", want: list(2, 0, 100, dead(1), dead(2))},
			step{name: "a page of them", call: "GET /spaces/{s}/_typecase/webhooks/{id}/dead_letters?skip=1&limit=5", want: list(2, 1, 5, dead(2))},
			step{name: "a page of what", call: "GET /spaces/{s}/_typecase/webhooks/{id}/dead_letters?skip=-1", status: 400, want: failure("InvalidQuery", `The value provided for "skip" is invalid. Please provide a value larger than or equal to 0`,
				`{"errors":[{"name":"value","path":["skip"],"value":"-1","details":"The value provided for \"skip\" is invalid. Please provide a value larger than or equal to 0"}]}`)},
			step{name: "dead letters of no webhook", call: "GET /spaces/{s}/_typecase/webhooks/none/dead_letters", status: 404, want: failure("NotFound", notFound, "")},
		)
		replay := func(name, body string, status int, want string) step {
			return step{name: name, call: "POST /spaces/{s}/_typecase/webhooks/{id}/replays", body: body, status: status, want: want}
		}
		accepted := func(events, logs int) string {
			return fmt.Sprintf(`{"sys":{"type":"WebhookReplay","createdAt":"{ms}"},"events":%d,"logs":%d}`, events, logs)
		}
		const which = `{"name":"required","path":[],"details":"Say what to replay: one of {\"event\": id}, {\"deadLetters\": true} and {\"since\": time}."}`
		sc.play(
			replay("nothing", `{}`, 422, invalid(which)),
			replay("too much", `{"event":"1-1","deadLetters":true}`, 422, invalid(which)),
			replay("an unknown key", `{"evnt":"1-1"}`, 400, failure("UnknownKey", "The body you sent contains an unknown key.", `{"keys":["evnt"],"errors":[{"name":"unknown","path":["evnt"],"value":"1-1","suggestions":["event"],"details":"The property \"evnt\" is not allowed here."}]}`)),
			replay("no text", `{"event":7}`, 422, invalid(`{"name":"type","path":["event"],"type":"String","value":7,"details":"The type of \"event\" is incorrect, expected type: String"}`)),
			replay("no flag", `{"deadLetters":"all"}`, 422, invalid(`{"name":"type","path":["deadLetters"],"type":"Boolean","value":"all","details":"The type of \"deadLetters\" is incorrect, expected type: Boolean"}`)),
			replay("none of them", `{"deadLetters":false}`, 422, invalid(`{"name":"in","path":["deadLetters"],"value":false,"expected":[true],"details":"Value must be one of expected values"}`)),
			replay("no time", `{"since":"yesterday"}`, 422, invalid(`{"name":"dateFormat","path":["since"],"value":"yesterday","details":"The time must be one such as 2026-01-31T12:00:00Z."}`)),
			replay("an environment without a time", `{"deadLetters":true,"environment":"master"}`, 422, invalid(`{"name":"unknown","path":["environment"],"value":"master","details":"The property \"environment\" is not allowed here. Use \"event\" or \"deadLetters\"."}`)),
			replay("no such environment", `{"since":"2026-05-01T00:00:00Z","environment":"none"}`, 404, failure("NotFound", notFound, `{"type":"Environment","id":"none","space":"{s}"}`)),
			replay("no event", `{"event":"here"}`, 404, failure("NotFound", notFound, `{"type":"WebhookEvent","id":"here","space":"{s}"}`)),
			replay("an event to come", `{"event":"{log}-99"}`, 404, failure("NotFound", notFound, `{"type":"WebhookEvent","id":"{log}-99","space":"{s}"}`)),
			replay("one event", `{"event":"{log}-2"}`, 202, accepted(1, 0)),
			step{name: "it is not given up any more", call: "GET /spaces/{s}/_typecase/webhooks/{id}/dead_letters", want: list(1, 0, 100, dead(1))},
			replay("all that were given up", `{"deadLetters":true}`, 202, accepted(1, 0)),
			step{name: "nothing is given up any more", call: "GET /spaces/{s}/_typecase/webhooks/{id}/dead_letters", want: list(0, 0, 100)},
			replay("all since a time", `{"since":"2026-05-01T00:00:00Z"}`, 202, accepted(0, 2)),
			replay("all in an environment", `{"since":"2026-05-01T00:00:00Z","environment":"master"}`, 202, accepted(0, 1)),
			step{name: "of no webhook", call: "POST /spaces/{s}/_typecase/webhooks/none/replays", body: `{"deadLetters":true}`, status: 404, want: failure("NotFound", notFound, "")},
			step{name: "delete", call: "DELETE /spaces/{s}/webhook_definitions/{id}", status: 204},
			step{name: "its calls are gone", call: "GET /spaces/{s}/webhooks/{id}/calls", status: 404, want: failure("NotFound", notFound, "")},
		)
	})
}

func TestWebhookSettings(t *testing.T) {
	onBoth(t, func(sc *script) {
		setting := func(kind, rest, updated string) string {
			return `{` + rest + `,"sys":{"id":"default","type":"` + kind + `","space":{"sys":{"type":"Link","linkType":"Space","id":"{s}"}},"createdAt":"{made}","updatedAt":"` + updated + `",
				"createdBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}},"updatedBy":{"sys":{"type":"Link","linkType":"User","id":"{user}"}}}}`
		}
		const signing, policy = "/spaces/{s}/webhook_settings/signing_secret", "/spaces/{s}/webhook_settings/retry_policy"
		const secret = "0123456789abcdefABCDEF+/=_-xyz0123456789abcdefABCDEF+/=_-xyzabcd"
		noSecret := failure("NotFound", "WebhookSigningSecret does not exist.", `{"type":"WebhookSigningSecret","space":"{s}"}`)
		noPolicy := failure("NotFound", "WebhookRetryPolicy does not exist.", `{"type":"WebhookRetryPolicy","space":"{s}"}`)
		sc.play(
			step{name: "no secret", call: "GET " + signing, status: 404, want: noSecret},
			step{name: "nothing to delete", call: "DELETE " + signing, status: 404, want: noSecret},
			step{name: "no value", call: "PUT " + signing, body: `{}`, status: 422, want: invalid(`{"name":"required","path":["value"],"details":"The property \"value\" is required here"}`)},
			step{name: "no text", call: "PUT " + signing, body: `{"value":7}`, status: 422, want: invalid(`{"name":"type","path":["value"],"type":"String","details":"The type of \"value\" is incorrect, expected type: String"}`)},
			step{name: "too short", call: "PUT " + signing, body: `{"value":"abc"}`, status: 422,
				want: invalid(`{"name":"regexp","path":["value"],"pattern":"^[0-9a-zA-Z+/=_-]{64}$","details":"The secret must have 64 characters out of 0-9, a-z, A-Z and +/=_-."}`)},
			step{name: "set", call: "PUT " + signing, body: `{"value":"` + secret + `"}`, status: 201, want: setting("WebhookSigningSecret", `"redactedValue":"abcd"`, "{now}")},
		)
		sc.tick(time.Minute)
		sc.play(
			step{name: "changed, whatever version is named", call: "PUT " + signing, header: version(7), body: `{"value":"` + secret[4:] + `wxyz"}`, want: setting("WebhookSigningSecret", `"redactedValue":"wxyz"`, "{now}")},
			step{name: "read", call: "GET " + signing, want: setting("WebhookSigningSecret", `"redactedValue":"wxyz"`, "{now}")},
			step{name: "delete", call: "DELETE " + signing, status: 204},
			step{name: "gone", call: "GET " + signing, status: 404, want: noSecret},
		)
		sc.names["made"] = sc.names["now"]
		outside := func(value string) string {
			return invalid(`{"name":"range","path":["maxRetries"],"value":` + value + `,"min":1,"max":99,"details":"The value must be a whole number from 1 to 99."}`)
		}
		sc.play(
			step{name: "no policy", call: "GET " + policy, status: 404, want: noPolicy},
			step{name: "no policy to delete", call: "DELETE " + policy, status: 404, want: noPolicy},
			step{name: "no number", call: "PUT " + policy, body: `{}`, status: 422, want: invalid(`{"name":"required","path":["maxRetries"],"details":"The property \"maxRetries\" is required here"}`)},
			step{name: "a text", call: "PUT " + policy, body: `{"maxRetries":"5"}`, status: 422, want: outside(`"5"`)},
			step{name: "too few", call: "PUT " + policy, body: `{"maxRetries":0}`, status: 422, want: outside("0")},
			step{name: "too many", call: "PUT " + policy, body: `{"maxRetries":100}`, status: 422, want: outside("100")},
			step{name: "set the policy", call: "PUT " + policy, body: `{"maxRetries":5}`, status: 201, want: setting("WebhookRetryPolicy", `"maxRetries":5`, "{now}")},
			step{name: "change it", call: "PUT " + policy, body: `{"maxRetries":7}`, want: setting("WebhookRetryPolicy", `"maxRetries":7`, "{now}")},
			step{name: "read the policy", call: "GET " + policy, want: setting("WebhookRetryPolicy", `"maxRetries":7`, "{now}")},
			step{name: "delete the policy", call: "DELETE " + policy, status: 204},
			step{name: "the policy is gone", call: "GET " + policy, status: 404, want: noPolicy},
		)
	})
}
