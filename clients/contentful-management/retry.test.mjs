// How the management SDK gets over errors that pass: what is written is written
// once.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { errorOf, kinds, same, watch } from '../lib/errors.mjs'
import { chained, hibernate, limitedHost, management, newSpace } from '../lib/target.mjs'

let list
const spaces = []

before(async () => {
  list = await kinds()
  for (let i = 0; i < 3; i++) spaces.push(await newSpace(`Retries ${i}`))
})

describe('errors that pass', { concurrency: true }, () => {
  test('a limit of requests, while writing', async () => {
    const few = { host: limitedHost, hostUpload: limitedHost, insecure: true }
    const space = await newSpace('Few requests', 'en-US', few)
    const place = { spaceId: space.id, environmentId: 'master' }
    const { seen, options } = watch()
    const client = management(place, { ...few, ...options })
    const start = Date.now()
    const tags = Array.from({ length: 20 }, (_, i) => `tag${i}`)
    await Promise.all(tags.map((id) => client.tag.createWithId({ tagId: id }, { name: id, sys: { visibility: 'private' } })))
    const took = Date.now() - start
    const refused = seen.answers.filter((a) => a.status === 429)
    assert.ok(refused.length >= 1, 'twenty requests at once met no limit of eight')
    for (const a of refused) {
      assert.deepEqual([a.headers['x-contentful-ratelimit-reset'], a.headers['x-contentful-ratelimit-second-limit']], ['1', '8'])
    }
    assert.ok(took >= 1500 && took < 12_000, `it took ${took} ms`)
    const { items } = await client.tag.getMany({ query: { limit: 100 } })
    assert.deepEqual(items.map((t) => [t.sys.id, t.sys.version]).sort(), tags.map((id) => [id, 1]).sort())
  })

  for (const [i, style] of ['plain', 'chained'].entries()) {
    test(`a space that sleeps, by the ${style} client`, async () => {
      const { id } = spaces[i]
      const { seen, options } = watch()
      const write = { name: 'German', code: 'de', fallbackCode: null }
      let create
      if (style === 'plain') create = () => management({ spaceId: id, environmentId: 'master' }, options).locale.create({}, write)
      else {
        const environment = await (await chained(options).getSpace(id)).getEnvironment('master')
        create = () => environment.createLocale(write)
      }
      await hibernate(id)
      seen.answers.length = 0
      const start = Date.now()
      assert.equal((await create()).code, 'de')
      const took = Date.now() - start
      assert.ok(took < 10_000, `it took ${took} ms`)
      const got = seen.answers.map((a) => a.status)
      assert.equal(got.pop(), 201)
      assert.ok(got.length >= 1 && got.every((status) => status === 502), `answers before: ${got}`)
      assert.equal((await management({ spaceId: id, environmentId: 'master' }).locale.getMany({})).total, 2)
    })
  }

  for (const kind of ['RateLimitExceeded', 'Hibernated', 'Timeout']) {
    test(`${kind}, again and again, ends with that error`, async () => {
      const { seen, options } = watch()
      const client = management({ spaceId: spaces[2].id, environmentId: 'master' }, { ...options, retryLimit: 1, headers: { 'X-Typecase-Simulate': kind } })
      same(await errorOf(() => client.locale.getMany({})), list[kind], seen)
      assert.equal(seen.answers.length, 2)
    })
  }
})
