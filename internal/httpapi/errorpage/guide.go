package errorpage

import (
	"time"

	"github.com/typecase/typecase/internal/cms"
	"github.com/typecase/typecase/internal/fault"
)

// guide is what people are told about a kind of fault.
type guide struct {
	meaning string
	causes  []string
	fixes   []string
	example example
}

// guides has a line for every kind of fault; a test sees to it.
var guides = [fault.NumKinds]guide{
	fault.BadRequest: {
		meaning: "The server understood where the request goes but cannot do what it asks: it is malformed, lacks a parameter, or the resource is in a state that forbids it.",
		causes: []string{
			"The body is not valid JSON; the message begins with “Invalid JSON in request body” and says at which byte.",
			"A published or archived resource was to be deleted, archived or changed: “Cannot delete published”, “Not published”, “Not archived”.",
			"A published field was removed from a content type: “You need to omit a field before deleting it”.",
			"A query about fields does not say which content type it means.",
			"The content type that a new entry names is not there, or not activated.",
			"The locale of a query is not there, or is not delivered.",
		},
		fixes: []string{
			"Read the message: it names what is missing or in the way; hint and suggestions say more.",
			"Unpublish before you delete or archive: DELETE …/entries/{id}/published. Content types and assets likewise.",
			"Omit a field and publish the content type before you remove the field, and publish it again.",
			"Add content_type to a query that has a parameter beginning with fields, or orders by one. /content_types lists the ids.",
			"Activate a content type after each change: PUT …/content_types/{id}/published with its version in X-Contentful-Version.",
			"Take a locale that /locales lists, or locale=* for all.",
		},
		example: example{method: "DELETE", path: inMaster + "/entries/mixing-black", err: &fault.Error{Kind: fault.BadRequest, Message: "Cannot delete published", Hint: "Unpublish it first: DELETE …/entries/mixing-black/published."}},
	},
	fault.UnknownKey: {
		meaning: "The body has a key that this resource does not have. Nothing was changed.",
		causes:  []string{"A key is misspelt.", "A key of another resource was sent, or one that only answers have."},
		fixes:   []string{"Remove or correct the keys that details.errors points to. In details.keys they are written in snake_case, even where the body had camelCase."},
		example: example{method: "POST", path: inMaster + "/locales", body: `{"name":"French","code":"fr-FR","textColour":"red"}`,
			err: &fault.Error{Kind: fault.UnknownKey, Details: &fault.Details{Keys: []string{"text_colour"}, Errors: []fault.Detail{
				{Name: "unknown", Path: []any{"textColour"}, Value: fault.Raw("red"), Details: `The property "textColour" is not allowed here. Use "name", "code", "fallbackCode", "default", "contentManagementApi", "contentDeliveryApi" or "optional".`}}}}},
	},
	fault.MissingKey: {
		meaning: "The body lacks what it has to hold.",
		causes:  []string{"The body is empty, or an empty object.", "A client sent the body with a wrong length, so that it arrived empty."},
		fixes:   []string{"Send the resource in the body; details.key says what is missing."},
		example: example{method: "POST", path: inMaster + "/locales", body: `{}`,
			err: &fault.Error{Kind: fault.MissingKey, Details: &fault.Details{Key: "resource"}}},
	},
	fault.UnsupportedMediaType: {
		meaning: "The header Content-Type names a kind of body that this endpoint does not take.",
		causes: []string{
			"The client sends a default such as application/x-www-form-urlencoded: curl does with -d.",
			"A JSON Patch was sent as plain JSON, or the other way round.",
		},
		fixes: []string{
			"Send Content-Type: application/vnd.contentful.management.v1+json or application/json.",
			"For PATCH send application/json-patch+json.",
		},
		example: example{method: "POST", path: inMaster + "/entries", header: []string{"Content-Type: text/plain"}, body: `{}`,
			err: fault.New(fault.UnsupportedMediaType, "The content type of the request body must be application/vnd.contentful.management.v1+json or application/json.")},
	},
	fault.BodyTooLarge: {
		meaning: "The body is larger than this server takes.",
		causes:  []string{"An entry holds a file or a very long text.", "A file was sent to an endpoint for JSON instead of to /uploads."},
		fixes:   []string{"Split the text over several entries.", "Upload files through /uploads, and link them from an asset.", "Who runs the server can raise the setting limits.body."},
		example: example{method: "PUT", path: inMaster + "/entries/encyclopedia", header: []string{versionHeader(1)}, body: "@encyclopedia.json",
			given: "The file has more than 8 MiB.", err: fault.New(fault.BodyTooLarge, "The request body is larger than 8388608 bytes.")},
	},
	fault.URITooLong: {
		meaning: "Path and query together are longer than this server reads.",
		causes:  []string{"A query lists very many ids, as sys.id[in] with hundreds of them does."},
		fixes:   []string{"Ask several times, each time with a part of the list."},
		example: example{method: "GET", path: inMaster + "/entries?sys.id[in]=ada-mendez,jonas-hartwig,…", token: delivery,
			given: "The list goes on for thousands of characters.", err: fault.New(fault.URITooLong, "The URI of the request is longer than 7600 characters.")},
	},
	fault.InvalidQuery: {
		meaning: "A parameter of the query is unknown, or cannot be used like this.",
		causes: []string{
			"A parameter is misspelt, such as contentType for content_type.",
			"The operator does not suit the type of the field, or the value is of another type: a text where a date is compared.",
			"content_type names a content type that is not there or not published.",
			"limit, skip or include is not a whole number in its range.",
		},
		fixes: []string{
			"Look at details.errors: path names the parameter, details says what is wrong with it.",
			"Write a condition as fields.{id}[operator]=value, and what sorts descending as order=-fields.{id}.",
			"/content_types lists the ids of content types, fields and links; without an entry there, a content type has to be made or published.",
			"For more than 1000 results ask several times: skip says how many to leave out.",
		},
		example: example{method: "GET", path: inMaster + "/entries?contentType=article", token: delivery,
			err: fault.Invalid(fault.InvalidQuery, fault.Detail{Name: "unknown", Path: []any{"contentType"},
				Details: `The path "contentType" is not recognized`, Suggestions: []string{"content_type"}})},
	},
	fault.UnknownQueryField: {
		meaning: "The query names a field that the content type does not have.",
		causes:  []string{"The id of the field is misspelt, or its name was used for its id.", "The field was renamed or removed.", "The content type was not published after the field was added."},
		fixes:   []string{"Compare path in details.errors with the ids of the fields at /content_types/{id}.", "Publish the content type."},
		example: example{method: "GET", path: inMaster + "/entries?content_type=article&fields.colour=red", token: delivery,
			err: fault.Invalid(fault.UnknownQueryField, fault.Detail{Name: "unknown", Path: []any{"fields", "colour"}, Details: `No field with id "colour" found.`})},
	},
	fault.AccessTokenInvalid: {
		meaning: "The server does not accept the access token, or there was none.",
		causes: []string{
			"The token is missing, mistyped, revoked or expired.",
			"The token is for another API: a delivery key reads published content only, a preview key drafts only, and neither can manage.",
			"The token is from another server.",
			"The token was sent with quotes or brackets around it, the word Bearer is missing or there twice, or a variable of the shell was empty; then hint says so.",
		},
		fixes: []string{
			"Send Authorization: Bearer followed by the token; the delivery APIs also take the parameter access_token.",
			"Take a management token to write, a delivery key for cdn hosts, a preview key for preview hosts. typecase demo prints all three.",
			"Make a new one: typecase token create, or typecase space key create.",
		},
		example: example{method: "GET", path: inMaster + "/entries", token: "wrong", err: fault.New(fault.AccessTokenInvalid, "")},
	},
	fault.AccessDenied: {
		meaning: "The token is valid and sees the resource, but may not do this to it.",
		causes:  []string{"The token may only read: it was made with the scope content_management_read.", "The user's role lacks the permission.", "The entry is at a step of a workflow whose rules forbid it."},
		fixes:   []string{"Read details.reasons.", "Use a token with the scope content_management_manage.", "Ask an administrator of the space for the role."},
		example: example{method: "DELETE", path: inMaster + "/entries/mixing-black", given: "The token may only read.",
			err: &fault.Error{Kind: fault.AccessDenied, Details: &fault.Details{Reasons: "The access token has the scope content_management_read only. To delete an Entry (DELETE /spaces/{space}/environments/{environment}/entries/{id}) it needs content_management_manage."}}},
	},
	fault.Forbidden: {
		meaning: "This action is not open to you, or a limit is reached.",
		causes:  []string{"The user is not an owner of the organization.", "The space has as many resources of this type as it may have."},
		fixes:   []string{"Ask an owner of the organization.", "Delete what is not needed any more, or raise the limit."},
		example: example{method: "POST", path: "/spaces", body: `{"name":"Second space"}`, given: "The user may not create spaces.",
			err: fault.New(fault.Forbidden, "")},
	},
	fault.DefaultLocaleNotDeletable: {
		meaning: "The default locale of an environment cannot be deleted.",
		causes:  []string{"The locale that was to be deleted is the default one."},
		fixes:   []string{"Delete another locale. The default locale can change its code and name."},
		example: example{method: "DELETE", path: inMaster + "/locales/{id of en-US}", header: []string{versionHeader(1)},
			given: "The path has the sys.id of the default locale, which /locales lists.", err: fault.New(fault.DefaultLocaleNotDeletable, "")},
	},
	fault.FallbackLocaleNotDeletable: {
		meaning: "Other locales fall back to this one, so it cannot be deleted.",
		causes:  []string{"The fallbackCode of another locale is the code of this one."},
		fixes:   []string{"Give those locales another fallbackCode, or null, and delete this one then."},
		example: example{method: "DELETE", path: inMaster + "/locales/{id of de-DE}", header: []string{versionHeader(1)},
			given: "There is a locale de-AT that falls back to de-DE.", err: fault.New(fault.FallbackLocaleNotDeletable, "")},
	},
	fault.FallbackLocaleNotRenameable: {
		meaning: "Other locales fall back to this one, so its code cannot change.",
		causes:  []string{"The fallbackCode of another locale is the code of this one."},
		fixes:   []string{"Give those locales another fallbackCode, or null, change the code, and set the fallback again."},
		example: example{method: "PUT", path: inMaster + "/locales/{id of de-DE}", header: []string{versionHeader(1)},
			body: `{"name":"German","code":"de"}`, given: "There is a locale de-AT that falls back to de-DE.", err: fault.New(fault.FallbackLocaleNotRenameable, "")},
	},
	fault.NotFound: {
		meaning: "There is no such resource, or none that this token may see. A delivery key does not see drafts.",
		causes: []string{
			"The id is wrong, or the resource was deleted.",
			"The path names another space or environment than you think; without /environments/… it is master.",
			"The entry is not published, and the request went to the delivery API.",
			"The token belongs to another space, or is not allowed in this environment.",
		},
		fixes: []string{
			"Look at details: type says whether the space, the environment or the resource itself was not found.",
			"Publish the entry, or ask the preview API with a preview key.",
			"List what there is: the same path without the id.",
			"To let a key into another environment or alias, put a link to it into the environments of the key: PUT /spaces/{space}/api_keys/{id}.",
			"For a locale take its sys.id, which /locales lists, and not its code.",
		},
		example: example{method: "GET", path: inMaster + "/entries/kitchen-lamp", token: delivery, err: fault.Missing("Entry", "kitchen-lamp", "master", demoSpace)},
	},
	fault.UnknownRoute: {
		meaning: "No endpoint has this path, or it does not take this method.",
		causes:  []string{"A part of the path is misspelt or missing, such as /entry for /entries.", "The method is wrong: PUT and POST were mixed up.", "The original has this endpoint, and Typecase does not have it yet."},
		fixes: []string{
			"Look at suggestions for the path that was probably meant, and at hint for the methods that it takes.",
			"PUT makes a resource with an id of your own, POST to the collection one with an id of the server's. DELETE …/published unpublishes.",
			"Compare path and method with the list of routes in Typecase's documentation.",
		},
		example: example{method: "GET", path: inMaster + "/entry",
			err: &fault.Error{Kind: fault.UnknownRoute, Suggestions: []string{inMaster + "/entries"}}},
	},
	fault.MissingOrganizationParameter: {
		meaning: "There are several organizations, and the request does not say in which of them the space shall be.",
		causes:  []string{"The header X-Contentful-Organization is missing."},
		fixes:   []string{"Send X-Contentful-Organization with the id of one of the organizations that /organizations lists."},
		example: example{method: "POST", path: "/spaces", body: `{"name":"Second space"}`, given: "The user is in two organizations.",
			err: fault.New(fault.MissingOrganizationParameter, "")},
	},
	fault.VersionMismatch: {
		meaning: "The request says which version of the resource it changes, and that is not the current one, or it does not say it at all. So nobody overwrites changes they have not seen.",
		causes: []string{
			"Somebody else, or another tab or script of yours, changed the resource after you read it.",
			"The header X-Contentful-Version is missing.",
			"The version of the last publication was sent: publishing raises the version by one.",
		},
		fixes: []string{
			"Look at current, which says what the resource is now and who changed it last, at sent, and for entries and assets at changed: the fields that differ between the two.",
			"Read the resource again, make your change in what you get, and send its sys.version in X-Contentful-Version.",
			"To create a resource with an id of your own, leave the header out; if that fails the resource exists already.",
		},
		example: example{method: "PUT", path: inMaster + "/entries/mixing-black", header: []string{versionHeader(1)}, body: `{"fields":{}}`,
			err: &fault.Error{
				Kind:    fault.VersionMismatch,
				Message: "Entry mixing-black is at version 2, the request was made for version 1. Read it again, apply your change to what you get, and retry.",
				Versions: &fault.Versions{
					Current: 2, UpdatedAt: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC), UpdatedBy: "4FLrUHftHW3v2BLi9fzfjU",
					Sent: new(1), Changed: []string{},
				},
			}},
	},
	fault.Conflict: {
		meaning: "Another change of the same thing got in between, or what was to be made is there already.",
		causes:  []string{"Two requests changed the same key at the same time.", "A token was revoked that is revoked already.", "The id of a space, environment or alias is taken."},
		fixes:   []string{"Read the resource again, and repeat the request if it is still needed.", "Choose another id."},
		example: example{method: "PUT", path: "/users/me/access_tokens/{id}/revoked", given: "The token is revoked.",
			err: fault.New(fault.Conflict, "The access token is revoked already.")},
	},
	fault.ValidationFailed: {
		meaning: "The body is JSON, but its content breaks the rules of the resource. All problems are listed.",
		causes:  []string{"A required key is missing or empty.", "A value is of the wrong type, too long, or not one of those allowed.", "A name or code is taken."},
		fixes: []string{
			"Go through details.errors: path leads to the value, name is the rule, details the explanation.",
			"An asset whose file has no url is not processed: PUT …/assets/{id}/files/{locale}/process, and read it until the url is there. If none comes, the log of the server says why.",
			"A file from a private address is fetched only with the setting allow-private-addresses; from anywhere else it can be sent to /uploads.",
		},
		example: example{method: "POST", path: inMaster + "/locales", body: `{"name":"German","code":"de-DE"}`,
			err: &fault.Error{Kind: fault.ValidationFailed, Message: "The resource you sent in the body is invalid.", Details: &fault.Details{
				Errors: []fault.Detail{{Name: "taken", Path: []any{"code"}, Value: fault.Raw("de-DE"), Details: `There is a locale "de-DE" already.`}}}}},
	},
	fault.UnknownField: {
		meaning: "The entry has a field that its content type does not have. Nothing was stored.",
		causes:  []string{"The id of the field is misspelt.", "The field was added to the content type, and the content type was not published since.", "The entry comes from a space with another content model."},
		fixes:   []string{"Remove the fields that details.errors names by their path.", "Publish the content type, then write the entry."},
		example: example{method: "POST", path: inMaster + "/entries", header: []string{"X-Contentful-Content-Type: topic"}, body: `{"fields":{"colour":{"en-US":"red"}}}`,
			err: &fault.Error{Kind: fault.UnknownField, Message: `No field with id "colour" found.`, Details: &fault.Details{
				Errors: []fault.Detail{{Name: "unknown", Path: []any{"fields", "colour"}, Value: fault.Raw(map[string]string{"en-US": "red"}),
					Details: `The property "colour" is not allowed here.`}}}}},
	},
	fault.InvalidEntry: {
		meaning: "Values of the entry break the validations of its content type. A draft may be incomplete; publishing checks everything.",
		causes: []string{"A required field is empty in a locale that is not optional.", "A value is of the wrong type.", "A text is too long, a number out of range, a value not unique, a link to an entry of a wrong type.",
			"The entry is newly given a concept that is deprecated."},
		fixes: []string{"Go through details.errors: path names field and locale, details says what is allowed.",
			"Write values below fields, the id of the field and the code of a locale: {\"fields\":{\"title\":{\"en-US\":\"…\"}}}.",
			"If the rule is wrong, change the validation in the content type and publish it.",
			"In place of a deprecated concept use the one that details names, if there is one."},
		example: example{method: "POST", path: inMaster + "/entries", header: []string{"X-Contentful-Content-Type: topic"}, body: `{"fields":{"name":{"en-US":7}}}`,
			err: fault.Invalid(fault.InvalidEntry, fault.Detail{Name: "type", Path: []any{"fields", "name", "en-US"}, Type: "Symbol", Value: fault.Raw(7),
				Details: `The type of "value" is incorrect, expected type: Symbol. A Symbol is a text of at most 256 characters.`})},
	},
	fault.UnresolvedLinks: {
		meaning: "The entry links to something that does not exist.",
		causes:  []string{"The linked entry or asset was deleted, or never made in this environment.", "The id in the link is misspelt.", "A tag of the metadata does not exist."},
		fixes:   []string{"Create what details.errors names, or remove the link.", "When you import, write the linked entries first."},
		example: example{method: "POST", path: inMaster + "/entries", header: []string{"X-Contentful-Content-Type: topic"},
			body: `{"fields":{},"metadata":{"tags":[{"sys":{"type":"Link","linkType":"Tag","id":"sale"}}]}}`,
			err: fault.Invalid(fault.UnresolvedLinks, fault.Detail{Name: "notResolvable", Path: []any{"metadata", "tags", 0},
				Details: `There is no tag "sale".`, Link: cms.LinkSys{Type: "Link", LinkType: "Tag", ID: "sale"}})},
	},
	fault.ActionPreconditionsFailed: {
		meaning: "The resource is still in use, so it cannot go.",
		causes:  []string{"Entries or assets carry the tag that was to be deleted.", "There are workflows of the definition that was to be deleted."},
		fixes: []string{"Find the users: /entries?metadata.tags.sys.id[in]= and the id of the tag; the same for /assets.", "Remove the tag from them, then delete it.",
			"Workflows: /workflows?sys.workflowDefinition.sys.id= and the id of the definition lists them. Complete or cancel them."},
		example: example{method: "DELETE", path: inMaster + "/tags/editors-choice", header: []string{versionHeader(1)},
			err: fault.Invalid(fault.ActionPreconditionsFailed, fault.Detail{Name: "reference", Details: "Tag is referenced by another entity"})},
	},
	fault.PersonalAccessTokenInvalidScopes: {
		meaning: "The token was to get scopes that do not exist.",
		causes:  []string{"A scope is misspelt.", "There are no scopes in the body."},
		fixes:   []string{"Use content_management_manage to read and write, content_management_read to read only."},
		example: example{method: "POST", path: "/users/me/access_tokens", body: `{"name":"CI","scopes":["everything"]}`,
			err: fault.Invalid(fault.PersonalAccessTokenInvalidScopes, fault.Detail{Name: "in", Path: []any{"scopes", 0}, Value: fault.Raw("everything"),
				Expected: []any{"content_management_manage", "content_management_read"}, Details: "Value must be one of expected values"})},
	},
	fault.RateLimitExceeded: {
		meaning: "The token, or all tokens that work in the space together, make more requests per second than the server allows. The request was not carried out and can be repeated.",
		causes: []string{
			"A script sends requests in parallel without a limit.",
			"A page asks for every entry by itself instead of for a collection.",
			"Another program uses up the limit of the space.",
			"A client at your network address keeps on trying an access token that does not exist; the message says so. Until it stops, tokens that this server has not seen before may have to wait.",
		},
		fixes: []string{
			"Wait as many seconds as Retry-After says. The official JavaScript clients do so by themselves.",
			"Ask for collections: limit goes up to 1000, include brings linked entries along.",
			"Who runs the server can raise the settings rate.delivery, rate.preview and rate.management, and rate.space.delivery and so on for the space.",
		},
		example: example{method: "GET", path: inMaster + "/entries", token: delivery, given: "The server allows one request per second, and this is the second one.",
			err: &fault.Error{Kind: fault.RateLimitExceeded, RetryAfter: retry}},
	},
	fault.ServerError: {
		meaning: "Something unexpected happened inside the server. It is not the fault of the request.",
		causes:  []string{"The disk is full, or the database does not answer.", "A mistake in Typecase."},
		fixes:   []string{"Who runs the server finds the cause in its log, under the request id.", "Repeat the request; if it fails again, report it with that line of the log."},
		example: example{method: "GET", path: inMaster + "/entries", token: delivery, given: "The database does not answer.",
			err: fault.New(fault.ServerError, "")},
	},
	fault.Timeout: {
		meaning: "The server did not finish in time. A change may have been made all the same.",
		causes:  []string{"The request asks for very much at once.", "The database or the machine is overloaded.", "The client sent its body too slowly."},
		fixes:   []string{"Read the resource before you repeat a change: it may have been made.", "Ask for less: a smaller limit, fewer levels of include.", "Who runs the server can raise the setting limits.request."},
		example: example{method: "GET", path: inMaster + "/entries?limit=1000&include=10", token: delivery, given: "The server is overloaded.",
			err: &fault.Error{Kind: fault.Timeout, RetryAfter: retry}},
	},
	fault.Hibernated: {
		meaning: "The space has not been used for a long time and sleeps. This request woke it: it will answer in a moment.",
		causes:  []string{"Nobody used the space for as long as the setting hibernate.after says.", "It was put to sleep with typecase space hibernate."},
		fixes:   []string{"Repeat the request after as many seconds as Retry-After says. The official JavaScript clients do so by themselves."},
		example: example{method: "GET", path: inMaster + "/entries", token: delivery, given: "The space sleeps.",
			err: &fault.Error{Kind: fault.Hibernated, RetryAfter: retry}},
	},
}
