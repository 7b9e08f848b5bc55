// How the delivery SDK gets over errors that pass: its user notices nothing but
// the time it takes.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { errorOf, kinds, same, watch } from '../lib/errors.mjs'
import { hibernate, limitedHost, newSpace, reader } from '../lib/target.mjs'

let list, limited
const spaces = {}

before(async () => {
  list = await kinds()
  limited = await newSpace('Few requests', 'en-US', { host: limitedHost, insecure: true })
  for (const name of ['delivery', 'preview', 'other']) spaces[name] = await newSpace(`Retries, ${name}`)
})

// waits are the milliseconds the SDK said it would wait, each time.
const waits = (seen) => seen.warnings.map((w) => Number(w.match(/Waiting for (\d+) ms/)[1]))
const statuses = (seen) => seen.answers.map((a) => a.status)

describe('errors that pass', { concurrency: true }, () => {
  for (const key of ['delivery', 'preview']) {
    test(`a limit of requests, with a ${key} key`, async () => {
      const { seen, options } = watch()
      const client = reader(limited.id, limited[key], { host: limitedHost, ...options })
      const start = Date.now()
      const answers = await Promise.all(Array.from({ length: 6 }, () => client.getEntries()))
      assert.deepEqual(answers.map((a) => a.total), [0, 0, 0, 0, 0, 0])
      const refused = seen.answers.filter((a) => a.status === 429)
      assert.ok(refused.length >= 1, 'six requests at once met no limit of two')
      for (const a of refused) assert.deepEqual([a.headers['x-contentful-ratelimit-reset'], a.headers['retry-after']], ['1', '1'])
      assert.equal(seen.warnings.length, refused.length)
      for (const wait of waits(seen)) assert.ok(wait >= 1500 && wait < 1700, `waited ${wait} ms for one second`)
      const took = Date.now() - start
      assert.ok(took >= 1500 && took < 12_000, `it took ${took} ms`)
    })

    test(`a space that sleeps, with a ${key} key`, async () => {
      const space = spaces[key]
      const { seen, options } = watch()
      const client = reader(space.id, space[key], options)
      await hibernate(space.id)
      const start = Date.now()
      assert.equal((await client.getEntries()).total, 0)
      const took = Date.now() - start
      assert.ok(took < 10_000, `it took ${took} ms`)
      const got = statuses(seen)
      assert.equal(got.pop(), 200)
      assert.ok(got.length >= 1 && got.every((status) => status === 502), `answers before: ${got}`)
      assert.ok(seen.answers.slice(0, -1).every((a) => a.data.sys.id === 'Hibernated' && Number(a.headers['retry-after']) >= 1))
      seen.answers.length = 0
      await client.getEntries()
      assert.deepEqual(statuses(seen), [200])
    })
  }

  test('the time to wait is the one the server says', async () => {
    const { seen, options } = watch()
    const client = reader(spaces.other.id, spaces.other.delivery, { ...options, headers: { 'X-Typecase-Simulate': 'RateLimitExceededError; reset=3; every=2' } })
    await client.getEntries()
    const start = Date.now()
    await client.getEntries()
    const took = Date.now() - start
    assert.deepEqual(statuses(seen), [200, 429, 200])
    assert.ok(took >= 3500 && took < 6000, `it took ${took} ms`)
  })

  for (const kind of ['RateLimitExceeded', 'Hibernated', 'Timeout', 'ServerError']) {
    test(`${kind}, again and again, ends with that error`, async () => {
      const { seen, options } = watch()
      const client = reader(spaces.other.id, spaces.other.delivery, { ...options, retryLimit: 1, headers: { 'X-Typecase-Simulate': kind } })
      same(await errorOf(() => client.getEntries()), list[kind], seen)
      assert.equal(seen.answers.length, 2)
      assert.equal(waits(seen).length, 1)
    })
  }
})
