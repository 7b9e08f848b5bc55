// Each kind of error through the delivery SDK, with a delivery key and with a
// preview key: provoked where a call can, simulated where none can.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { covered, errorOf, kinds, same, watch } from '../lib/errors.mjs'
import { hibernate, httpHost, limitedHost, management, newSpace, reader } from '../lib/target.mjs'

let list, space, limited

before(async () => {
  list = await kinds()
  space = await newSpace('Errors of delivery')
  limited = await newSpace('Errors of delivery', 'en-US', { host: limitedHost, insecure: true })
  const c = management({ spaceId: space.id, environmentId: 'master' })
  const type = await c.contentType.createWithId({ contentTypeId: 'post' }, {
    name: 'Post', displayField: 'title', fields: [{ id: 'title', name: 'Title', type: 'Symbol', localized: false, required: false }],
  })
  await c.contentType.publish({ contentTypeId: 'post' }, type)
})

const companion = 'A Content Type ID is required. When querying for Entries and involving fields you need to limit your query to a specific Content Type. Please send a Content Type ID (not the name) as the URI query parameter "content_type"'

// real are the errors that calls can provoke: options for the client, a call, and
// what is to come of it.
const real = {
  BadRequest: { call: (c) => c.getEntries({ 'fields.title': 'x' }), want: () => ({ message: companion, details: {} }) },
  URITooLong: {
    call: (c) => c.getEntries({ 'sys.id[in]': 'x'.repeat(8000) }),
    want: () => ({ message: 'The URI of the request is longer than 7600 characters.', details: {} }),
  },
  InvalidQuery: {
    call: (c) => c.getEntries({ limit: 1, limt: 1 }),
    want: () => ({ details: { errors: [{ name: 'unknown', path: ['limt'], details: 'The path "limt" is not recognized. Did you mean "limit"?', parameter: 'limt', suggestions: ['limit'] }] } }),
  },
  UnknownQueryField: {
    call: (c) => c.getEntries({ content_type: 'post', 'fields.titel': 'x' }),
    want: () => ({ details: { errors: [{ name: 'unknown', path: ['fields', 'titel'], details: 'No field with id "titel" found. Did you mean "title"?', parameter: 'fields.titel', suggestions: ['title'] }] } }),
  },
  AccessTokenInvalid: { options: () => ({ accessToken: 'wrong' }), call: (c) => c.getEntries(), want: () => ({ details: {} }) },
  NotFound: {
    options: () => ({ environment: 'nowhere' }),
    call: (c) => c.getEntries(),
    want: () => ({ details: { type: 'Environment', id: 'nowhere', space: space.id } }),
  },
  RateLimitExceeded: {
    from: () => limited,
    options: () => ({ host: limitedHost }),
    call: (c) => Promise.all(Array.from({ length: 10 }, () => c.getEntries())),
    want: () => ({ details: {} }),
  },
  Hibernated: {
    prepare: () => hibernate(space.id),
    call: (c) => c.getEntries(),
    restore: () => reader(space.id, space.delivery).getEntries(), // tries again until the space is awake
    want: () => ({ details: {} }),
  },
}

// simulated are the errors of writing and managing, which delivery has no part in,
// those of a server that does not work, and that of a path no method of the SDK
// leads to.
const simulated = [
  'UnknownKey', 'MissingKey', 'UnsupportedMediaType', 'BodyTooLarge', 'AccessDenied', 'Forbidden', 'DefaultLocaleNotDeletable',
  'FallbackLocaleNotDeletable', 'FallbackLocaleNotRenameable', 'MissingOrganizationParameter', 'VersionMismatch', 'Conflict',
  'ValidationFailed', 'UnknownField', 'InvalidEntry', 'UnresolvedLinks', 'ActionPreconditionsFailed', 'PersonalAccessTokenInvalidScopes',
  'ServerError', 'Timeout', 'UnknownRoute',
]

test('there is a case for each kind of error', () => covered(list, real, simulated))

for (const key of ['delivery', 'preview']) {
  for (const [kind, { from = () => space, options = () => ({}), prepare = () => {}, restore = () => {}, call, want }] of Object.entries(real)) {
    test(`${kind}, with a ${key} key`, async () => {
      const { seen, options: watching } = watch()
      const client = reader(from().id, from()[key], { retryOnError: false, ...watching, ...options() })
      await prepare()
      same(await errorOf(() => call(client)), list[kind], seen, want())
      await restore()
    })
  }

  test(`the others, with a ${key} key, simulated`, async () => {
    for (const kind of simulated) {
      const { seen, options } = watch()
      const client = reader(space.id, space[key], { retryOnError: false, ...options, headers: { 'X-Typecase-Simulate': kind } })
      same(await errorOf(() => client.getEntries()), list[kind], seen)
    }
  })
}

test('of a missing entry the SDK says itself what the server would say', async () => {
  const own = await reader(space.id, space.delivery).getEntry('nobody').catch((error) => error)
  const res = await fetch(`http://${httpHost}/spaces/${space.id}/environments/master/entries/nobody`, {
    headers: { Authorization: `Bearer ${space.delivery}`, 'X-Contentful-User-Agent': 'sdk contentful.js' },
  })
  const { sys, message, details } = await res.json()
  assert.equal(res.status, 404)
  assert.deepEqual({ sys: own.sys, message: own.message, details: own.details }, { sys, message, details })
})
