// What is in an environment, by the plain client: content types and their editor
// interfaces, entries, assets, uploads, extensions, locales, tags.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { management, newSpace } from '../lib/target.mjs'

let client

before(async () => {
  client = management({ spaceId: (await newSpace('Content')).id, environmentId: 'master' })
})

const ids = ({ items }) => items.map((item) => item.sys.id)
const notFound = (call) => assert.rejects(call, { name: 'NotFound' })
const symbol = (id) => ({ id, name: id, type: 'Symbol', localized: false, required: false })

// pages reads all of a list by its cursors.
async function pages(list) {
  const all = []
  let pageNext
  do {
    const page = await list(pageNext ? { limit: 2, pageNext } : { limit: 2 })
    assert.ok(page.items.length <= 2)
    all.push(...ids(page))
    pageNext = page.pages.next
  } while (pageNext)
  return all.sort()
}

test('content types', async () => {
  let type = await client.contentType.create({}, { name: 'Author', displayField: 'name', fields: [symbol('name'), symbol('nick')] })
  const contentTypeId = type.sys.id
  type = await client.contentType.publish({ contentTypeId }, type)
  type = await client.contentType.update({ contentTypeId }, { ...type, description: 'Who writes' })
  type = await client.contentType.publish({ contentTypeId }, type)
  await client.contentType.omitAndDeleteField({ contentTypeId }, type, 'nick')
  type = await client.contentType.publish({ contentTypeId }, await client.contentType.get({ contentTypeId }))
  assert.deepEqual(type.fields.map((field) => field.id), ['name'])
  assert.equal(type.description, 'Who writes')
  for (const id of ['one', 'two']) await client.contentType.createWithId({ contentTypeId: id }, { name: id, fields: [] })
  assert.deepEqual(await pages((query) => client.contentType.getManyWithCursor({ query })), [contentTypeId, 'one', 'two'].sort())
  await client.contentType.delete({ contentTypeId: 'one' })
  assert.deepEqual(ids(await client.contentType.getMany({})).sort(), [contentTypeId, 'two'].sort())

  const interfaceOf = { contentTypeId }
  const editor = await client.editorInterface.get(interfaceOf)
  const widget = { fieldId: 'name', widgetNamespace: 'builtin', widgetId: 'slugEditor', settings: { helpText: 'As on the cover' } }
  const updated = await client.editorInterface.update(interfaceOf, { ...editor, controls: [widget] })
  assert.deepEqual(updated.controls, [widget])
  const [listed] = (await client.editorInterface.getMany({})).items.filter((item) => item.sys.contentType.sys.id === contentTypeId)
  assert.deepEqual([listed.controls, listed.sys.version], [[widget], editor.sys.version + 1])
})

test('entries', async () => {
  const type = await client.contentType.createWithId({ contentTypeId: 'page' }, {
    name: 'Page', displayField: 'title',
    fields: [symbol('title'), { id: 'next', name: 'Next', type: 'Link', linkType: 'Entry', localized: false, required: false }],
  })
  await client.contentType.publish({ contentTypeId: 'page' }, type)
  const next = (id) => ({ next: { 'en-US': { sys: { type: 'Link', linkType: 'Entry', id } } } })
  for (const [entryId, fields] of [['c', {}], ['b', next('c')], ['a', next('b')]]) await client.entry.createWithId({ contentTypeId: 'page', entryId }, { fields })
  assert.deepEqual(await pages((query) => client.entry.getManyWithCursor({ query })), ['a', 'b', 'c'])
  const tree = await client.entry.references({ entryId: 'a', include: 2 })
  assert.deepEqual([ids(tree), tree.includes.Entry.map((e) => e.sys.id).sort()], [['a'], ['b', 'c']])
  const near = await client.entry.references({ entryId: 'a', include: 1 })
  assert.deepEqual(near.includes.Entry.map((e) => e.sys.id), ['b'])
})

test('assets and uploads', async () => {
  const upload = await client.upload.create({}, { file: Buffer.from('words') })
  const uploadId = upload.sys.id
  assert.equal((await client.upload.get({ uploadId })).sys.id, uploadId)
  await client.upload.delete({ uploadId })
  await notFound(() => client.upload.get({ uploadId }))

  let asset = await client.asset.createFromFiles({}, {
    fields: { title: { 'en-US': 'Words' }, description: {}, file: { 'en-US': { contentType: 'text/plain', fileName: 'words.txt', file: 'some words' } } },
  })
  const assetId = asset.sys.id
  asset = await client.asset.processForLocale({}, asset, 'en-US', { processingCheckWait: 50 })
  assert.equal(asset.fields.file['en-US'].details.size, 10)
  asset = await client.asset.update({ assetId }, { ...asset, fields: { ...asset.fields, title: { 'en-US': 'Many words' } } })
  asset = await client.asset.archive({ assetId })
  assert.equal(asset.sys.archivedVersion, asset.sys.version - 1)
  asset = await client.asset.unarchive({ assetId })
  assert.equal((await client.asset.get({ assetId })).fields.title['en-US'], 'Many words')
  for (const id of ['one', 'two']) await client.asset.createWithId({ assetId: id }, { fields: { title: { 'en-US': id } } })
  assert.deepEqual(await pages((query) => client.asset.getManyWithCursor({ query })), [assetId, 'one', 'two'].sort())
  await client.asset.delete({ assetId })
  await notFound(() => client.asset.get({ assetId }))
})

test('extensions', async () => {
  const body = (name) => ({ extension: { name, fieldTypes: [{ type: 'Symbol' }], src: 'https://example.com/editor.html', sidebar: false } })
  const made = await client.extension.create({}, body('Made'))
  assert.equal(made.extension.name, 'Made')
  const extension = await client.extension.createWithId({ extensionId: 'mine' }, body('Mine'))
  const updated = await client.extension.update({ extensionId: 'mine' }, { ...extension, ...body('Ours') })
  assert.equal(updated.sys.version, extension.sys.version + 1)
  assert.equal((await client.extension.get({ extensionId: 'mine' })).extension.name, 'Ours')
  assert.deepEqual(ids(await client.extension.getMany({})).sort(), [made.sys.id, 'mine'].sort())
  await client.extension.delete({ extensionId: 'mine' })
  await notFound(() => client.extension.get({ extensionId: 'mine' }))
})

test('locales and tags', async () => {
  const locale = await client.locale.create({}, { name: 'French', code: 'fr', fallbackCode: 'en-US' })
  const localeId = locale.sys.id
  const updated = await client.locale.update({ localeId }, { ...locale, name: 'Français', optional: true })
  assert.deepEqual([updated.name, updated.optional], ['Français', true])
  await client.locale.delete({ localeId })
  await notFound(() => client.locale.get({ localeId }))

  const tag = await client.tag.createWithId({ tagId: 'summer' }, { name: 'Summer', sys: { visibility: 'public' } })
  assert.equal((await client.tag.update({ tagId: 'summer' }, { ...tag, name: 'Summer 1' })).sys.version, 2)
  const got = await client.tag.get({ tagId: 'summer' })
  assert.deepEqual([got.name, got.sys.visibility], ['Summer 1', 'public'])
  await client.tag.delete({ tagId: 'summer', version: 2 })
  await notFound(() => client.tag.get({ tagId: 'summer' }))
})
