// Each kind of error, provoked through the management SDK: by its plain client
// and by the older one, whose answers have methods.
import test, { before } from 'node:test'
import { covered, errorOf, kinds, same, watch } from '../lib/errors.mjs'
import { chained, hibernate, limitedHost, management, newSpace } from '../lib/target.mjs'

const limited = { host: limitedHost, insecure: true }
const words = (text) => ({ 'en-US': text })
const problem = (name, path, details, more = {}) => ({ name, path, details, pointer: path.map((step) => `/${step}`).join(''), ...more })
const resource = 'The resource you sent in the body is invalid.'

let list, space, id, place // of the space that most errors are met in

before(async () => {
  list = await kinds()
  space = await newSpace('Errors')
  place = { spaceId: space.id, environmentId: 'master' }
  const c = management(place)
  const locales = (await c.locale.getMany({})).items
  const german = await c.locale.create({}, { name: 'German', code: 'de', fallbackCode: null })
  await c.locale.create({}, { name: 'Austrian', code: 'de-AT', fallbackCode: 'de' })
  const type = await c.contentType.createWithId({ contentTypeId: 'post' }, {
    name: 'Post', displayField: 'title',
    fields: [
      { id: 'title', name: 'Title', type: 'Symbol', localized: false, required: false, validations: [{ size: { max: 5 }, message: 'short, please' }] },
      { id: 'next', name: 'Next', type: 'Link', linkType: 'Entry', localized: false, required: false },
    ],
  })
  await c.contentType.publish({ contentTypeId: 'post' }, type)
  await c.tag.createWithId({ tagId: 'used' }, { name: 'Used', sys: { visibility: 'private' } })
  const entry = (fields, more = {}) => c.entry.create({ contentTypeId: 'post' }, { fields, ...more })
  const published = await entry({ title: words('one') })
  await c.entry.publish({ entryId: published.sys.id }, published)
  const changed = await entry({ title: words('two') }, { metadata: { tags: [{ sys: { type: 'Link', linkType: 'Tag', id: 'used' } }] } })
  await c.entry.update({ entryId: changed.sys.id }, { ...changed, fields: { title: words('three') } })
  const long = await entry({ title: words('much too long') })
  const lost = await entry({ next: words({ sys: { type: 'Link', linkType: 'Entry', id: 'nobody' } }) })
  const revoked = await c.personalAccessToken.create({ name: 'revoked', scopes: ['content_management_read'] })
  await c.personalAccessToken.revoke({ tokenId: revoked.sys.id })
  const reading = await c.personalAccessToken.create({ name: 'reading', scopes: ['content_management_read'] })
  id = {
    english: locales[0].sys.id, german: german.sys.id, revoked: revoked.sys.id, reading: reading.token,
    published: published.sys.id, changed: changed.sys.id, long: long.sys.id, lost: lost.sys.id,
  }
})

// change is what an entry, a locale … becomes by the methods of the older client.
const change = async (it, members) => Object.assign(await it, members).update()

