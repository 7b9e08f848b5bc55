// Every way in which the delivery SDK asks and resolves, on http and https, with
// what comes of it.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { httpsHost, management, newSpace, reader } from '../lib/target.mjs'

let space, locales, reads
const link = (id, linkType = 'Entry') => ({ sys: { type: 'Link', linkType, id } })

before(async () => {
  space = await newSpace('Queries')
  const client = management({ spaceId: space.id, environmentId: 'master' })
  for (const [code, fallbackCode] of [['de', 'en-US'], ['de-AT', 'de'], ['es', null]]) await client.locale.create({}, { name: code, code, fallbackCode })
  await client.locale.create({}, { name: 'hidden', code: 'ja', fallbackCode: 'en-US', contentDeliveryApi: false })
  await client.tag.createWithId({ tagId: 'stars' }, { name: 'Stars', sys: { visibility: 'public' } })
  await client.tag.createWithId({ tagId: 'secret' }, { name: 'Secret', sys: { visibility: 'private' } })
  const field = (id, type, more = {}) => ({ id, name: id, type, localized: false, required: false, ...more })
  const cat = await client.contentType.createWithId({ contentTypeId: 'cat' }, {
    name: 'Cat', displayField: 'name', description: 'Meow',
    fields: [
      field('name', 'Symbol', { localized: true }), field('color', 'Symbol'), field('likes', 'Array', { items: { type: 'Symbol' } }),
      field('about', 'Text', { localized: true }), field('lives', 'Integer'), field('weight', 'Number'), field('birthday', 'Date'), field('indoor', 'Boolean'),
      field('home', 'Location'), field('profile', 'RichText'), field('chip', 'Object'), field('bestFriend', 'Link', { linkType: 'Entry' }),
      field('friends', 'Array', { items: { type: 'Link', linkType: 'Entry' } }), field('image', 'Link', { linkType: 'Asset' }),
    ],
  })
  await client.contentType.publish({ contentTypeId: 'cat' }, cat)

  const upload = await client.upload.create({}, { file: 'Twice a day.' })
  let asset = await client.asset.createWithId({ assetId: 'manual' }, { fields: {
    title: { 'en-US': 'Manual', de: 'Anleitung' },
    file: { 'en-US': { fileName: 'manual.txt', contentType: 'text/plain', uploadFrom: link(upload.sys.id, 'Upload') } },
  } })
  asset = await client.asset.processForAllLocales({}, asset, { processingCheckWait: 100 })
  await client.asset.publish({ assetId: 'manual' }, asset)

  const cats = {
    happy: { name: { 'en-US': 'Happy Cat', de: 'Zufriedene Katze' }, color: 'gray', likes: ['cheezburger'], lives: 1, weight: 4.5, birthday: '2003-10-28',
      indoor: true, home: { lat: 37.77, lon: -122.42 }, bestFriend: link('nyan'), image: link('manual', 'Asset'), about: { 'en-US': 'Wants bacon, and pancakes' } },
    nyan: { name: { 'en-US': 'Nyan Cat', ja: 'hidden' }, color: 'rainbow', likes: ['rainbows', 'fish'], lives: 1337, weight: 0.5, birthday: '2011-04-04T22:00+00:00',
      indoor: false, home: { lat: 52.52, lon: 13.4 }, bestFriend: link('happy'), chip: { code: [4, 7, 1] } },
    garfield: { name: { 'en-US': 'Garfield', es: 'Garfield el gato' }, color: 'orange', likes: ['lasagna'], lives: 9, weight: 11, birthday: '1979-06-18', indoor: true,
      friends: [link('happy'), link('grumpy'), link('nyan')], about: { 'en-US': 'Bacon for breakfast; no pancakes' },
      profile: { nodeType: 'document', data: {}, content: [
        { nodeType: 'paragraph', data: {}, content: [{ nodeType: 'text', value: 'Hates Mondays', marks: [], data: {} }] },
        { nodeType: 'embedded-asset-block', data: { target: link('manual', 'Asset') }, content: [] }] } },
    grumpy: { name: { 'en-US': 'Grumpy Cat' }, lives: 3 },
  }
  for (const [entryId, values] of Object.entries(cats)) {
    const fields = Object.fromEntries(Object.entries(values).map(([id, v]) => [id, id === 'name' || id === 'about' ? v : { 'en-US': v }]))
    const metadata = { tags: entryId === 'nyan' ? [link('stars', 'Tag'), link('secret', 'Tag')] : [] }
    await client.entry.createWithId({ entryId, contentTypeId: 'cat' }, { fields, metadata })
  }
  for (const entryId of ['happy', 'nyan', 'garfield']) await client.entry.publish({ entryId }, { sys: { version: 1 } })

  locales = (await client.locale.getMany({})).items
  reads = {
    http: reader(space.id, space.delivery),
    https: reader(space.id, space.delivery, { host: httpsHost, insecure: false }),
  }
})

