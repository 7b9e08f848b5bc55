// Entries and assets published and unpublished in some locales, as the plain client
// does it.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { management, newSpace } from '../lib/target.mjs'

let client

before(async () => {
  const space = await newSpace('Some locales')
  client = management({ spaceId: space.id, environmentId: 'master' })
  await client.locale.create({}, { name: 'German', code: 'de', fallbackCode: 'en-US' })
  await client.locale.create({}, { name: 'Italian', code: 'it', fallbackCode: null, optional: true })
  const type = await client.contentType.createWithId({ contentTypeId: 'post' }, {
    name: 'Post', displayField: 'title', fields: [
      { id: 'title', name: 'Title', type: 'Symbol', localized: true, required: true },
      { id: 'slug', name: 'Slug', type: 'Symbol', localized: false, required: false },
    ],
  })
  await client.contentType.publish({ contentTypeId: 'post' }, type)
})

const status = (entity) => entity.sys.fieldStatus['*']
const published = async (entryId) => (await client.entry.getPublished({ query: { 'sys.id': entryId } })).items[0]?.fields

test('an entry, locale by locale', async () => {
  let entry = await client.entry.createWithId({ entryId: 'one', contentTypeId: 'post' }, { fields: { title: { 'en-US': 'a', de: 'ä' }, slug: { 'en-US': 's' } } })
  assert.deepEqual(status(entry), { 'en-US': 'draft', de: 'draft', it: 'draft' })

  entry = await client.entry.publish({ entryId: 'one', locales: ['de'] }, entry)
  assert.deepEqual(status(entry), { 'en-US': 'draft', de: 'published', it: 'draft' })
  assert.deepEqual([entry.sys.version, entry.sys.publishedVersion, entry.sys.publishedCounter], [2, 1, 1])
  assert.deepEqual(await published('one'), { title: { de: 'ä' } })

  entry.fields.title.de = 'ö'
  entry = await client.entry.update({ entryId: 'one' }, entry)
  assert.deepEqual(status(entry), { 'en-US': 'draft', de: 'changed', it: 'draft' })
  entry = await client.entry.publish({ entryId: 'one', locales: ['en-US', 'it'] }, entry)
  assert.deepEqual(status(entry), { 'en-US': 'published', de: 'changed', it: 'published' })
  assert.deepEqual(await published('one'), { title: { 'en-US': 'a', de: 'ä' }, slug: { 'en-US': 's' } })

  entry = await client.entry.unpublish({ entryId: 'one', locales: ['en-US'] }, entry)
  assert.deepEqual(status(entry), { 'en-US': 'draft', de: 'changed', it: 'published' })
  assert.deepEqual(await published('one'), { title: { de: 'ä' } })
  await assert.rejects(client.entry.unpublish({ entryId: 'one', locales: ['it'] }, { sys: { version: 1 } }), { name: 'VersionMismatch' })
  entry = await client.entry.unpublish({ entryId: 'one', locales: ['it'] })
  assert.deepEqual(status(entry), { 'en-US': 'draft', de: 'changed', it: 'draft' })

  entry = await client.entry.publish({ entryId: 'one' }, entry)
  assert.deepEqual(status(entry), { 'en-US': 'published', de: 'published', it: 'published' })
  entry = await client.entry.unpublish({ entryId: 'one', locales: ['it', 'de', 'en-US'] }, entry)
  assert.equal(entry.sys.publishedVersion, undefined)
  assert.equal(await published('one'), undefined)
  await client.entry.delete({ entryId: 'one' })
})

test('what is not to be published', async () => {
  const entry = await client.entry.createWithId({ entryId: 'two', contentTypeId: 'post' }, { fields: { title: { 'en-US': 'a' } } })
  const failsWith = async (name, locales) => {
    const error = await client.entry.publish({ entryId: 'two', locales }, entry).then(() => assert.fail(`expected ${name}`), (e) => e)
    assert.equal(error.name, name, error.message)
    return JSON.parse(error.message).details.errors
  }
  const [unknown] = await failsWith('InvalidEntry', ['en-US', 'DE', 'it'])
  assert.deepEqual([unknown.name, unknown.path, unknown.suggestions], ['unknown', ['add', 'fields', '*', 1], ['de']])
  const [missing] = await failsWith('InvalidEntry', ['de'])
  assert.deepEqual([missing.name, missing.path], ['required', ['fields', 'title', 'de']])
  assert.deepEqual(status(await client.entry.publish({ entryId: 'two', locales: ['en-US'] }, entry)), { 'en-US': 'published', de: 'draft', it: 'draft' })
})

test('an asset', async () => {
  const upload = await client.upload.create({}, { file: 'Twice a day.' })
  let asset = await client.asset.createWithId({ assetId: 'manual' }, { fields: {
    title: { 'en-US': 'Manual', de: 'Anleitung' },
    file: { 'en-US': { fileName: 'manual.txt', contentType: 'text/plain', uploadFrom: { sys: { type: 'Link', linkType: 'Upload', id: upload.sys.id } } } },
  } })
  asset = await client.asset.processForAllLocales({}, asset, { processingCheckWait: 100 })
  await assert.rejects(client.asset.publish({ assetId: 'manual', locales: ['de'] }, asset), { name: 'ValidationFailed' })
  asset = await client.asset.publish({ assetId: 'manual', locales: ['en-US'] }, asset)
  assert.deepEqual(status(asset), { 'en-US': 'published', de: 'draft', it: 'draft' })
  asset = await client.asset.publish({ assetId: 'manual', locales: ['de'] }, asset)
  assert.deepEqual(status(asset), { 'en-US': 'published', de: 'published', it: 'draft' })
  asset = await client.asset.unpublish({ assetId: 'manual', locales: ['de'] }, asset)
  assert.deepEqual((await client.asset.getPublished({})).items[0].fields.title, { 'en-US': 'Manual' })
  asset = await client.asset.unpublish({ assetId: 'manual', locales: ['en-US'] })
  assert.equal(asset.sys.publishedVersion, undefined)
})
