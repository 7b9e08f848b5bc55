// Asset keys of the plain management client.
import assert from 'node:assert/strict'
import test from 'node:test'
import { management, newSpace, protect } from '../lib/target.mjs'

test('an asset key of a protected space, and none of another', async () => {
  const { id } = await newSpace('Keys')
  const client = management({ spaceId: id, environmentId: 'master' })
  const expiresAt = Math.floor(Date.now() / 1000) + 3600
  await assert.rejects(client.assetKey.create({}, { expiresAt }), { name: 'AccessDenied' })
  await protect(id, 'all')
  const { policy, secret } = await client.assetKey.create({}, { expiresAt })
  assert.deepEqual([policy.split('.').length, Buffer.from(secret, 'base64url').length], [2, 32])
})
