// The site as of a release or a time to come: timelinePreview of contentful.js.
import assert from 'node:assert/strict'
import test from 'node:test'
import { management, newSpace, reader } from '../lib/target.mjs'

const link = (linkType, id) => ({ sys: { type: 'Link', linkType, id } })

test('timeline', async () => {
  const space = await newSpace('Timeline')
  const client = management({ spaceId: space.id, environmentId: 'master' })
  const type = await client.contentType.createWithId({ contentTypeId: 'page' }, {
    name: 'Page', displayField: 'title', fields: [
      { id: 'title', name: 'Title', type: 'Symbol', localized: false, required: false },
      { id: 'next', name: 'Next', type: 'Link', linkType: 'Entry', localized: false, required: false },
      { id: 'image', name: 'Image', type: 'Link', linkType: 'Asset', localized: false, required: false },
    ],
  })
  await client.contentType.publish({ contentTypeId: 'page' }, type)
  const fields = (title) => ({ title: { 'en-US': title }, next: { 'en-US': link('Entry', 'b') } })
  const live = {}
  for (const entryId of ['b', 'a']) live[entryId] = await client.entry.createWithId({ entryId, contentTypeId: 'page' }, { fields: fields(`${entryId} now`) })
  for (const entryId of ['b', 'a']) await client.entry.publish({ entryId }, live[entryId])
  const release = async (title, ...ids) => (await client.release.create({ releaseSchemaVersion: 'Release.v2' }, {
    title, entities: { sys: { type: 'Array' }, items: ids.map((id) => ({ entity: link('Entry', id), action: 'publish' })) },
  })).sys.id
  const save = async (releaseId, entryId, values) => {
    const e = await client.release.entry.get({ releaseId, entryId })
    await client.release.entry.update({ releaseId, entryId }, { ...e, fields: values })
  }
  const [spring, summer] = [await release('Spring', 'b'), await release('Summer', 'a')]
  await client.release.asset.createWithId({ releaseId: spring, assetId: 'i' }, { fields: { title: { 'en-US': 'Image' } } })
  await save(spring, 'b', { ...fields('b in spring'), image: { 'en-US': link('Asset', 'i') } })
  await save(summer, 'a', fields('a in summer'))
  await client.release.entry.createWithId({ releaseId: summer, entryId: 'new', contentTypeId: 'page' }, { fields: fields('new in summer') })
  const day = (n) => new Date(Date.now() + n * 24 * 3600 * 1000)
  for (const [n, id] of [spring, summer].entries()) {
    await client.scheduledActions.create({}, { entity: link('Release', id), action: 'publish', environment: link('Environment', 'master'), scheduledFor: { datetime: day(n + 1).toISOString() } })
  }

  const titles = async (timelinePreview) => {
    const preview = reader(space.id, space.preview, { timelinePreview })
    return (await preview.getEntries({ content_type: 'page', order: 'fields.title' })).items.map((e) => e.fields.title)
  }
  assert.deepEqual(await titles({ timestamp: { lte: day(0) } }), ['a now', 'b now'])
  assert.deepEqual(await titles({ release: { lte: spring } }), ['a now', 'b in spring'])
  assert.deepEqual(await titles({ timestamp: { lte: day(1.5).toISOString() } }), ['a now', 'b in spring'])
  assert.deepEqual(await titles({ release: { lte: summer } }), ['a in summer', 'b in spring', 'new in summer'])
  assert.deepEqual(await titles({ release: { lte: summer }, timestamp: { lte: day(0) } }), ['a in summer', 'b now', 'new in summer'])

  const preview = reader(space.id, space.preview, { timelinePreview: { release: { lte: summer } } })
  const a = await preview.getEntry('a')
  assert.deepEqual([a.fields.next.fields.title, a.fields.next.fields.image.fields.title], ['b in spring', 'Image'])
  assert.equal((await preview.getAsset('i')).fields.title, 'Image')
  assert.equal((await preview.getAssets()).total, 1)
  const query = { content_type: 'page', order: 'sys.id', limit: 2 }
  const first = await preview.getEntriesWithCursor(query)
  const second = await preview.getEntriesWithCursor({ ...query, pageNext: first.pages.next })
  assert.deepEqual([first, second].map((page) => page.items.map((e) => e.sys.id)), [['a', 'b'], ['new']])
  await assert.rejects(reader(space.id, space.preview, { timelinePreview: { release: { lte: 'nobody' } } }).getEntries(), { name: 'NotFound' })
})