// real are the errors that calls can provoke: a call of each client, and what is
// to come of it. c is the plain client, e the environment of the older one, a that
// client itself. options are for the clients, prepare is done right before, restore
// afterwards.
const real = {
  BadRequest: {
    plain: (c) => c.entry.delete({ entryId: id.published }),
    chained: async (e) => (await e.getEntry(id.published)).delete(),
    want: () => ({ message: 'Cannot delete published', details: {} }),
  },
  UnknownKey: {
    plain: (c) => c.locale.create({}, { name: 'French', code: 'fr', textColour: 'red' }),
    chained: (e) => e.createLocale({ name: 'French', code: 'fr', textColour: 'red' }),
    want: () => ({ details: { errors: [problem('unknown', ['textColour'], 'The property "textColour" is not allowed here. Use "name", "code", "fallbackCode", "default", "contentManagementApi", "contentDeliveryApi" or "optional".', { value: 'red' })], keys: ['text_colour'] } }),
  },
  MissingKey: {
    plain: (c) => c.locale.create({}, {}),
    chained: (e) => e.createLocale({}),
    want: () => ({ details: { errors: [problem('required', [], list.MissingKey.message)], key: 'resource' } }),
  },
  UnsupportedMediaType: {
    plain: (c) => c.raw.put(`/spaces/${space.id}/environments/master/entries/x`, 'words', { headers: { 'Content-Type': 'text/plain' } }),
    chained: (e, a) => a.rawRequest({ method: 'put', url: `/spaces/${space.id}/environments/master/entries/x`, data: 'words', headers: { 'Content-Type': 'text/plain' } }),
    want: () => ({ message: 'The content type of the request body must be application/vnd.contentful.management.v1+json or application/json.', details: {} }),
  },
  BodyTooLarge: {
    plain: (c) => c.entry.create({ contentTypeId: 'post' }, { fields: { title: words('x'.repeat(9 << 20)) } }),
    chained: (e) => e.createEntry('post', { fields: { title: words('x'.repeat(9 << 20)) } }),
    want: () => ({ message: `The request body is larger than ${8 << 20} bytes.`, details: {} }),
  },
  URITooLong: {
    plain: (c) => c.entry.getMany({ query: { 'sys.id[in]': 'x'.repeat(8000) } }),
    chained: (e) => e.getEntries({ 'sys.id[in]': 'x'.repeat(8000) }),
    want: () => ({ message: 'The URI of the request is longer than 7600 characters.', details: {} }),
  },
  InvalidQuery: {
    plain: (c) => c.entry.getMany({ query: { some: 'thing' } }),
    chained: (e) => e.getEntries({ some: 'thing' }),
    want: () => ({ details: { errors: [{ name: 'unknown', path: ['some'], details: 'The path "some" is not recognized', parameter: 'some' }] } }),
  },
  UnknownQueryField: {
    plain: (c) => c.entry.getMany({ query: { content_type: 'post', 'fields.titel': 'x' } }),
    chained: (e) => e.getEntries({ content_type: 'post', 'fields.titel': 'x' }),
    want: () => ({ details: { errors: [{ name: 'unknown', path: ['fields', 'titel'], details: 'No field with id "titel" found. Did you mean "title"?', parameter: 'fields.titel', suggestions: ['title'] }] } }),
  },
  AccessTokenInvalid: {
    options: () => ({ accessToken: 'wrong' }),
    plain: (c) => c.entry.getMany({}),
    alone: true,
    chained: (e, a) => a.getSpace(space.id),
    want: () => ({ details: {} }),
  },
  AccessDenied: {
    options: () => ({ accessToken: id.reading }),
    plain: (c) => c.entry.create({ contentTypeId: 'post' }, { fields: {} }),
    chained: (e) => e.createEntry('post', { fields: {} }),
    want: () => ({ details: { reasons: 'The access token has the scope content_management_read only. To create an Entry (POST /spaces/{space}/environments/{environment}/entries) it needs content_management_manage.' } }),
  },
  DefaultLocaleNotDeletable: {
    plain: (c) => c.locale.delete({ localeId: id.english }),
    chained: async (e) => (await e.getLocale(id.english)).delete(),
    want: () => ({ details: {} }),
  },
  FallbackLocaleNotDeletable: {
    plain: (c) => c.locale.delete({ localeId: id.german }),
    chained: async (e) => (await e.getLocale(id.german)).delete(),
    want: () => ({ details: {} }),
  },
  FallbackLocaleNotRenameable: {
    plain: async (c) => c.locale.update({ localeId: id.german }, { ...(await c.locale.get({ localeId: id.german })), code: 'de-DE' }),
    chained: (e) => change(e.getLocale(id.german), { code: 'de-DE' }),
    want: () => ({ details: {} }),
  },
  NotFound: {
    plain: (c) => c.entry.get({ entryId: 'nobody' }),
    chained: (e) => e.getEntry('nobody'),
    want: () => ({ details: { type: 'Entry', id: 'nobody', environment: 'master', space: space.id } }),
  },
  UnknownRoute: {
    plain: (c) => c.raw.get(`/spaces/${space.id}/environments/master/entry`),
    chained: (e, a) => a.rawRequest({ method: 'get', url: `/spaces/${space.id}/environments/master/entry` }),
    want: () => ({ details: {} }),
  },
  VersionMismatch: {
    plain: (c) => c.entry.update({ entryId: id.changed }, { sys: { version: 1 }, fields: { title: words('four') } }),
    chained: async (e) => { // after the plain one, at version 2
      const stale = await e.getEntry(id.changed)
      await (await e.getEntry(id.changed)).update()
      return stale.update()
    },
    want: (sent = 1) => ({ message: `Entry ${id.changed} is at version ${sent + 1}, the request was made for version ${sent}. Read it again, apply your change to what you get, and retry.`, details: {} }),
  },
  Conflict: {
    plain: (c) => c.personalAccessToken.revoke({ tokenId: id.revoked }),
    chained: async (e, a) => (await a.getPersonalAccessToken(id.revoked)).revoke(),
    want: () => ({ message: 'The access token is revoked already.', details: {} }),
  },
  ValidationFailed: {
    plain: (c) => c.locale.create({}, { name: 'German', code: 'de' }),
    chained: (e) => e.createLocale({ name: 'German', code: 'de' }),
    want: () => ({ message: resource, details: { errors: [problem('taken', ['code'], 'There is a locale "de" already.', { value: 'de' })] } }),
  },
  UnknownField: {
    plain: (c) => c.entry.create({ contentTypeId: 'post' }, { fields: { titel: words('x'), colour: words('y') } }),
    chained: (e) => e.createEntry('post', { fields: { titel: words('x'), colour: words('y') } }),
    want: () => ({
      message: 'No field with id "colour" found.',
      details: { errors: [
        problem('unknown', ['fields', 'colour'], 'The property "colour" is not allowed here.', { value: words('y') }),
        problem('unknown', ['fields', 'titel'], 'The property "titel" is not allowed here. Did you mean "title"?', { value: words('x'), suggestions: ['title'] }),
      ] },
    }),
  },
  InvalidEntry: {
    plain: async (c) => c.entry.publish({ entryId: id.long }, await c.entry.get({ entryId: id.long })),
    chained: async (e) => (await e.getEntry(id.long)).publish(),
    want: () => ({ details: { errors: [
      { name: 'size', path: ['fields', 'title', 'en-US'], value: 'much too long', details: 'Size must be at most 5', max: 5, customMessage: 'short, please' },
    ] } }),
  },
  UnresolvedLinks: {
    plain: async (c) => c.entry.publish({ entryId: id.lost }, await c.entry.get({ entryId: id.lost })),
    chained: async (e) => (await e.getEntry(id.lost)).publish(),
    want: () => ({ details: { errors: [
      { name: 'notResolvable', path: ['fields', 'next', 'en-US'], details: 'There is no entry "nobody".', link: { type: 'Link', linkType: 'Entry', id: 'nobody' } },
    ] } }),
  },
  ActionPreconditionsFailed: {
    plain: (c) => c.tag.delete({ tagId: 'used', version: 1 }),
    chained: async (e) => (await e.getTag('used')).delete(),
    want: () => ({ details: { errors: [{ name: 'reference', path: [], details: 'Tag is referenced by another entity' }] } }),
  },
  PersonalAccessTokenInvalidScopes: {
    plain: (c) => c.personalAccessToken.create({ name: 'x', scopes: ['everything'] }),
    chained: (e, a) => a.createPersonalAccessToken({ name: 'x', scopes: ['everything'] }),
    want: () => ({ details: { errors: [problem('in', ['scopes', 0], 'Value must be one of expected values', { value: 'everything', expected: ['content_management_manage', 'content_management_read'] })] } }),
  },
  RateLimitExceeded: {
    options: () => limited,
    plain: (c) => Promise.all(Array.from({ length: 20 }, () => c.raw.get(`/users/me`))),
    alone: true,
    chained: (e, a) => Promise.all(Array.from({ length: 20 }, () => a.getCurrentUser())),
    want: () => ({ details: {} }),
  },
  Hibernated: {
    prepare: () => hibernate(space.id),
    restore: () => management(place).entry.getMany({}), // tries again until the space is awake
    plain: (c) => c.entry.getMany({}),
    chained: (e) => e.getEntries(),
    want: () => ({ details: {} }),
  },
}

