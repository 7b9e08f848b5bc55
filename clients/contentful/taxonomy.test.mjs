// Every method that the delivery client has for the taxonomy, and content found by it.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { httpsHost, management, newSpace, reader } from '../lib/target.mjs'

const concept = (id) => ({ sys: { type: 'Link', linkType: 'TaxonomyConcept', id: `td-${id}` } })
const ids = (list) => list.items.map((item) => item.sys.id.replace(/^td-/, ''))
let space, clients

before(async () => {
  space = await newSpace('Taxonomy of readers')
  const client = management({ spaceId: space.id, environmentId: 'master' })
  const organizationId = (await client.organization.getAll()).items[0].sys.id
  for (const [id, broader] of [['animal', []], ['dog', ['animal']], ['poodle', ['dog']], ['red', []]]) {
    await client.concept.createWithId({ organizationId, conceptId: `td-${id}` }, { prefLabel: { 'en-US': `Reader's ${id}`, de: id }, altLabels: { 'en-US': [`${id}s`] }, broader: broader.map(concept) })
  }
  await client.conceptScheme.createWithId({ organizationId, conceptSchemeId: 'td-animals' }, { prefLabel: { 'en-US': 'Animals' }, concepts: ['animal', 'dog', 'poodle'].map(concept), topConcepts: [concept('animal')] })
  const type = await client.contentType.createWithId({ contentTypeId: 'pet' }, { name: 'Pet', fields: [{ id: 'name', name: 'Name', type: 'Symbol', localized: false, required: false }] })
  await client.contentType.publish({ contentTypeId: 'pet' }, type)
  for (const [id, ...concepts] of [['fido', 'dog', 'red'], ['fifi', 'poodle'], ['rock']]) {
    const entry = await client.entry.createWithId({ contentTypeId: 'pet', entryId: id }, { fields: { name: { 'en-US': id } }, metadata: { tags: [], concepts: concepts.map(concept) } })
    await client.entry.publish({ entryId: id }, entry)
  }
  clients = { delivery: reader(space.id, space.delivery), preview: reader(space.id, space.preview), https: reader(space.id, space.delivery, { host: httpsHost, insecure: false }) }
})

for (const name of ['delivery', 'preview', 'https']) {
  test(name, async () => {
    const client = clients[name]
    const dog = await client.getConcept('td-dog')
    assert.deepEqual(Object.keys(dog.sys).sort(), ['createdAt', 'id', 'type', 'updatedAt', 'version'])
    assert.deepEqual([dog.prefLabel, dog.altLabels, dog.broader, dog.conceptSchemes, dog.note],
      [{ 'en-US': "Reader's dog", de: 'dog' }, { 'en-US': ['dogs'], de: [] }, [concept('animal')], [{ sys: { type: 'Link', linkType: 'TaxonomyConceptScheme', id: 'td-animals' } }], null])

    assert.deepEqual(ids(await client.getConcepts({ conceptScheme: 'td-animals', order: '-prefLabel' })), ['poodle', 'dog', 'animal'])
    const first = await client.getConcepts({ conceptScheme: 'td-animals', limit: 2 })
    assert.deepEqual([ids(first), first.limit, first.pages.prev], [['animal', 'dog'], 2, undefined])
    const token = new URL(first.pages.next, 'https://example.com').searchParams.get('pageNext')
    assert.deepEqual(ids(await client.getConcepts({ pageNext: token })), ['poodle'])
    const last = await client.getConcepts({ nextPage: token }) // as its types spell it
    assert.deepEqual([ids(last), last.pages.next], [['poodle'], undefined])

    assert.deepEqual(ids(await client.getConceptAncestors('td-poodle')), ['animal', 'dog'])
    assert.deepEqual(ids(await client.getConceptAncestors('td-poodle', { depth: 1, order: 'sys.updatedAt' })), ['dog'])
    assert.deepEqual(ids(await client.getConceptDescendants('td-animal', { order: '-prefLabel' })), ['poodle', 'dog'])

    const scheme = await client.getConceptScheme('td-animals')
    assert.deepEqual([scheme.sys.type, scheme.totalConcepts, scheme.topConcepts, scheme.definition], ['TaxonomyConceptScheme', 3, [concept('animal')], null])
    assert.ok(ids(await client.getConceptSchemes({ limit: 1000 })).includes('animals'))

    for (const [query, found] of [
      [{ 'metadata.concepts.descendants[in]': ['td-animal'] }, ['fido', 'fifi']], [{ 'metadata.concepts.descendants[in]': ['td-poodle', 'td-red'] }, ['fido', 'fifi']],
      [{ 'metadata.concepts.sys.id[in]': ['td-animal', 'td-red'] }, ['fido']], [{ 'metadata.concepts.sys.id[all]': ['td-dog', 'td-red'] }, ['fido']],
      [{ 'metadata.concepts.sys.id[nin]': ['td-dog'] }, ['fifi', 'rock']], [{ 'metadata.concepts[exists]': false }, ['rock']],
    ]) {
      assert.deepEqual(ids(await client.getEntries({ ...query, content_type: 'pet', order: 'sys.id' })), found, JSON.stringify(query))
    }
    const [fido] = (await client.getEntries({ 'sys.id': 'fido' })).items
    assert.deepEqual(fido.metadata.concepts, [concept('dog'), concept('red')])

    await assert.rejects(client.getConcept('td-nobody'), (error) => error.name === 'NotFound' && JSON.parse(error.message).status === 404)
    await assert.rejects(client.getConcepts({ order: 'name' }), (error) => error.name === 'InvalidQuery')
  })
}
