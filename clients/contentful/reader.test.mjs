// The delivery SDK against a space with links, locales and a draft.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { httpsHost, management, newSpace, reader } from '../lib/target.mjs'

let space
const link = (id, linkType = 'Entry') => ({ sys: { type: 'Link', linkType, id } })

before(async () => {
  space = await newSpace('Reader')
  const client = management({ spaceId: space.id, environmentId: 'master' })
  await client.locale.create({}, { name: 'German', code: 'de-DE', fallbackCode: 'en-US' })
  const type = await client.contentType.createWithId({ contentTypeId: 'node' }, {
    name: 'Node', displayField: 'name',
    fields: [
      { id: 'name', name: 'Name', type: 'Symbol', localized: true, required: false },
      { id: 'rank', name: 'Rank', type: 'Integer', localized: false, required: false },
      { id: 'next', name: 'Next', type: 'Link', linkType: 'Entry', localized: false, required: false },
      { id: 'body', name: 'Body', type: 'RichText', localized: false, required: false },
    ],
  })
  await client.contentType.publish({ contentTypeId: 'node' }, type)
  const body = {
    nodeType: 'document', data: {},
    content: [{ nodeType: 'embedded-entry-block', data: { target: link('n4') }, content: [] }],
  }
  const fields = {
    n1: { name: { 'en-US': 'one', 'de-DE': 'eins' }, rank: { 'en-US': 1 }, next: { 'en-US': link('n2') } },
    n2: { name: { 'en-US': 'two' }, rank: { 'en-US': 2 }, next: { 'en-US': link('n3') } },
    n3: { name: { 'en-US': 'three' }, rank: { 'en-US': 3 }, next: { 'en-US': link('n1') }, body: { 'en-US': body } },
    n4: { name: { 'en-US': 'four' }, rank: { 'en-US': 4 } },
    draft: { name: { 'en-US': 'draft' }, rank: { 'en-US': 5 } },
  }
  for (const [entryId, f] of Object.entries(fields)) await client.entry.createWithId({ entryId, contentTypeId: 'node' }, { fields: f })
  for (const entryId of ['n1', 'n2', 'n3', 'n4']) await client.entry.publish({ entryId }, { sys: { version: 1 } })
})

test('links are resolved as deep as asked, cycles included', async () => {
  const { items } = await reader(space.id, space.delivery).getEntries({ content_type: 'node', 'sys.id': 'n1', include: 3 })
  assert.equal(items[0].fields.next.fields.next.fields.name, 'three')
  assert.equal(items[0].fields.next.fields.next.fields.next.sys.id, 'n1')
  assert.equal(items[0].fields.next.fields.next.fields.body.content[0].data.target.fields.name, 'four')
})

test('queries, order, pages', async () => {
  const client = reader(space.id, space.delivery)
  const ids = async (query) => (await client.getEntries({ content_type: 'node', ...query })).items.map((e) => e.sys.id)
  assert.deepEqual(await ids({ order: '-fields.rank' }), ['n4', 'n3', 'n2', 'n1'])
  assert.deepEqual(await ids({ 'fields.rank[gte]': 2, 'fields.rank[lt]': 4, order: 'fields.rank' }), ['n2', 'n3'])
  assert.deepEqual(await ids({ 'fields.name[in]': 'one,four', order: 'sys.id' }), ['n1', 'n4'])
  assert.deepEqual(await ids({ 'fields.body[exists]': true }), ['n3'])
  assert.deepEqual(await ids({ order: 'fields.rank', skip: 1, limit: 2 }), ['n2', 'n3'])
  const some = await client.getEntries({ content_type: 'node', select: 'fields.name', order: 'sys.id', limit: 1 })
  assert.deepEqual(some.items[0].fields, { name: 'one' })
})

test('pages by cursor, there and back', async () => {
  const client = reader(space.id, space.delivery)
  const names = (page) => page.items.map((e) => e.fields.name).join()
  const first = await client.getEntriesWithCursor({ content_type: 'node', order: ['-fields.rank'], limit: 3 })
  assert.equal(names(first), 'four,three,two')
  const second = await client.getEntriesWithCursor({ pageNext: first.pages.next })
  assert.equal(names(second), 'one')
  assert.equal(second.pages.next, undefined)
  assert.equal(names(await client.getEntriesWithCursor({ pagePrev: second.pages.prev })), 'four,three,two')
})

test('locales: asked for, fallback, all', async () => {
  const client = reader(space.id, space.delivery)
  const german = await client.getEntries({ locale: 'de-DE', order: 'sys.id', content_type: 'node' })
  assert.deepEqual(german.items.map((e) => e.fields.name), ['eins', 'two', 'three', 'four'])
  const all = await client.withAllLocales.getEntry('n1')
  assert.deepEqual(all.fields.name, { 'en-US': 'one', 'de-DE': 'eins' })
  await assert.rejects(client.getEntries({ locale: 'xx' }), { name: 'BadRequest' })
})

test('drafts are for the preview key only', async () => {
  const preview = reader(space.id, space.preview)
  assert.equal((await preview.getEntry('draft')).fields.name, 'draft')
  // the SDK asks by query and words this one itself
  await assert.rejects(reader(space.id, space.delivery).getEntry('draft'), { message: 'The resource could not be found.' })
})

test('content types, locales, space, over https too', async () => {
  const client = reader(space.id, space.delivery, { host: httpsHost, insecure: false })
  assert.equal((await client.getContentType('node')).displayField, 'name')
  assert.deepEqual((await client.getLocales()).items.map((l) => l.code).sort(), ['de-DE', 'en-US'])
  assert.equal((await client.getSpace()).name, 'Reader')
})

test('what goes wrong is named', async () => {
  const client = reader(space.id, space.delivery)
  const fails = async (query) => {
    try {
      await client.getEntries(query)
    } catch (error) {
      return [error.name, JSON.parse(error.message).details.errors?.map((e) => e.name) ?? []]
    }
  }
  assert.deepEqual(await fails({ some: 'thing' }), ['InvalidQuery', ['unknown']])
  assert.deepEqual(await fails({ content_type: 'node', 'fields.colour': 'red' }), ['InvalidQuery', ['unknown']])
  assert.deepEqual(await fails({ content_type: 'nope' }), ['InvalidQuery', ['unknownContentType']])
  await assert.rejects(reader(space.id, 'wrong').getEntries(), { name: 'AccessTokenInvalid' })
})
