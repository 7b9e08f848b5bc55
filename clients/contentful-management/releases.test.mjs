// Many entities as one and at a time, by the plain client: bulk actions of both
// forms, releases and their actions, scheduled actions.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { management, newSpace } from '../lib/target.mjs'

let client

before(async () => {
  client = management({ spaceId: (await newSpace('Releases')).id, environmentId: 'master' })
  const type = await client.contentType.createWithId({ contentTypeId: 'post' }, {
    name: 'Post', displayField: 'title', fields: [{ id: 'title', name: 'Title', type: 'Symbol', localized: false, required: true }],
  })
  await client.contentType.publish({ contentTypeId: 'post' }, type)
  for (const entryId of ['one', 'two', 'three']) await client.entry.createWithId({ contentTypeId: 'post', entryId }, { fields: { title: { 'en-US': entryId } } })
  await client.entry.createWithId({ contentTypeId: 'post', entryId: 'bad' }, { fields: {} })
})

const ids = ({ items }) => items.map((item) => item.sys.id)
const link = (id, version) => ({ sys: { type: 'Link', linkType: 'Entry', id, ...(version && { version }) } })
const array = (...items) => ({ sys: { type: 'Array' }, items })
const current = async (entryId) => link(entryId, (await client.entry.get({ entryId })).sys.version)
const isPublished = async (entryId) => (await client.entry.get({ entryId })).sys.publishedVersion !== undefined

// ended waits for the end of an action.
async function ended(read) {
  for (let tries = 0; tries < 200; tries++) {
    const action = await read()
    if (['succeeded', 'failed'].includes(action.sys.status)) return action
    await setTimeout(50)
  }
  assert.fail('the action did not end')
}

for (const form of ['', 'V2']) {
  test(`bulk actions ${form}`.trim(), async () => {
    const run = async (action, entities) => {
      const payload = form ? { action, entities: entities.items.map((entity) => ({ entity })) } : { entities }
      const { sys } = await client.bulkAction[action + form]({}, payload)
      assert.equal(sys.type, 'BulkAction')
      return ended(() => client.bulkAction['get' + form]({ bulkActionId: sys.id }))
    }
    const checked = await run('validate', array(link('one'), link('two')))
    assert.deepEqual([checked.action, checked.sys.status], ['validate', 'succeeded'])
    assert.equal((await run('publish', array(await current('one'), await current('two')))).sys.status, 'succeeded')
    assert.deepEqual([await isPublished('one'), await isPublished('two')], [true, true])
    const failed = await run('publish', array(await current('three'), await current('bad')))
    assert.deepEqual([failed.sys.status, failed.error.sys.id], ['failed', 'BulkActionFailed'])
    assert.equal(await isPublished('three'), false)
    assert.equal((await run('unpublish', array(link('one'), link('two')))).sys.status, 'succeeded')
    assert.deepEqual([await isPublished('one'), await isPublished('two')], [false, false])
  })
}

test('a release, from its making to its end', async () => {
  const made = await client.release.create({}, { title: 'Spring', entities: array(link('one')) })
  const releaseId = made.sys.id
  const updated = await client.release.update({ releaseId, version: made.sys.version }, { title: 'Early spring', entities: array(link('one'), link('two')) })
  assert.deepEqual([updated.title, updated.sys.version], ['Early spring', made.sys.version + 1])
  assert.deepEqual(ids(await client.release.query({ query: { 'entities.sys.id[in]': 'two' } })), [releaseId])

  const finished = (action) => ended(() => client.releaseAction.get({ releaseId, actionId: action.sys.id }))
  const version = async () => (await client.release.get({ releaseId })).sys.version
  const validated = await finished(await client.release.validate({ releaseId }, { action: 'publish' }))
  assert.deepEqual([validated.action, validated.sys.status], ['validate', 'succeeded'])
  const published = await finished(await client.release.publish({ releaseId, version: await version() }))
  assert.deepEqual([published.action, published.sys.status], ['publish', 'succeeded'])
  assert.deepEqual([await isPublished('one'), await isPublished('two'), await isPublished('three')], [true, true, false])
  const closed = await client.release.get({ releaseId })
  assert.equal(closed.sys.status, 'archived')
  assert.equal((await client.release.unarchive({ releaseId, version: closed.sys.version })).sys.status, 'active')
  await finished(await client.release.unpublish({ releaseId, version: await version() }))
  assert.deepEqual([await isPublished('one'), await isPublished('two')], [false, false])
  assert.equal((await client.releaseAction.getMany({})).items.length, 3)
  assert.deepEqual((await client.releaseAction.queryForRelease({ releaseId, query: { order: 'sys.createdAt' } })).items.map((a) => a.action), ['validate', 'publish', 'unpublish'])

  assert.equal((await client.release.archive({ releaseId, version: await version() })).sys.status, 'archived')
  await client.release.delete({ releaseId })
  await assert.rejects(client.release.get({ releaseId }), { name: 'NotFound' })
})

test('scheduled actions', async () => {
  const hence = (milliseconds) => new Date(Date.now() + milliseconds).toISOString()
  const master = { sys: { type: 'Link', linkType: 'Environment', id: 'master' } }
  const action = (datetime) => ({ action: 'publish', entity: link('three'), environment: master, scheduledFor: { datetime } })
  const query = { 'environment.sys.id': 'master', 'sys.status[in]': 'scheduled' }

  const made = await client.scheduledActions.create({}, action(hence(3_600_000)))
  const scheduledActionId = made.sys.id
  const later = hence(7_200_000)
  const moved = await client.scheduledActions.update({ scheduledActionId, version: made.sys.version }, action(later))
  assert.deepEqual([moved.scheduledFor.datetime, moved.sys.version], [later, made.sys.version + 1])
  assert.deepEqual((await client.scheduledActions.getMany({ query })).items.map((a) => [a.sys.id, a.scheduledFor.datetime]), [[scheduledActionId, later]])
  assert.equal((await client.scheduledActions.delete({ scheduledActionId })).sys.status, 'canceled')
  assert.deepEqual((await client.scheduledActions.getMany({ query })).items, [])

  const soon = await client.scheduledActions.create({}, action(hence(1_000)))
  const done = await ended(() => client.scheduledActions.get({ scheduledActionId: soon.sys.id }))
  assert.deepEqual([done.sys.status, await isPublished('three')], ['succeeded', true])
})