// onBoth is a test over http and over https.
const onBoth = (name, run) => {
  for (const scheme of ['http', 'https']) test(`${name}, ${scheme}`, () => run(reads[scheme]))
}
const ids = (collection) => collection.items.map((item) => item.sys.id).join()

const queries = [
  [{ 'fields.color': 'orange' }, 'garfield'],
  [{ 'fields.likes': 'fish' }, 'nyan'],
  [{ 'fields.indoor': false }, 'nyan'],
  [{ 'fields.birthday': '2011-04-04T23:00:00+01:00' }, 'nyan'],
  [{ 'fields.color[ne]': 'orange' }, 'happy,nyan'],
  [{ 'fields.color[in]': 'orange,gray' }, 'garfield,happy'],
  [{ 'fields.color[in]': ['orange', 'gray'] }, 'garfield,happy'],
  [{ 'fields.color[nin]': 'orange,gray' }, 'nyan'],
  [{ 'fields.likes[nin]': 'rainbows,lasagna' }, 'happy'],
  [{ 'fields.likes[all]': 'rainbows,fish' }, 'nyan'],
  [{ 'fields.home[exists]': true }, 'happy,nyan'],
  [{ 'fields.home[exists]': false }, 'garfield'],
  [{ 'fields.chip[exists]': true }, 'nyan'],
  [{ 'fields.name[match]': 'cat' }, 'happy,nyan'],
  [{ 'fields.about[match]': 'pancakes bacon' }, 'garfield,happy'],
  [{ 'fields.profile[match]': 'mondays' }, 'garfield'],
  [{ query: 'bacon' }, 'garfield,happy'],
  [{ 'fields.lives[lt]': 9 }, 'happy'],
  [{ 'fields.lives[lte]': 9 }, 'garfield,happy'],
  [{ 'fields.weight[gt]': 4.5 }, 'garfield'],
  [{ 'fields.weight[gte]': 4.5 }, 'garfield,happy'],
  [{ 'fields.birthday[gte]': '1980-01-01', 'fields.birthday[lt]': '2010-01-01T00:00:00Z' }, 'happy'],
  [{ 'fields.home[near]': '52,13', order: undefined }, 'nyan,happy'],
  [{ 'fields.home[within]': '40,-124,36,-120' }, 'happy'],
  [{ 'fields.home[within]': '52.5,13.4,10' }, 'nyan'],
  [{ 'fields.bestFriend.sys.id': 'happy' }, 'nyan'],
  [{ 'fields.friends.sys.id[in]': 'happy,nobody' }, 'garfield'],
  [{ 'fields.bestFriend.sys.contentType.sys.id': 'cat', 'fields.bestFriend.fields.color': 'gray' }, 'nyan'],
  [{ 'fields.friends.sys.contentType.sys.id': 'cat', 'fields.friends.fields.lives[gt]': 1000 }, 'garfield'],
  [{ links_to_entry: 'happy' }, 'garfield,nyan'],
  [{ links_to_asset: 'manual' }, 'garfield,happy'],
  [{ 'metadata.tags.sys.id[in]': 'stars,secret' }, 'nyan'],
  [{ 'metadata.tags[exists]': false }, 'garfield,happy'],
  [{ 'sys.id[nin]': 'happy,nyan' }, 'garfield'],
  [{ 'sys.contentType.sys.id[ne]': 'cat' }, ''],
  [{ 'sys.revision[gte]': 1, order: '-sys.id' }, 'nyan,happy,garfield'],
  [{ order: ['fields.indoor', '-fields.lives'] }, 'nyan,garfield,happy'],
  [{ skip: 1, limit: 1 }, 'happy'],
]

