// What the delivery SDK gets of entries that are published in some locales, with and
// without asking for published locales only.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { httpsHost, management, newSpace, reader } from '../lib/target.mjs'

let reads, preview

before(async () => {
  const space = await newSpace('Published locales')
  const client = management({ spaceId: space.id, environmentId: 'master' })
  await client.locale.create({}, { name: 'German', code: 'de', fallbackCode: 'en-US', optional: true })
  const type = await client.contentType.createWithId({ contentTypeId: 'post' }, {
    name: 'Post', displayField: 'title', fields: [
      { id: 'title', name: 'Title', type: 'Symbol', localized: true, required: false },
      { id: 'next', name: 'Next', type: 'Link', linkType: 'Entry', localized: false, required: false },
    ],
  })
  await client.contentType.publish({ contentTypeId: 'post' }, type)
  for (const [entryId, locales, next] of [['english', ['en-US']], ['german', ['de']], ['both', undefined, 'english']]) {
    const fields = { title: { 'en-US': `${entryId} E`, de: `${entryId} D` } }
    if (next) fields.next = { 'en-US': { sys: { type: 'Link', linkType: 'Entry', id: next } } }
    const entry = await client.entry.createWithId({ entryId, contentTypeId: 'post' }, { fields })
    await client.entry.publish({ entryId, locales }, entry)
  }
  preview = reader(space.id, space.preview)
  reads = { http: reader(space.id, space.delivery), https: reader(space.id, space.delivery, { host: httpsHost, insecure: false }) }
})

const ids = (collection) => collection.items.map((e) => e.sys.id).sort()
const query = (more) => ({ content_type: 'post', order: 'sys.id', ...more })

for (const scheme of ['http', 'https']) {
  test(`published locales only, ${scheme}`, async () => {
    const plain = reads[scheme]
    const based = plain.withLocaleBasedPublishing
    for (const [locale, everything, published] of [
      ['en-US', ['both', 'english', 'german'], ['both', 'english']],
      ['de', ['both', 'english', 'german'], ['both', 'german']],
    ]) {
      assert.deepEqual(ids(await plain.getEntries(query({ locale }))), everything)
      assert.deepEqual(ids(await based.getEntries(query({ locale }))), published)
    }
    // without asking, a fallback shows in German what is published in English only
    assert.equal((await plain.getEntry('english', { locale: 'de' })).fields.title, 'english E')
    await assert.rejects(based.getEntry('english', { locale: 'de' }), /could not be found/) // by the SDK: it asks by a search
    assert.equal((await based.getEntry('german', { locale: 'de' })).fields.title, 'german D')
    assert.deepEqual((await plain.getEntry('german', {})).fields, {})

    const all = await based.withAllLocales.getEntries(query())
    assert.deepEqual(all.items.map((e) => e.fields.title), [{ 'en-US': 'both E', de: 'both D' }, { 'en-US': 'english E' }, { de: 'german D' }])

    // a link leads to what is published in the locale
    const [english] = (await based.getEntries(query({ 'sys.id': 'both' }))).items
    assert.equal(english.fields.next.fields.title, 'english E')
    const german = await based.withoutUnresolvableLinks.getEntries(query({ 'sys.id': 'both', locale: 'de' }))
    assert.equal(german.items[0].fields.next, undefined)
    assert.deepEqual(german.errors.map((e) => [e.sys.id, e.details.id]), [['notResolvable', 'english']])
  })
}

test('drafts and syncs', async () => {
  assert.deepEqual(ids(await preview.withLocaleBasedPublishing.getEntries(query({ locale: 'de' }))), ['both', 'english', 'german'])
  const { entries } = await reads.http.withLocaleBasedPublishing.sync({ initial: true })
  assert.deepEqual(Object.fromEntries(entries.map((e) => [e.sys.id, e.fields.title])), { both: { 'en-US': 'both E', de: 'both D' }, english: { 'en-US': 'english E' }, german: { de: 'german D' } })
})
