// What the delivery SDK makes of errors that the server simulates.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { errorOf, watch } from '../lib/errors.mjs'
import { newSpace, reader } from '../lib/target.mjs'

let space

before(async () => {
  space = await newSpace('Failing')
})

// failing is a client whose requests ask for an error, with what it says on the
// way.
function failing(words) {
  const { seen, options } = watch()
  return { seen, client: reader(space.id, space.delivery, { ...options, headers: { 'X-Typecase-Simulate': words } }) }
}

test('a rate limit is waited for, and the call succeeds', async () => {
  const { client, seen } = failing('RateLimitExceededError; reset=1; every=2')
  for (let i = 0; i < 2; i++) assert.equal((await client.getEntries()).total, 0) // the second one meets the limit
  assert.deepEqual(seen.answers.map((a) => a.status), [200, 429, 200])
  assert.equal(seen.warnings.length, 1)
  const [, wait] = seen.warnings[0].match(/^Rate limit error occurred\. Waiting for (\d+) ms/)
  assert.ok(wait >= 1500 && wait <= 1700, `the SDK waited ${wait} ms: not the second it was told, and its own half`)
})

test('a sleeping space is tried again, and the call succeeds', async () => {
  const { client, seen } = failing('502; every=2')
  for (let i = 0; i < 2; i++) assert.equal((await client.getEntries()).total, 0)
  assert.deepEqual(seen.answers.map((a) => a.status), [200, 502, 200])
  assert.match(seen.warnings.join(), /^Server 502 error occurred/)
})

test('what is not tried again is told as it is', async () => {
  const { client, seen } = failing('NotFoundError')
  const error = await errorOf(() => client.getEntries())
  assert.deepEqual([error.name, error.status, error.message], ['NotFound', 404, 'The resource could not be found.'])
  assert.deepEqual(error.details, { type: 'Entry', id: 'simulated', environment: 'master', space: space.id })
  assert.match(error.requestId, /^[0-9a-f-]{36}$/)
  assert.equal(error.requestId, seen.answers[0].headers['x-contentful-request-id'])
  assert.deepEqual([seen.answers.length, seen.warnings], [1, []])
})
