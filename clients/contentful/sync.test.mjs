// The delivery SDK keeps a copy of a space with sync.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { httpsHost, management, newSpace, reader } from '../lib/target.mjs'

let space, client

before(async () => {
  space = await newSpace('Sync')
  client = management({ spaceId: space.id, environmentId: 'master' })
  for (const id of ['node', 'leaf']) {
    const type = await client.contentType.createWithId({ contentTypeId: id }, {
      name: id, displayField: 'name',
      fields: [
        { id: 'name', name: 'Name', type: 'Symbol', localized: true, required: false },
        { id: 'next', name: 'Next', type: 'Link', linkType: 'Entry', localized: false, required: false },
      ],
    })
    await client.contentType.publish({ contentTypeId: id }, type)
  }
  const next = { 'en-US': { sys: { type: 'Link', linkType: 'Entry', id: 'leaf1' } } }
  for (const id of ['leaf1', 'leaf2', 'leaf3', 'leaf4', 'leaf5']) await publish(id, 'leaf', { name: { 'en-US': id } })
  await publish('node1', 'node', { name: { 'en-US': 'node1' }, next })
  await client.entry.createWithId({ entryId: 'draft', contentTypeId: 'node' }, { fields: {} })
})

async function publish(entryId, contentTypeId, fields) {
  const entry = await client.entry.createWithId({ entryId, contentTypeId }, { fields })
  await client.entry.publish({ entryId }, entry)
}

const ids = (entities) => entities.map((e) => e.sys.id).join()
// A copy of what the SDK hands out frozen: it changes the query it is given.
const sync = (query, options, key = space.delivery) => reader(space.id, key).sync({ ...query }, options)

test('a first sync, links resolved, and deltas', async () => {
  let got = await sync({ initial: true })
  assert.equal(ids(got.entries), 'node1,leaf5,leaf4,leaf3,leaf2,leaf1')
  assert.equal(got.entries[0].fields.next['en-US'].fields.name['en-US'], 'leaf1')
  assert.equal(got.entries[0].sys.locale, undefined)
  assert.deepEqual([got.assets, got.deletedEntries, got.deletedAssets], [[], [], []])

  const same = await sync({ nextSyncToken: got.nextSyncToken })
  assert.deepEqual([same.entries, same.nextSyncToken], [[], got.nextSyncToken])

  await client.entry.unpublish({ entryId: 'leaf5' })
  await client.entry.delete({ entryId: 'leaf5' })
  await publish('leaf6', 'leaf', { name: { 'en-US': 'leaf6' } })
  await client.entry.publish({ entryId: 'leaf2' }, await client.entry.get({ entryId: 'leaf2' }))
  got = await sync({ nextSyncToken: got.nextSyncToken })
  assert.equal(ids(got.entries), 'leaf2,leaf6')
  assert.equal(got.entries[0].sys.revision, 2)
  assert.equal(ids(got.deletedEntries), 'leaf5')
  assert.equal(got.deletedEntries[0].sys.revision, 1)
})

test('pages, which the SDK turns by itself, of all types', async () => {
  for (const query of [{}, { type: 'Entry' }, { content_type: 'leaf' }]) {
    const whole = await sync({ initial: true, ...query })
    const paged = await sync({ initial: true, limit: 2, ...query })
    assert.equal(ids(paged.entries), ids(whole.entries))
    assert.ok(paged.entries.length >= 5)
  }
})

test('pages one by one', async () => {
  const one = { paginate: false }
  const first = await sync({ initial: true, limit: 4, content_type: 'leaf' }, one)
  assert.deepEqual([first.entries.length, first.nextSyncToken], [4, undefined])
  const second = await sync({ nextPageToken: first.nextPageToken }, one)
  assert.deepEqual([second.entries.length, second.nextPageToken], [1, undefined])
  assert.equal((await sync({ nextSyncToken: second.nextSyncToken })).entries.length, 0)
})

test('types', async () => {
  assert.equal(ids((await sync({ initial: true, content_type: 'node' })).entries), 'node1')
  assert.equal(ids((await sync({ initial: true, type: 'Deletion' })).deletedEntries), 'leaf5')
  assert.equal(ids((await sync({ initial: true, type: 'DeletedAsset' })).deletedAssets), '')
  assert.deepEqual((await sync({ initial: true, type: 'Asset' })).entries, [])
  const id = (error) => error.response.data.sys.id // for sync the SDK hands on what it got
  await assert.rejects(sync({ initial: true, content_type: 'nope' }), (error) => id(error) === 'InvalidQuery')
  await assert.rejects(sync({ nextSyncToken: 'nonsense' }), (error) => id(error) === 'BadRequest')
})

test('drafts, over https', async () => {
  const preview = reader(space.id, space.preview, { host: httpsHost, insecure: false })
  const got = await preview.sync({ initial: true })
  assert.match(ids(got.entries), /\bdraft\b/)
  await client.entry.delete({ entryId: 'draft' })
  assert.equal(ids((await preview.sync({ nextSyncToken: got.nextSyncToken })).deletedEntries), 'draft')
})

test('an alias that moves takes the copy along', async () => {
  const spaceClient = management({ spaceId: space.id })
  const environment = await spaceClient.environment.createWithId({ environmentId: 'blue' }, { name: 'blue' })
  await spaceClient.environmentAlias.createWithId({ environmentAliasId: 'live' }, { environment: { sys: { type: 'Link', linkType: 'Environment', id: 'master' } } })
  const key = await spaceClient.apiKey.create({}, { name: 'live', environments: [{ sys: { type: 'Link', linkType: 'Environment', id: 'live' } }] })
  const live = reader(space.id, key.accessToken, { environment: 'live' })
  const first = await live.sync({ initial: true })

  const blue = management({ spaceId: space.id, environmentId: environment.sys.id })
  await blue.entry.unpublish({ entryId: 'node1' })
  const alias = await spaceClient.environmentAlias.get({ environmentAliasId: 'live' })
  alias.environment.sys.id = 'blue'
  await spaceClient.environmentAlias.update({ environmentAliasId: 'live' }, alias)

  const moved = await live.sync({ nextSyncToken: first.nextSyncToken })
  assert.equal(ids(moved.deletedEntries), 'node1')
  const all = await live.withAllLocales.getEntries({ order: '-sys.updatedAt' })
  assert.equal(ids(moved.entries), ids(all.items))
})
