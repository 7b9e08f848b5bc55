// The delivery SDK and entries of another space: with that space's token in the
// documented header they are resolved like all others.
import assert from 'node:assert/strict'
import test from 'node:test'
import { management, newSpace, reader } from '../lib/target.mjs'

test('entries of another space are resolved with its token', async () => {
  const far = await newSpace('Far')
  const there = management({ spaceId: far.id, environmentId: 'master' })
  const thing = await there.contentType.createWithId({ contentTypeId: 'thing' }, {
    name: 'Thing', displayField: 'name', fields: [{ id: 'name', name: 'Name', type: 'Symbol', localized: false, required: false }],
  })
  await there.contentType.publish({ contentTypeId: 'thing' }, thing)
  const entry = await there.entry.createWithId({ entryId: 'seen', contentTypeId: 'thing' }, { fields: { name: { 'en-US': 'from afar' } } })
  await there.entry.publish({ entryId: 'seen' }, entry)

  const near = await newSpace('Near')
  const here = management({ spaceId: near.id, environmentId: 'master' })
  const source = `crn:contentful:::content:spaces/${far.id}`
  const linker = await here.contentType.createWithId({ contentTypeId: 'linker' }, {
    name: 'Linker',
    fields: [{ id: 'one', name: 'One', type: 'ResourceLink', localized: false, required: false, allowedResources: [{ type: 'Contentful:Entry', source, contentTypes: ['thing'] }] }],
  })
  await here.contentType.publish({ contentTypeId: 'linker' }, linker)
  const link = { sys: { type: 'ResourceLink', linkType: 'Contentful:Entry', urn: `${source}/entries/seen` } }
  const linking = await here.entry.createWithId({ entryId: 'linking', contentTypeId: 'linker' }, { fields: { one: { 'en-US': link } } })
  await here.entry.publish({ entryId: 'linking' }, linking)

  const tokens = Buffer.from(JSON.stringify({ spaces: { [far.id]: far.delivery } })).toString('base64')
  const withTokens = reader(near.id, near.delivery, { headers: { 'x-contentful-resource-resolution': tokens } })
  assert.equal((await withTokens.getEntries()).items[0].fields.one.fields.name, 'from afar')
  assert.deepEqual((await reader(near.id, near.delivery).getEntries()).items[0].fields.one, link)
})
