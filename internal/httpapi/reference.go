package httpapi

import (
	"bytes"
	"fmt"

	"github.com/typecase/typecase/internal/fault"
)

const errorsPreface = `# Errors

<!-- Generated from internal/httpapi/errorpage; go test ./internal/httpapi/errorpage -update writes it. -->

Every failure of every API is one JSON object, whatever its status:

` + "```json" + `
{
  "sys": {"type": "Error", "id": "NotFoundError"},
  "message": "The resource could not be found.",
  "details": {"type": "Entry", "id": "kitchen-lamp", "environment": "master", "space": "x7v1qk2m9p0a"},
  "requestId": "0b1f7a52-9f1e-4a0b-8c0e-4b0d6f6f1f10",
  "documentationUrl": "http://127.0.0.1:8080/errors/NotFound"
}
` + "```" + `

- ` + "`sys.id`" + ` says precisely what went wrong, in one of two vocabularies. Plain HTTP clients get the documented ids. A request
  with the header X-Contentful-User-Agent, even an empty one, or with a User-Agent that begins with contentful-management-go/,
  gets the short ids that the official clients branch on. The setting ` + "`errors.ids`" + ` (auto, documented, short) overrides the choice.
- ` + "`message`" + ` is never empty. Below is the text for when there is nothing more precise to say.
- ` + "`details`" + ` is absent when there is nothing to add.
- ` + "`details.errors`" + ` lists problems. Each says where it is: ` + "`path`" + `, and for machines ` + "`pointer`" + ` (a JSON pointer into the body of the request) or
  ` + "`parameter`" + ` (of the query). ` + "`details.truncated`" + ` says that only the first hundred problems of a body are listed.
- ` + "`suggestions`" + ` are names that were probably meant, nearest first: in an element of ` + "`details.errors`" + `, or beside the message.
- ` + "`current`" + `, ` + "`sent`" + ` and ` + "`changed`" + ` explain a version mismatch: what the resource is now, the version of the request, and the ids of the
  fields that differ between the two. ` + "`fields`" + ` are the fields a message is about, ` + "`hint`" + ` is advice.
- ` + "`reason`" + ` is there for plain clients only, where the documented id is the nearest one and not the precise one.
- ` + "`requestId`" + ` equals the header X-Contentful-Request-Id and finds the request in the server's log, and in its
  [journal](routes.md#the-journal-of-requests) if it keeps one.
- ` + "`documentationUrl`" + ` is a page of the same server about this error: its causes, how to fix it, an example. The same, as JSON for all
  errors, is at ` + "`/errors`" + `, and on the terminal in ` + "`typecase explain`" + `. Neither needs a token.

When several things are wrong, the first of these is reported: the length of the URI (414), the rate limit of the token (429), the access token
(401), space and environment (404), the rate limit of the space (429), a sleeping space (502), path and method (404), size (413),
media type (415) and syntax (400) of the body, and then what the endpoint itself looks at. Errors with Retry-After tell in whole seconds when to try again; a 429 says the same
in X-Contentful-RateLimit-Reset. A network address from which too many unknown access tokens come is answered 429 in place of 401 for a while,
whatever the rate limits; tokens that have been good before are not affected.
`

var shapeNames = map[shape]string{
	noDetails: "none", errorsIfAny: "`errors`, if any", errorsAlways: "`errors`", target: "`type`, `id`, `environment`, `space`",
	reasons: "`reasons`", keyList: "`errors`, `keys`", oneKey: "`errors`, `key`",
}

// ErrorsReference is the first part of docs/reference/errors.md: the wire table.
// Package errorpage adds the explanations.
func ErrorsReference() []byte {
	var b bytes.Buffer
	b.WriteString(errorsPreface)
	table := func(title string, beyond bool) {
		fmt.Fprintf(&b, "\n## %s\n\n| status | id | short id | details | when | message |\n|---|---|---|---|---|---|\n", title)
		for k := range fault.NumKinds {
			w := wire[k]
			if w.beyond != beyond {
				continue
			}
			short := "`" + w.short + "`"
			if w.shortStatus != 0 {
				short += fmt.Sprintf(" with status %d", w.shortStatus)
			}
			fmt.Fprintf(&b, "| %d | `%s` | %s | %s | %s | %s |\n", w.status, w.id, short, shapeNames[w.details], w.when, w.message)
		}
	}
	table("The documented errors", false)
	table("Errors with a reason", true)
	return b.Bytes()
}

