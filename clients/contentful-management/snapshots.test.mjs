// Every snapshot method of contentful-management's plain client, and of the
// chained one: what was published stays to be read, in copies of the environment
// too.
import assert from 'node:assert/strict'
import test from 'node:test'
import { chained, management, newSpace } from '../lib/target.mjs'

const type = { name: 'Post', displayField: 'title', description: '', fields: [{ id: 'title', name: 'Title', type: 'Symbol', localized: false, required: false }] }

async function failsWith(name, call) {
  await assert.rejects(call, (error) => {
    assert.equal(error.name, name, error.message)
    const { status, details } = JSON.parse(error.message)
    assert.equal(status, 404)
    assert.equal(details.type, 'Snapshot')
    return true
  })
}

test('snapshots', async () => {
  const space = await newSpace('Snapshots')
  const client = management({ spaceId: space.id, environmentId: 'master' })
  let post = await client.contentType.createWithId({ contentTypeId: 'post' }, type)
  post = await client.contentType.publish({ contentTypeId: 'post' }, post)
  post = await client.contentType.update({ contentTypeId: 'post' }, { ...post, name: 'Posts' })
  post = await client.contentType.publish({ contentTypeId: 'post' }, post)

  const of = { contentTypeId: 'post' }
  const types = await client.snapshot.getManyForContentType(of)
  assert.equal(types.total, 2)
  assert.deepEqual(types.items.map((s) => [s.snapshot.name, s.sys.type, s.sys.snapshotType, s.sys.snapshotEntityType]),
    [['Posts', 'Snapshot', 'publish', 'ContentType'], ['Post', 'Snapshot', 'publish', 'ContentType']])
  assert.deepEqual(await client.snapshot.getForContentType({ ...of, snapshotId: types.items[1].sys.id }), types.items[1])
  assert.deepEqual(types.items[0].snapshot.fields, post.fields)
  await failsWith('NotFound', () => client.snapshot.getForContentType({ ...of, snapshotId: 'none' }))

  let entry = await client.entry.createWithId({ entryId: 'one', contentTypeId: 'post' }, { fields: { title: { 'en-US': '1' } } })
  assert.equal((await client.snapshot.getManyForEntry({ entryId: 'one' })).total, 0)
  const published = []
  for (const title of ['1', '2', '3']) {
    entry.fields.title['en-US'] = title
    entry = await client.entry.update({ entryId: 'one' }, entry)
    entry = await client.entry.publish({ entryId: 'one' }, entry)
    published.unshift(structuredClone(entry))
  }
  const entries = await client.snapshot.getManyForEntry({ entryId: 'one' })
  assert.deepEqual(entries.items.map((s) => s.snapshot), published.map(({ fields, sys }) => ({ fields, sys })))
  assert.ok(entries.items.every((s) => s.sys.version === undefined && s.sys.createdBy.sys.linkType === 'User'))
  assert.deepEqual(await client.snapshot.getForEntry({ entryId: 'one', snapshotId: entries.items[2].sys.id }), entries.items[2])
  await failsWith('NotFound', () => client.snapshot.getForEntry({ entryId: 'one', snapshotId: '1.1' }))
  const page = await client.snapshot.getManyForEntry({ entryId: 'one', query: { skip: 1, limit: 1, select: 'snapshot.fields.title.en-US' } })
  assert.deepEqual([page.total, page.skip, page.limit], [3, 1, 1])
  assert.deepEqual(page.items, [{ sys: entries.items[1].sys, snapshot: { fields: { title: { 'en-US': '2' } } } }])

  // a copy has them, under the same ids, also when the original is no more
  await client.environment.createWithId({ environmentId: 'second' }, {})
  await client.environment.createWithId({ environmentId: 'third' }, {}, { 'X-Contentful-Source-Environment': 'second' })
  await client.environment.delete({ environmentId: 'second' })
  const copies = await client.snapshot.getManyForEntry({ environmentId: 'third', entryId: 'one' })
  assert.deepEqual(copies.items.map((s) => s.sys.id), entries.items.map((s) => s.sys.id))

  const master = await (await chained().getSpace(space.id)).getEnvironment('master')
  const chainedEntry = await master.getEntry('one')
  const all = await chainedEntry.getSnapshots()
  assert.equal(all.items.length, 3)
  assert.deepEqual((await chainedEntry.getSnapshot(all.items[0].sys.id)).toPlainObject(), entries.items[0])
  assert.equal((await (await master.getContentType('post')).getSnapshots()).total, 2)
  await client.space.delete({ spaceId: space.id })
})