onBoth('each operator', async (client) => {
  for (const [query, want] of queries) {
    assert.equal(ids(await client.getEntries({ content_type: 'cat', order: 'sys.id', ...query })), want, JSON.stringify(query))
  }
  const none = await client.getEntries({ limit: 0 })
  assert.deepEqual([none.total, none.limit, none.items], [3, 0, []])
  const some = await client.getEntries({ content_type: 'cat', 'sys.id': 'nyan', select: ['fields.name', 'fields.color'] })
  assert.deepEqual(some.items[0].fields, { name: 'Nyan Cat', color: 'rainbow' })
})

onBoth('links are resolved, left alone or left out', async (client) => {
  const garfield = async (c, more) => (await c.getEntries({ 'sys.id': 'garfield', ...more })).items[0].fields
  const resolved = await garfield(client)
  assert.deepEqual(resolved.friends.map((f) => f.fields?.name ?? f.sys.linkType), ['Happy Cat', 'Entry', 'Nyan Cat'])
  assert.equal(resolved.profile.content[1].data.target.fields.file.fileName, 'manual.txt')
  assert.equal(resolved.friends[0].fields.image.fields.title, 'Manual') // assets come one level further
  assert.equal(resolved.friends[0].fields.bestFriend.sys.id, 'nyan')
  assert.deepEqual((await garfield(client.withoutUnresolvableLinks)).friends.map((f) => f.fields.name), ['Happy Cat', 'Nyan Cat'])
  assert.deepEqual((await garfield(client.withoutLinkResolution)).friends, [link('happy'), link('grumpy'), link('nyan')])
  assert.deepEqual((await garfield(client, { include: 0 })).friends, [link('happy'), link('grumpy'), link('nyan')])
  const one = await client.withoutUnresolvableLinks.getEntry('garfield')
  assert.deepEqual(one.fields.friends.map((f) => f.sys.id), ['happy', 'nyan'])

  const raw = await client.withoutLinkResolution.getEntries({ 'sys.id': 'garfield' })
  assert.deepEqual(raw.errors.map((e) => e.details), [{ type: 'Link', linkType: 'Entry', id: 'grumpy' }])
  assert.deepEqual(raw.includes.Entry.map((e) => e.sys.id), ['happy', 'nyan'])
  assert.deepEqual(raw.includes.Asset.map((a) => a.sys.id), ['manual'])
  const answer = () => JSON.parse(JSON.stringify(raw)) // what the SDK has parsed once it does not parse again
  assert.equal(client.parseEntries(answer()).items[0].fields.friends[2].fields.name, 'Nyan Cat')
  assert.deepEqual(client.withoutUnresolvableLinks.parseEntries(answer()).items[0].fields.friends.map((f) => f.fields.name), ['Happy Cat', 'Nyan Cat'])
})