const testModeReference = `
## Test mode

With the setting test-mode, and never without it, clients can see how they cope with errors. A request that would be served
and has the header ` + "`" + SimulateHeader + "`" + ` fails instead, and nothing is changed. The answer is that of the real error:

| header | |
|---|---|
| ` + "`RateLimitExceededError; reset=2`" + ` | an error by any id or name of the [errors](errors.md); reset is the Retry-After, in seconds |
| ` + "`502`" + ` | an error by its status; of several, the documented one |
| ` + "`timeout=3s`" + ` | the answer takes so long, and then is a Timeout |
| ` + "`RateLimitExceededError; every=5`" + ` | only each fifth request with the same token and the same header fails |

Anything else is answered 400. The line about the request in the log says that its error was simulated. Browsers may send the header.

The dial does the same to the requests of everybody that do not have the header, on this server. It answers a management token,
and one that may write to turn it:

| method | path | body | |
|---|---|---|---|
| GET | ` + "`" + SimulatePath + "`" + ` |  | what it is turned to, and how many requests have failed |
| PUT | ` + "`" + SimulatePath + "`" + ` | ` + "`" + `{"simulate": "429; every=2", "path": "/spaces/", "count": 10}` + "`" + `, as application/json | turns it: ` + "`simulate`" + ` has the words of the header; ` + "`path`" + `, if given, is how the paths that fail begin; ` + "`count`" + `, if given, is how many requests fail |
| DELETE | ` + "`" + SimulatePath + "`" + ` |  | turns it off |

The dial itself always answers. A server without test mode answers 404 UnknownRoute here.
`

const trialReference = `
## Try before you write

A write that can be tried takes the header ` + "`" + ValidateOnlyHeader + ": true`" + `. It is then checked like every other, in the same order, and
answered the same, with what the resource would be, but nothing is kept: no version, no unique value, no job; files are not fetched.
What gets its id from the server gets another one when it is written. A write that cannot be tried answers such a request 400 BadRequest and changes
nothing, and so does every write when the header is neither ` + "`true` nor `false`" + `. Reading ignores the header.

What keeps an environment from being published is listed at once by ` + "`/_typecase/publish_blockers`" + `, for drafts and for what was changed since
it was published. Each item has ` + "`entity`" + `, a link with the version that was looked at, ` + "`contentType`" + ` for entries, and ` + "`error`" + `, which is what
publishing that entity answers, without ` + "`requestId` and `documentationUrl`" + `.

| parameter | |
|---|---|
| ` + "`entry`, `asset`" + ` | only the one with this id, whatever its state |
| ` + "`content_type`" + ` | only entries of this content type |
| ` + "`published=true`" + ` | also what is published and unchanged: the content model may have become stricter since |
| ` + "`limit`" + ` | items on a page, 1 to 1000, 100 without it |
| ` + "`pageNext`" + ` | the token in ` + "`pages.next`" + `, which is the URL of the next page |

A page ends early when it takes long or grows large, so only a page without ` + "`pages.next`" + ` is the last one.
`

const cachingReference = `
## Shared caches

With the setting cache.shared a CDN or a proxy may keep answers of the delivery API for that long: they say ` + "`s-maxage`" + `, while browsers still
ask each time. Errors, the space, sync, the preview and the management API stay out of shared caches, and so do entries of other spaces. A cache that heeds
` + "`Vary: Authorization`" + ` keeps an answer for each access token; one that does not must have the header in its cache key, or whoever knows a URL
gets its answer without a token. A token that is deleted is good for what is kept until that runs out.

` + "`Surrogate-Key`" + ` (separated by spaces) and ` + "`Cache-Tag`" + ` (by commas) name what an answer depends on. n is a number that an environment has in
common with its aliases.

| key | changes with | is on |
|---|---|---|
| ` + "`env/:space/:environment`" + ` | what the name stands for | every answer |
| ` + "`n/model`" + ` | a locale, a content type or a tag | every answer |
| ` + "`n/entry/:id`, `n/asset/:id`" + ` | that entry or asset, also when it appears | the one that was asked for, or that the items of a list link to |
| ` + "`n/type/:id`" + ` | any entry of the content type | lists of entries with content_type, and searches on references to it |
| ` + "`n/entries`, `n/assets`" + ` | any entry, any asset | lists over them |
| ` + "`taxonomy/o`" + ` | a concept or concept scheme of the organization o | concepts and schemes, and lists of what is below a concept |

A list has the key of all it looks at in place of the ids of its items. More than 1536 bytes of keys are too many for some servers: then
` + "`n/entries` and `n/assets`" + ` take the place of the ids of what the items link to.

` + "`/_typecase/purges`" + ` of an environment answers, to a delivery key, what to purge: ` + "`keys`" + `, and ` + "`next`" + `, which is the parameter ` + "`since`" + ` of the next
request. Without ` + "`since`" + ` there are no keys, only where to begin. While ` + "`more`" + ` is true, go on at once; a page looks at a thousand changes. When the name
has come to stand for another environment the key is ` + "`env/…`" + `, so that all is purged; ask by each name that clients use. An answer that was on its way
while it was purged may be kept as it was: purge the same keys once more some seconds later, or let cache.shared bound how long that lasts.
`