// simulated are the errors for which nothing has to go wrong here: there are no
// plans with limits, there is one organization, and the server works.
const simulated = ['Forbidden', 'MissingOrganizationParameter', 'ServerError', 'Timeout']

test('there is a case for each kind of error', () => covered(list, real, simulated))

// client is one of the two, with all that passes by.
function client(make, options) {
  const { seen, options: watching } = watch()
  return { seen, c: make({ retryOnError: false, ...watching, ...options }) }
}
const plain = (options) => management(place, options)
const environment = async (a) => (await a.getSpace(space.id)).getEnvironment('master')

for (const [kind, { options = () => ({}), prepare = () => {}, restore = () => {}, alone, want, ...call }] of Object.entries(real)) {
  test(`${kind}, by the plain client`, async () => {
    const { c, seen } = client(plain, options())
    await prepare()
    same(await errorOf(() => call.plain(c)), list[kind], seen, want())
    await restore()
  })

  test(`${kind}, by the chained client`, async () => {
    const { c, seen } = client(chained, options())
    const e = alone ? null : await environment(c)
    await prepare()
    same(await errorOf(() => call.chained(e, c)), list[kind], seen, want(2))
    await restore()
  })
}

for (const kind of simulated) {
  test(`${kind}, simulated`, async () => {
    const simulate = { headers: { 'X-Typecase-Simulate': kind } }
    for (const [make, ask] of [[plain, (c) => c.entry.getMany({})], [chained, (c) => c.getSpace(space.id)]]) {
      const { c, seen } = client(make, simulate)
      same(await errorOf(() => ask(c)), list[kind], seen)
    }
  })
}
