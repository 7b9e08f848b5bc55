// The whole life of a space through contentful-management's plain client:
// create, model, write, publish, conflict, delete.
import assert from 'node:assert/strict'
import test from 'node:test'
import { management, newSpace, reader } from '../lib/target.mjs'

// failsWith runs call and answers what the SDK made of the server's error.
async function failsWith(name, call) {
  try {
    await call()
  } catch (error) {
    assert.equal(error.name, name, error.message)
    return JSON.parse(error.message)
  }
  assert.fail(`expected ${name}`)
}

test('a space from creation to deletion', async () => {
  const space = await newSpace('Life of a space')
  const client = management({ spaceId: space.id, environmentId: 'master' })

  // model
  await client.locale.create({}, { name: 'German', code: 'de-DE', fallbackCode: 'en-US', optional: true })
  let type = await client.contentType.createWithId(
    { contentTypeId: 'post' },
    {
      name: 'Post', displayField: 'title', description: '',
      fields: [
        { id: 'title', name: 'Title', type: 'Symbol', required: true, localized: true, validations: [{ size: { max: 20 }, message: 'short, please' }] },
        { id: 'slug', name: 'Slug', type: 'Symbol', required: false, localized: false, validations: [{ unique: true }] },
        { id: 'related', name: 'Related', type: 'Array', required: false, localized: false, items: { type: 'Link', linkType: 'Entry', validations: [{ linkContentType: ['post'] }] } },
      ],
    }
  )
  assert.equal(type.sys.version, 1)
  type = await client.contentType.publish({ contentTypeId: 'post' }, type)
  assert.deepEqual([type.sys.version, type.sys.publishedVersion, type.sys.publishedCounter], [2, 1, 1])
  const editor = await client.editorInterface.get({ contentTypeId: 'post' })
  assert.deepEqual(editor.controls.map((c) => [c.fieldId, c.widgetId]), [['title', 'singleLine'], ['slug', 'singleLine'], ['related', 'entryLinksEditor']])

  // write
  let entry = await client.entry.create({ contentTypeId: 'post' }, { fields: { title: { 'en-US': 'Hello', 'de-DE': 'Hallo' }, slug: { 'en-US': 'hello' } } })
  assert.deepEqual([entry.sys.version, entry.sys.publishedCounter, entry.sys.contentType.sys.id], [1, 0, 'post'])
  const unknown = await failsWith('UnknownField', () =>
    client.entry.create({ contentTypeId: 'post' }, { fields: { colour: { 'en-US': 'red' }, size: { 'en-US': 1 } } }))
  assert.deepEqual(unknown.details.errors.map((e) => [e.name, ...e.path]), [['unknown', 'fields', 'colour'], ['unknown', 'fields', 'size']])
  const wrong = await failsWith('InvalidEntry', () => client.entry.create({ contentTypeId: 'post' }, { fields: { title: { 'en-US': 12, fr: 'x' } } }))
  assert.deepEqual(wrong.details.errors.map((e) => e.name).sort(), ['type', 'unknown'])

  // conflict
  const stale = structuredClone(entry)
  entry.fields.title['en-US'] = 'Hello again'
  entry = await client.entry.update({ entryId: entry.sys.id }, entry)
  assert.equal(entry.sys.version, 2)
  const conflict = await failsWith('VersionMismatch', () => client.entry.update({ entryId: entry.sys.id }, stale))
  assert.equal(conflict.status, 409)

  // publish: validations, links, unique
  const long = await client.entry.create({ contentTypeId: 'post' }, { fields: { title: { 'en-US': 'a title that is much too long' }, related: { 'en-US': [{ sys: { type: 'Link', linkType: 'Entry', id: 'nobody' } }] } } })
  const invalid = await failsWith('InvalidEntry', () => client.entry.publish({ entryId: long.sys.id }, long))
  assert.equal(invalid.details.errors[0].name, 'size')
  assert.equal(invalid.details.errors[0].customMessage, 'short, please')
  const shortened = await client.entry.patch({ entryId: long.sys.id, version: 1 }, [{ op: 'replace', path: '/fields/title/en-US', value: 'short' }])
  const unresolved = await failsWith('UnresolvedLinks', () => client.entry.publish({ entryId: long.sys.id }, shortened))
  assert.deepEqual(unresolved.details.errors[0].link, { type: 'Link', linkType: 'Entry', id: 'nobody' })
  entry = await client.entry.publish({ entryId: entry.sys.id }, entry)
  assert.deepEqual([entry.sys.version, entry.sys.publishedVersion], [3, 2])
  const twin = await client.entry.create({ contentTypeId: 'post' }, { fields: { title: { 'en-US': 'Twin' }, slug: { 'en-US': 'hello' } } })
  const taken = await failsWith('InvalidEntry', () => client.entry.publish({ entryId: twin.sys.id }, twin))
  assert.equal(taken.details.errors[0].name, 'unique')
  assert.equal(taken.details.errors[0].conflicting[0].sys.id, entry.sys.id)

  // read
  const delivered = await reader(space.id, space.delivery).getEntries({ content_type: 'post', locale: 'de-DE' })
  assert.deepEqual(delivered.items.map((e) => e.fields), [{ title: 'Hallo', slug: 'hello' }])
  const drafts = await reader(space.id, space.preview).getEntries({ content_type: 'post', order: 'sys.createdAt' })
  assert.equal(drafts.total, 3)

  // asset by upload
  const upload = await client.upload.create({}, { file: Buffer.from('plain words') })
  let asset = await client.asset.create({}, {
    fields: { title: { 'en-US': 'Words' }, file: { 'en-US': { contentType: 'text/plain', fileName: 'words.txt', uploadFrom: { sys: { type: 'Link', linkType: 'Upload', id: upload.sys.id } } } } },
  })
  asset = await client.asset.processForAllLocales({}, asset)
  asset = await client.asset.publish({ assetId: asset.sys.id }, asset)
  const published = await reader(space.id, space.delivery).getAsset(asset.sys.id)
  const file = await fetch(new URL(published.fields.file.url, `http://${process.env.TYPECASE_TEST_HTTP}`))
  assert.equal(await file.text(), 'plain words')
  assert.equal(published.fields.file.details.size, 11)

  // environments
  const copy = await client.environment.createWithId({ environmentId: 'copy' }, { name: 'copy' })
  assert.equal(copy.sys.status.sys.id, 'ready')
  const copied = management({ spaceId: space.id, environmentId: 'copy' })
  await copied.entry.unpublish({ entryId: entry.sys.id })
  assert.equal((await client.entry.get({ entryId: entry.sys.id })).sys.version, 3)
  await client.environment.delete({ environmentId: 'copy' })

  // end of life
  await failsWith('BadRequest', () => client.entry.delete({ entryId: entry.sys.id }))
  entry = await client.entry.unpublish({ entryId: entry.sys.id })
  entry = await client.entry.archive({ entryId: entry.sys.id })
  assert.equal(entry.sys.archivedVersion, 4)
  entry = await client.entry.unarchive({ entryId: entry.sys.id })
  for (const e of [entry, long, twin]) await client.entry.delete({ entryId: e.sys.id })
  await failsWith('NotFound', () => client.entry.get({ entryId: entry.sys.id }))
  await client.contentType.unpublish({ contentTypeId: 'post' })
  await client.contentType.delete({ contentTypeId: 'post' })
  await client.space.delete({ spaceId: space.id })
  await failsWith('NotFound', () => client.space.get({ spaceId: space.id }))
})
