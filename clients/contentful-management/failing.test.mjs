// What the management SDK makes of errors that the server simulates, for one
// client and for all.
import assert from 'node:assert/strict'
import test from 'node:test'
import { httpHost, management, newSpace, token } from '../lib/target.mjs'

const dial = (method, body) =>
  fetch(`http://${httpHost}/_typecase/simulate`, {
    method,
    body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
  })

test('a rate limit in the middle of writing is waited for', async () => {
  const space = await newSpace('Failing in the middle')
  const warnings = []
  const client = management({ spaceId: space.id, environmentId: 'master' }, {
    headers: { 'X-Typecase-Simulate': 'RateLimitExceededError; reset=1; every=3' },
    logHandler: (level, message) => { if (level === 'warning') warnings.push(message) },
  })
  for (const code of ['de', 'fr', 'it']) await client.locale.create({}, { name: code, code, fallbackCode: null })
  assert.equal(warnings.length, 1)
  assert.match(warnings[0], /^Rate limit error occurred/)
  const { items } = await management({ spaceId: space.id, environmentId: 'master' }).locale.getMany({})
  assert.deepEqual(items.map((l) => l.code).sort(), ['de', 'en-US', 'fr', 'it']) // nothing twice, nothing lost
})

test('the dial lets the client of another fail, as often as it says', async () => {
  const space = await newSpace('Failing for all')
  const client = management({ spaceId: space.id, environmentId: 'master' })
  const set = await dial('PUT', { simulate: 'VersionMismatchError', path: `/spaces/${space.id}/`, count: 1 })
  assert.equal(set.status, 200)
  await assert.rejects(client.locale.getMany({}), (error) => {
    const told = JSON.parse(error.message)
    assert.deepEqual([error.name, told.status, told.message], ['VersionMismatch', 409, 'Version mismatch'])
    assert.match(told.requestId, /^[0-9a-f-]{36}$/)
    return true
  })
  assert.equal((await client.locale.getMany({})).total, 1)
  assert.equal((await (await dial('GET')).json()).failed, 1)
  assert.equal((await dial('DELETE')).status, 204)
  assert.equal((await (await dial('GET')).json()).simulate, null)
})
