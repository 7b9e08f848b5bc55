// Every method that the plain management client has for the taxonomy of an
// organization, and concepts on content.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { management, newSpace } from '../lib/target.mjs'

const client = management()
const concept = (id) => ({ sys: { type: 'Link', linkType: 'TaxonomyConcept', id } })
const ids = (list) => list.items.map((item) => item.sys.id)
// Others write to the same organization: what is made here is told by its name.
const own = (name) => `tm-${name}`
let organizationId

async function failsWith(name, status, call) {
  try {
    await call()
  } catch (error) {
    assert.equal(error.name, name, error.message)
    const told = JSON.parse(error.message)
    assert.equal(told.status, status)
    return told
  }
  assert.fail(`expected ${name}`)
}

before(async () => {
  organizationId = (await client.organization.getAll()).items[0].sys.id
})

test('concepts', async () => {
  const countBefore = (await client.concept.getTotal({ organizationId })).total
  const generated = await client.concept.create({ organizationId }, { prefLabel: { 'en-US': 'Generated' } })
  assert.match(generated.sys.id, /^\w{22}$/)
  assert.deepEqual([generated.sys.type, generated.sys.version, generated.uri, generated.notations, generated.altLabels, generated.note], ['TaxonomyConcept', 1, null, [], { 'en-US': [] }, null])
  const furniture = await client.concept.createWithId({ organizationId, conceptId: own('furniture') }, { prefLabel: { 'en-US': 'Furniture' }, notations: ['F1'] })
  await client.concept.createWithId({ organizationId, conceptId: own('chair') }, { prefLabel: { 'en-US': 'Chair', de: 'Stuhl' }, broader: [concept(own('furniture'))] })
  await client.concept.createWithId({ organizationId, conceptId: own('stool') }, { prefLabel: { 'en-US': 'Stool' }, broader: [concept(own('chair'))] })
  assert.equal((await client.concept.getTotal({ organizationId })).total, countBefore + 4)
  assert.deepEqual(await client.concept.get({ organizationId, conceptId: own('furniture') }), furniture)

  const patched = await client.concept.patch({ organizationId, conceptId: own('stool'), version: 1 }, [{ op: 'add', path: '/related', value: [concept(own('furniture'))] }])
  assert.deepEqual([patched.sys.version, patched.related, patched.broader], [2, [concept(own('furniture'))], [concept(own('chair'))]])
  const updated = await client.concept.update({ organizationId, conceptId: own('stool'), version: 2 }, { ...patched, related: [], definition: { 'en-US': 'A chair without a back' } })
  assert.deepEqual([updated.sys.version, updated.related, updated.definition], [3, [], { 'en-US': 'A chair without a back' }])

  const below = await client.concept.getDescendants({ organizationId, conceptId: own('furniture'), query: { order: 'prefLabel' } })
  assert.deepEqual(ids(below), [own('chair'), own('stool')])
  assert.deepEqual(ids(await client.concept.getDescendants({ organizationId, conceptId: own('furniture'), query: { depth: 1 } })), [own('chair')])
  assert.deepEqual(ids(await client.concept.getAncestors({ organizationId, conceptId: own('stool'), query: { order: '-prefLabel' } })), [own('furniture'), own('chair')])

  // page by page, as the client goes on
  const seen = []
  for (let page = await client.concept.getMany({ organizationId, query: { limit: 2, order: 'sys.createdAt' } }); ; ) {
    assert.ok(page.items.length <= 2 && page.total === undefined)
    seen.push(...ids(page))
    if (!page.pages.next) break
    page = await client.concept.getMany({ organizationId, query: { pageUrl: page.pages.next } })
  }
  assert.equal(seen.length, new Set(seen).size)
  for (const id of ['furniture', 'chair', 'stool']) assert.ok(seen.includes(own(id)))
  assert.deepEqual(ids(await client.concept.getMany({ organizationId, query: { query: 'stuhl' } })), [own('chair')])

  await client.concept.delete({ organizationId, conceptId: generated.sys.id, version: 1 })
  await failsWith('NotFound', 404, () => client.concept.get({ organizationId, conceptId: generated.sys.id }))
})