onBoth('locales: one, with fallbacks, and all', async (client) => {
  const name = async (locale) => (await client.getEntry('happy', { locale })).fields.name
  assert.deepEqual([await name('en-US'), await name('de'), await name('de-AT'), await name('es')], ['Happy Cat', 'Zufriedene Katze', 'Zufriedene Katze', undefined])
  assert.equal((await client.getEntry('happy', { locale: 'de-AT' })).sys.locale, 'de-AT')
  assert.equal((await client.getEntry('happy', { locale: 'es' })).fields.color, 'gray') // not localized
  assert.equal((await client.getAsset('manual', { locale: 'de-AT' })).fields.title, 'Anleitung')
  await assert.rejects(client.getEntry('happy', { locale: 'ja' }), { name: 'BadRequest' })

  const all = await client.withAllLocales.getEntries({ 'sys.id': 'garfield' })
  assert.deepEqual(all.items[0].fields.name, { 'en-US': 'Garfield', es: 'Garfield el gato' })
  assert.equal(all.items[0].sys.locale, undefined)
  assert.deepEqual(all.items[0].fields.friends['en-US'].map((f) => f.fields?.name['en-US']), ['Happy Cat', undefined, 'Nyan Cat'])
  assert.deepEqual(all.items[0].fields.friends['en-US'][2].fields.name, { 'en-US': 'Nyan Cat' }) // not the hidden one
  assert.deepEqual((await client.withAllLocales.withoutUnresolvableLinks.getEntry('garfield')).fields.friends['en-US'].map((f) => f.sys.id), ['happy', 'nyan'])
  assert.deepEqual((await client.withAllLocales.withoutLinkResolution.getEntry('garfield')).fields.friends, { 'en-US': [link('happy'), link('grumpy'), link('nyan')] })
  assert.deepEqual((await client.withAllLocales.getAsset('manual')).fields.title, { 'en-US': 'Manual', de: 'Anleitung' })
})

onBoth('assets, tags, content types, locales', async (client) => {
  const assets = async (query) => ids(await client.getAssets(query))
  assert.deepEqual([await assets(), await assets({ mimetype_group: 'plaintext' }), await assets({ mimetype_group: 'image' })], ['manual', 'manual', ''])
  assert.deepEqual([await assets({ 'fields.title[match]': 'man' }), await assets({ 'fields.file.details.size[gt]': 12 })], ['manual', ''])
  const { url, details, ...file } = (await client.getAsset('manual')).fields.file
  assert.deepEqual([file, details], [{ fileName: 'manual.txt', contentType: 'text/plain' }, { size: 12 }])
  assert.match(url, /^\/\/.*\/manual\.txt$/)

  const tags = await client.getTags({ order: 'name' })
  assert.deepEqual(tags.items.map((t) => [t.sys.id, t.name, t.sys.visibility]), [['stars', 'Stars', 'public']])
  assert.equal((await client.getTag('stars')).name, 'Stars')
  await assert.rejects(client.getTag('secret'), { name: 'NotFound' })

  assert.equal(ids(await client.getContentTypes({ query: 'meow' })), 'cat')
  assert.equal((await client.getContentType('cat')).fields.length, 14)
  const delivered = (await client.getLocales()).items
  const want = locales.filter((l) => l.code !== 'ja').map((l) => [l.code, l.fallbackCode, l.default])
  assert.deepEqual(delivered.map((l) => [l.code, l.fallbackCode, l.default]).sort(), want.sort())
})

onBoth('pages by cursor, of entries and assets', async (client) => {
  for (const c of [client, client.withAllLocales, client.withoutLinkResolution, client.withoutUnresolvableLinks]) {
    const first = await c.getEntriesWithCursor({ order: 'sys.id', limit: 2 })
    const second = await c.getEntriesWithCursor({ pageNext: first.pages.next })
    const again = await c.getEntriesWithCursor({ pagePrev: second.pages.prev })
    assert.deepEqual([ids(first), ids(second), ids(again)], ['garfield,happy', 'nyan', 'garfield,happy'])
    assert.deepEqual([first.total, first.pages.prev, second.pages.next, again.pages.prev], [undefined, undefined, undefined, undefined])
  }
  const assets = await client.getAssetsWithCursor({ limit: 1 })
  assert.deepEqual([ids(assets), assets.pages], ['manual', {}])
})

test('preview resolves drafts, over https', async () => {
  const preview = reader(space.id, space.preview, { host: httpsHost, insecure: false })
  const friends = (await preview.withoutUnresolvableLinks.getEntry('garfield')).fields.friends
  assert.deepEqual(friends.map((f) => f.fields.name), ['Happy Cat', 'Grumpy Cat', 'Nyan Cat'])
  assert.equal(ids(await preview.getEntries({ content_type: 'cat', 'fields.lives[lte]': 3, order: 'fields.lives' })), 'happy,grumpy')
})
