// Entries and assets inside releases, through every method that
// contentful-management has for them, and by releaseId through those for entries
// and assets themselves.
import assert from 'node:assert/strict'
import test from 'node:test'
import { management, newSpace } from '../lib/target.mjs'

const link = (linkType, id) => ({ sys: { type: 'Link', linkType, id } })
const soon = { processingCheckWait: 50, processingCheckRetries: 100 }

async function world(name) {
  const space = await newSpace(name)
  const client = management({ spaceId: space.id, environmentId: 'master' })
  const type = await client.contentType.createWithId({ contentTypeId: 'page' }, {
    name: 'Page', displayField: 'title', fields: [{ id: 'title', name: 'Title', type: 'Symbol', required: true, localized: false }],
  })
  await client.contentType.publish({ contentTypeId: 'page' }, type)
  const page = await client.entry.createWithId({ entryId: 'page', contentTypeId: 'page' }, { fields: { title: { 'en-US': 'Now' } } })
  await client.entry.publish({ entryId: 'page' }, page)
  const release = await client.release.create({ releaseSchemaVersion: 'Release.v2' }, {
    title: 'Later', entities: { sys: { type: 'Array' }, items: [{ entity: link('Entry', 'page'), action: 'publish' }] },
  })
  return { client, releaseId: release.sys.id }
}

async function fails(status, name, call) {
  try {
    await call()
  } catch (error) {
    const e = JSON.parse(error.message)
    assert.deepEqual([e.status, error.name], [status, name], error.message)
    return e
  }
  assert.fail(`expected ${name}`)
}

// published lets a release come true.
async function published(client, releaseId) {
  const { sys: { version } } = await client.release.get({ releaseId })
  const begun = await client.release.publish({ releaseId, version })
  for (let n = 0; n < 200; n++) {
    const action = await client.releaseAction.get({ releaseId, actionId: begun.sys.id })
    if (action.sys.status === 'succeeded') return
    assert.notEqual(action.sys.status, 'failed', JSON.stringify(action))
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail('the action does not end')
}

test('entries', async () => {
  const { client, releaseId } = await world('Release entries')
  let page = await client.release.entry.get({ releaseId, entryId: 'page' })
  assert.deepEqual([page.fields.title['en-US'], page.sys.release, page.sys.publishedVersion], ['Now', link('Release', releaseId), undefined])
  page.fields.title['en-US'] = 'Later'
  page = await client.release.entry.update({ releaseId, entryId: 'page' }, page)
  const patch = (value) => [{ op: 'replace', path: '/fields/title/en-US', value }]
  page = await client.release.entry.patch({ releaseId, entryId: 'page', version: page.sys.version }, patch('Later!'))
  assert.deepEqual([page.fields.title['en-US'], page.sys.version], ['Later!', 4])
  await fails(409, 'VersionMismatch', () => client.release.entry.patch({ releaseId, entryId: 'page', version: 3 }, patch('x')))
  assert.equal((await client.entry.get({ entryId: 'page' })).fields.title['en-US'], 'Now')

  const made = await client.release.entry.create({ releaseId, contentTypeId: 'page' }, { fields: { title: { 'en-US': 'Made' } } })
  await client.release.entry.createWithId({ releaseId, entryId: 'named', contentTypeId: 'page' }, { fields: { title: { 'en-US': 'Named' } } })
  await fails(404, 'NotFound', () => client.entry.get({ entryId: 'named' }))
  const all = await client.release.entry.getMany({ releaseId, query: { content_type: 'page', order: 'fields.title' } })
  assert.deepEqual(all.items.map((e) => e.sys.id), ['page', made.sys.id, 'named'])

  const scoped = management({ spaceId: (await client.space.get({})).sys.id, environmentId: 'master', releaseId })
  let named = await scoped.entry.get({ entryId: 'named' })
  named.fields.title['en-US'] = 'Named!'
  named = await scoped.entry.update({ entryId: 'named' }, named)
  await scoped.entry.patch({ entryId: 'named', version: named.sys.version }, patch('Named?'))
  await scoped.entry.createWithId({ entryId: 'scoped', contentTypeId: 'page' }, { fields: { title: { 'en-US': 'Scoped' } } })
  assert.equal((await scoped.entry.create({ contentTypeId: 'page' }, { fields: { title: { 'en-US': 'More' } } })).sys.release.sys.id, releaseId)
  assert.equal((await scoped.entry.getMany({ query: { 'sys.id[in]': 'page,scoped' } })).total, 2)

  await published(client, releaseId)
  const now = await client.entry.getMany({ query: { content_type: 'page', order: 'fields.title' } })
  assert.deepEqual(now.items.map((e) => [e.fields.title['en-US'], e.sys.publishedCounter]), [['Later!', 2], ['Made', 1], ['More', 1], ['Named?', 1], ['Scoped', 1]])
})

test('assets', async () => {
  const { client, releaseId } = await world('Release assets')
  const file = (name) => ({ 'en-US': { contentType: 'text/plain', fileName: name, file: `This is ${name}.` } })
  let asset = await client.release.asset.createFromFiles({ releaseId }, { fields: { title: { 'en-US': 'One' }, description: {}, file: file('one.txt') } })
  const assetId = asset.sys.id
  asset = await client.release.asset.processForLocale({ releaseId }, asset, 'en-US', soon)
  assert.match(asset.fields.file['en-US'].url, /one\.txt$/)
  asset.fields.title['en-US'] = 'One!'
  asset = await client.release.asset.update({ releaseId, assetId }, asset)
  assert.deepEqual([asset.sys.version, asset.sys.release.sys.id], [3, releaseId])

  const upload = await client.upload.create({}, { file: 'Two' })
  const uploaded = { fields: { title: { 'en-US': 'Two' }, file: { 'en-US': { contentType: 'text/plain', fileName: 'two.txt', uploadFrom: link('Upload', upload.sys.id) } } } }
  const two = await client.release.asset.createWithId({ releaseId, assetId: 'two' }, uploaded)
  await client.release.asset.processForAllLocales({ releaseId }, two, soon)
  const empty = await client.release.asset.create({ releaseId }, { fields: { title: { 'en-US': 'None' } } })
  assert.equal((await client.release.asset.get({ releaseId, assetId: 'two' })).sys.version, 2)
  assert.equal((await client.release.asset.getMany({ releaseId })).total, 3)
  await fails(404, 'NotFound', () => client.asset.get({ assetId: 'two' }))

  const { sys: { version }, entities } = await client.release.get({ releaseId })
  const items = entities.items.filter((i) => i.entity.sys.id !== empty.sys.id)
  await client.release.update({ releaseId, version }, { title: 'Later', entities: { sys: { type: 'Array' }, items } })
  await published(client, releaseId)
  const now = await client.asset.getMany({ query: { order: 'fields.title' } })
  assert.deepEqual(now.items.map((a) => [a.fields.title['en-US'], a.sys.publishedCounter, a.fields.file['en-US'].details.size]), [['One!', 1, 16], ['Two', 1, 3]])
})