test('concept schemes', async () => {
  await client.concept.createWithId({ organizationId, conceptId: own('red') }, { prefLabel: { 'en-US': 'Red' } })
  await client.concept.createWithId({ organizationId, conceptId: own('blue') }, { prefLabel: { 'en-US': 'Blue' } })
  const colors = await client.conceptScheme.createWithId({ organizationId, conceptSchemeId: own('colors') }, { prefLabel: { 'en-US': 'Colors' }, concepts: [concept(own('red'))], topConcepts: [concept(own('red'))] })
  assert.deepEqual([colors.sys.type, colors.sys.version, colors.totalConcepts, colors.definition], ['TaxonomyConceptScheme', 1, 1, null])
  const generated = await client.conceptScheme.create({ organizationId }, { prefLabel: { 'en-US': 'Generated' } })
  assert.deepEqual(await client.conceptScheme.get({ organizationId, conceptSchemeId: own('colors') }), colors)
  const patched = await client.conceptScheme.patch({ organizationId, conceptSchemeId: own('colors'), version: 1 }, [{ op: 'add', path: '/concepts/-', value: concept(own('blue')) }])
  assert.deepEqual([patched.sys.version, patched.totalConcepts], [2, 2])
  const updated = await client.conceptScheme.update({ organizationId, conceptSchemeId: own('colors'), version: 2 }, { ...patched, definition: { 'en-US': 'All of them' } })
  assert.deepEqual([updated.sys.version, updated.definition, updated.concepts], [3, { 'en-US': 'All of them' }, patched.concepts])
  assert.deepEqual((await client.concept.get({ organizationId, conceptId: own('blue') })).conceptSchemes, [{ sys: { type: 'Link', linkType: 'TaxonomyConceptScheme', id: own('colors') } }])
  assert.deepEqual(ids(await client.concept.getMany({ organizationId, query: { conceptScheme: own('colors'), order: 'prefLabel' } })), [own('blue'), own('red')])
  assert.ok((await client.conceptScheme.getTotal({ organizationId })).total >= 2)
  assert.ok(ids(await client.conceptScheme.getMany({ organizationId, query: { limit: 1000, purpose: 'internal' } })).includes(own('colors')))
  await client.conceptScheme.delete({ organizationId, conceptSchemeId: generated.sys.id, version: 1 })
  await failsWith('NotFound', 404, () => client.conceptScheme.get({ organizationId, conceptSchemeId: generated.sys.id }))
})

test('what cannot be', async () => {
  await client.concept.createWithId({ organizationId, conceptId: own('one') }, { prefLabel: { 'en-US': 'One' } })
  await failsWith('VersionMismatch', 409, () => client.concept.createWithId({ organizationId, conceptId: own('one') }, { prefLabel: { 'en-US': 'One' } }))
  await failsWith('VersionMismatch', 409, () => client.concept.delete({ organizationId, conceptId: own('one'), version: 7 }))
  const withoutVersion = await failsWith('ValidationFailed', 422, () => client.concept.delete({ organizationId, conceptId: own('one') }))
  assert.equal(withoutVersion.details.errors[0].name, 'too_small') // the client sends 0 then
  const lost = await failsWith('ValidationFailed', 422, () => client.concept.create({ organizationId }, { prefLabel: { 'en-US': 'X' }, broader: [concept('nobody')] }))
  assert.equal(lost.message, 'Failed to find concept: nobody')
})

test('concepts on content', async () => {
  const space = await newSpace('Taxonomy')
  const client = management({ spaceId: space.id, environmentId: 'master', organizationId })
  await client.concept.createWithId({ conceptId: own('genre') }, { prefLabel: { 'en-US': 'Genre' } })
  await client.concept.createWithId({ conceptId: own('crime') }, { prefLabel: { 'en-US': 'Crime' }, broader: [concept(own('genre'))] })
  const type = await client.contentType.createWithId({ contentTypeId: 'book' }, {
    name: 'Book', fields: [{ id: 'title', name: 'Title', type: 'Symbol', localized: false, required: false }],
    metadata: { taxonomy: [{ sys: { type: 'Link', linkType: 'TaxonomyConcept', id: own('genre') }, required: true }] },
  })
  assert.deepEqual(type.metadata.taxonomy, [{ sys: { type: 'Link', linkType: 'TaxonomyConcept', id: own('genre') }, required: true }])
  await client.contentType.publish({ contentTypeId: 'book' }, type)

  const metadata = (...names) => ({ tags: [], concepts: names.map((name) => concept(own(name))) })
  await failsWith('UnresolvedLinks', 422, () => client.entry.create({ contentTypeId: 'book' }, { fields: {}, metadata: metadata('nobody') }))
  let entry = await client.entry.createWithId({ contentTypeId: 'book', entryId: 'one' }, { fields: {}, metadata: metadata() })
  await failsWith('InvalidEntry', 422, () => client.entry.publish({ entryId: 'one' }, entry))
  entry = await client.entry.update({ entryId: 'one' }, { ...entry, metadata: metadata('crime') })
  entry = await client.entry.publish({ entryId: 'one' }, entry)
  assert.deepEqual(entry.metadata.concepts, [concept(own('crime'))])
  for (const [query, found] of [[{ 'metadata.concepts.descendants[in]': own('genre') }, 1], [{ 'metadata.concepts.sys.id[in]': own('genre') }, 0], [{ 'metadata.concepts.sys.id[all]': own('crime') }, 1]]) {
    assert.equal((await client.entry.getMany({ query })).total, found, JSON.stringify(query))
  }
})
