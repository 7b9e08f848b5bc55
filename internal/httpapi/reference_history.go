package httpapi

const historyReference = `
## History and trash

Every version of an entry, asset or content type is kept. These paths of an environment answer a management token; in place of ` + "`entries`" + ` stands
` + "`assets` or `content_types`" + ` just as well.

| path | |
|---|---|
| ` + "`/_typecase/history/entries/:id`" + ` | what has happened to it, the newest first; ` + "`sys`" + ` of each has ` + "`version`, `action`" + ` (create, save, publish, unpublish, archive, unarchive, delete, restore), ` + "`createdAt`, `createdBy`" + `. Pages of ` + "`limit`" + ` items, 1 to 1000; ` + "`pages.next`" + ` is the URL of the next one |
| ` + "`/_typecase/history/entries/:id/:version`" + ` | that version; ` + "`entity`" + ` is the whole of it, as it was answered then |
| ` + "`/_typecase/history/entries/:id/compare`" + ` | ` + "`differences`" + ` between the versions ` + "`from` and `to`" + `, the newest without ` + "`to`" + ` |
| ` + "`/_typecase/history/entries/:id/:version/restore`" + ` | POST with X-Contentful-Version: saves that version as the next one |

A difference has ` + "`op`, `path`, `from` and `to`" + `: add, remove or replace of a value, such as the one at ` + "`" + `["fields", "title", "en-US"]` + "`" + ` or ` + "`" + `["metadata", "tags"]` + "`" + `, or of a member of a field of a
content type; move says that the same fields are in another order. What still exists has its present name, also in versions that are older than the name;
fields and locales that are gone are shown under the name they had.

To restore is to save: the version is checked against the content type as it is now, and what that lacks is refused. The body, if there is one, says which parts
are taken, ` + "`" + `{"fields": {"title": ["en-US"], "body": ["*"]}, "metadata": true}` + "`" + `; a content type is restored whole, as a draft. A copy of an environment has the
history of its source up to then, also when that is deleted. An id that is deleted and made anew begins a new history.

What is deleted goes into the trash of its environment for the time that the setting trash.keep gives, with its history. A copy of the environment begins with
an empty one.

| path | |
|---|---|
| ` + "`/_typecase/trash`" + ` | what can come back, deleted last first; ` + "`sys`" + ` of each has ` + "`id`, `entity`, `version`, `deletedAt`, `deletedBy`, `expiresAt`" + `; with ` + "`type`" + ` only Entry, Asset, ContentType or Tag. Pages as above |
| ` + "`/_typecase/trash/:id`" + ` | an item; ` + "`entity`" + ` is the whole of it, as it was |
| ` + "`/_typecase/trash/:id/restore`" + ` | POST: brings it back in the state it had, as the next version |
| ` + "`/_typecase/trash/:id`" + ` | DELETE: gives it up now |

Nothing comes back under an id or a name that is taken meanwhile (409 Conflict; a tag: 422 ValidationFailed), an entry only when its content type is
active (400 BadRequest), and nothing without its tags (422 UnresolvedLinks): they come back first. A content type comes back
inactive, and its editor interface is a new one once it is activated. Unique values are claimed when an entry is published, not before.

When the time is over, or a day after something was given up, a job removes from the database the versions that neither the environment nor a copy of it can
read any more, and from the folder of files those that only such versions of an asset name. A deleted environment leaves what its copies read; the rest goes a day
later.
`
