// Writes that are only tried, by the header that the management SDK is told to
// send with every request.
import assert from 'node:assert/strict'
import test from 'node:test'
import { management, newSpace } from '../lib/target.mjs'

test('a trial answers like the write and keeps nothing', async () => {
  const space = await newSpace('Trying')
  const place = { spaceId: space.id, environmentId: 'master' }
  const client = management(place)
  const trial = management(place, { headers: { 'X-Contentful-Validate-Only': 'true' } })
  const type = await client.contentType.createWithId({ contentTypeId: 'post' }, {
    name: 'Post', displayField: 'title', description: '',
    fields: [{ id: 'title', name: 'Title', type: 'Symbol', required: true, localized: false }],
  })
  await client.contentType.publish({ contentTypeId: 'post' }, type)

  const tried = await trial.entry.createWithId({ contentTypeId: 'post', entryId: 'one' }, { fields: {} })
  assert.equal(tried.sys.version, 1)
  assert.equal((await client.entry.getMany({})).total, 0)

  const entry = await client.entry.createWithId({ contentTypeId: 'post', entryId: 'one' }, { fields: {} })
  const told = []
  for (const sdk of [trial, client]) {
    await assert.rejects(sdk.entry.publish({ entryId: 'one' }, entry), (error) => {
      const { status, message, details } = JSON.parse(error.message)
      told.push([error.name, status, message, details])
      return true
    })
  }
  assert.equal(told[0][0], 'InvalidEntry')
  assert.deepEqual(told[0], told[1])

  await assert.rejects(trial.tag.createWithId({ tagId: 't' }, { name: 'T', sys: { visibility: 'public' } }), { name: 'BadRequest' })
  assert.equal((await client.tag.getMany({})).total, 0)
})