const journalReference = `
## The journal of requests

With the setting journal.requests a server remembers its latest requests, in memory, and answers them at ` + "`/_typecase/requests`" + `,
newest first, and one by the requestId of its answer at ` + "`/_typecase/requests/:id`" + `. Without the setting both answer 400 BadRequest.
They take a management token of the owner that may write. A list is narrowed by these parameters:

| parameter | |
|---|---|
| ` + "`status`" + ` | a status such as 404, or a class such as 4xx |
| ` + "`since`, `until`" + ` | a time such as 2026-05-01T10:00:00Z, or a duration back from now such as 10m; the same until keeps pages stable while requests come in |
| ` + "`method`" + ` | GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, or other |
| ` + "`route`" + ` | a part of the route, as in the tables above |
| ` + "`fault`" + ` | the id of an [error](errors.md) |
| ` + "`space`" + ` | the id of a space |
| ` + "`skip`, `limit`" + ` | the page; limit is 100 without, at most 1000 |

A request has method, path, query, route, api, space, environment, tokenId and userId, status, fault, message, tookMs, the sizes of both
bodies and, one by its id, ` + "`body` and `answer`" + ` if it failed. A body keeps its structure, of content the types and lengths
only, as ` + "`(string:12)`" + `, unless the setting journal.values allows its values; the same holds for queries. The ids of links stay. Tokens and
passwords are ` + "`(secret)`" + ` always, ` + "`(more)`" + ` says that something was too large, and files are never kept.
Clients may choose ids: of several requests with the same id the latest is answered.
`

const streamReference = `
## Changes as they happen

` + "`GET /spaces/:space/environments/:environment/changes`" + ` of the delivery and the preview API is a stream of server-sent events. The data of each is an
item as a sync has it: a whole entry or asset with all locales, a DeletedEntry or a DeletedAsset. An entity comes in its newest state; of several
that changed together, or while a client was slow or away, the last one comes first. The parameters ` + "`type`" + ` and ` + "`content_type`" + ` are those of a sync.

The id of an event is a sync token. A stream begins behind the token in the header ` + "`Last-Event-ID`" + `, which browsers send when they come back,
or else in the parameter ` + "`sync_token`" + `, or else now. So the state comes by a sync and what happens since by a stream, from the token of its
nextSyncUrl; and a sync may go on where a stream was. Some events have an id only, so that clients know where they are: browsers keep it and say nothing.
The token for access may be the parameter ` + "`access_token`" + `, since browsers send no headers of their own.

A silent stream sends a comment every 15 seconds. It ends when the server stops, when the client does not take for 30 seconds what is sent, and
with an event ` + "`error`" + `, whose data is the [error](errors.md), when something fails: the key was deleted, the environment is gone, the space
sleeps. A browser comes back after each end, and gives up when it is answered with an error. An open stream is use of its space, looked at every
15 seconds. A server keeps 8192 streams open, 2048 of them for one key; more are answered 429.
`

const routesPreface = `# Routes

<!-- Generated from the route lists; go test ./internal/docgen -update writes it. -->

What each API answers. A GET route answers HEAD too, and every path answers OPTIONS. Paths below
` + "`/spaces/:space/environments/:environment`" + ` work without ` + "`/environments/:environment`" + ` as well and then mean the environment master.
A trailing slash makes no difference. Routes of the original that are not built yet answer 404 UnknownRoute.
`

var bodyNames = map[BodyKind]string{NoBody: "", JSONBody: "JSON", PatchBody: "JSON Patch", RawBody: "any"}

// RoutesReference is docs/reference/routes.md: what the APIs answer.
func RoutesReference(apis []API) []byte {
	var b bytes.Buffer
	b.WriteString(routesPreface)
	for _, api := range apis {
		built := 0
		for _, r := range api.Routes {
			if r.Handle != nil {
				built++
			}
		}
		fmt.Fprintf(&b, "\n## %s\n\nAnswers a %s token with `%s`. %d of %d routes are built.\n\n", api.Name, api.Token, api.ContentType, built, len(api.Routes))
		b.WriteString("| method | path | body | |\n|---|---|---|---|\n")
		for _, r := range api.Routes {
			state := ""
			switch {
			case r.Handle == nil:
				state = "not built yet"
			case r.Try != nil:
				state = "can be tried"
			}
			fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", r.Method, label(r.paths()[0]), bodyNames[r.Body], state)
		}
	}
	b.WriteString(streamReference)
	b.WriteString(cachingReference)
	b.WriteString(filesReference)
	b.WriteString(trialReference)
	b.WriteString(historyReference)
	b.WriteString(journalReference)
	b.WriteString(testModeReference)
	return b.Bytes()
}
