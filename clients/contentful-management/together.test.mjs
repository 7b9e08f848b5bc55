// What is done to many entities together, through every method that
// contentful-management has for it: bulk actions, releases and their actions,
// scheduled actions, references.
import assert from 'node:assert/strict'
import test from 'node:test'
import { chained, management, newSpace } from '../lib/target.mjs'

const link = (linkType, id, version) => ({ sys: { type: 'Link', linkType, id, ...(version && { version }) } })
const collection = (...items) => ({ sys: { type: 'Array' }, items })
const soon = { initialDelayMs: 20, retryIntervalMs: 50, retryCount: 200 }

// ended polls an action as the SDK's own helper does.
async function ended(get) {
  for (let n = 0; n < 200; n++) {
    const action = await get()
    if (['succeeded', 'failed'].includes(action.sys.status)) return action
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail('the action does not end')
}

async function fails(status, name, call) {
  try {
    await call()
  } catch (error) {
    const e = JSON.parse(error.message)
    assert.deepEqual([e.status, error.name], [status, name], error.message)
    return e
  }
  assert.fail(`expected ${name}`)
}

// world is a space with entries that link to each other, and the two clients.
async function world(name) {
  const space = await newSpace(name)
  const client = management({ spaceId: space.id, environmentId: 'master' })
  let type = await client.contentType.createWithId(
    { contentTypeId: 'page' },
    {
      name: 'Page', displayField: 'title', fields: [
        { id: 'title', name: 'Title', type: 'Symbol', required: true, localized: false },
        { id: 'next', name: 'Next', type: 'Link', linkType: 'Entry', required: false, localized: false },
      ],
    }
  )
  type = await client.contentType.publish({ contentTypeId: 'page' }, type)
  const make = (entryId, fields) => client.entry.createWithId({ entryId, contentTypeId: 'page' }, { fields })
  await make('a', { title: { 'en-US': 'A' }, next: { 'en-US': link('Entry', 'b') } })
  await make('b', { title: { 'en-US': 'B' }, next: { 'en-US': link('Entry', 'a') } })
  await make('hollow', {})
  const state = async (entryId) => {
    const { sys } = await client.entry.get({ entryId })
    return [sys.version, sys.publishedVersion]
  }
  return { space, client, state, environment: await (await chained().getSpace(space.id)).getEnvironment('master') }
}

test('references', async () => {
  const { client, environment } = await world('References')
  const tree = await client.entry.references({ entryId: 'a', include: 2 })
  assert.deepEqual([tree.items.map((e) => e.sys.id), tree.includes.Entry.map((e) => e.sys.id)], [['a'], ['b']])
  const same = await environment.getEntryReferences('a', { include: 2 })
  assert.equal(same.items[0].sys.id, 'a')
  assert.deepEqual((await client.entry.references({ entryId: 'nobody', include: 2 })).items, [])
})

test('bulk actions', async () => {
  const { client, state, environment } = await world('Bulk actions')
  const run = async (begun, get = client.bulkAction.get) => {
    assert.equal(begun.sys.status, 'created')
    return ended(() => get({ bulkActionId: begun.sys.id }))
  }
  const both = { entities: collection(link('Entry', 'a'), link('Entry', 'b')) }
  const versions = (v) => ({ entities: collection(link('Entry', 'a', v), link('Entry', 'b', v)) })
  assert.equal((await run(await client.bulkAction.validate({}, both))).sys.status, 'succeeded')
  const published = await run(await client.bulkAction.publish({}, versions(1)))
  assert.deepEqual([published.sys.status, published.action, published.payload], ['succeeded', 'publish', versions(1)])
  assert.deepEqual(await state('a'), [2, 1])
  assert.equal((await run(await client.bulkAction.unpublish({}, both))).sys.status, 'succeeded')
  assert.equal((await run(await client.bulkAction.unpublish({}, both))).sys.status, 'succeeded') // again
  assert.deepEqual(await state('a'), [3, undefined])

  const failed = await run(await client.bulkAction.publish({}, { entities: collection(link('Entry', 'a', 3), link('Entry', 'hollow', 1)) }))
  assert.deepEqual([failed.sys.status, failed.error.sys.id], ['failed', 'BulkActionFailed'])
  assert.deepEqual(failed.error.details.errors.map((e) => [e.entity.sys.id, e.error.sys.id]), [['hollow', 'InvalidEntry']])
  assert.deepEqual(await state('a'), [3, undefined])

  const { getV2 } = client.bulkAction
  const entities = (v) => [{ entity: link('Entry', 'a', v) }, { entity: link('Entry', 'b', v) }]
  assert.equal((await run(await client.bulkAction.validateV2({}, { action: 'validate', entities: entities() }), getV2)).sys.status, 'succeeded')
  const v2 = entities(3).map((e) => ({ ...e, add: { fields: { '*': ['en-US'] } } }))
  assert.equal((await run(await client.bulkAction.publishV2({}, { action: 'publish', entities: v2 }), getV2)).sys.status, 'succeeded')
  assert.deepEqual(await state('b'), [4, 3])
  assert.equal((await run(await client.bulkAction.unpublishV2({}, { action: 'unpublish', entities: entities() }), getV2)).sys.status, 'succeeded')

  const missing = await fails(422, 'ValidationFailed', () => client.bulkAction.publish({}, both))
  assert.deepEqual(missing.details.errors[0].path, ['entities', 'items', 0, 'sys', 'version'])
  const nobody = await fails(404, 'NotFound', () => client.bulkAction.get({ bulkActionId: 'nobody' }))
  assert.deepEqual(nobody.details, { type: 'BulkAction', id: 'nobody' })

  const action = await (await environment.createPublishBulkAction(versions(5))).waitProcessing(soon)
  assert.equal(action.sys.status, 'succeeded')
  assert.equal((await (await environment.createValidateBulkAction(both)).waitProcessing(soon)).sys.status, 'succeeded')
  assert.equal((await (await environment.createUnpublishBulkAction(both)).waitProcessing(soon)).sys.status, 'succeeded')
  assert.equal((await environment.getBulkAction(action.sys.id)).sys.id, action.sys.id)
  await assert.rejects(
    (await environment.createPublishBulkAction({ entities: collection(link('Entry', 'hollow', 1)) })).waitProcessing(soon),
    { message: 'BulkAction failed to execute.' }
  )
})

test('releases', async () => {
  const { space, client, state, environment } = await world('Releases')
  const body = { title: 'Autumn', entities: collection(link('Entry', 'a'), link('Entry', 'b')) }
  let release = await client.release.create({}, body)
  assert.deepEqual([release.title, release.entities, release.sys.version, release.sys.status], ['Autumn', body.entities, 1, 'active'])
  release = await client.release.update({ releaseId: release.sys.id, version: 1 }, { ...body, title: 'Winter' })
  const releaseId = release.sys.id
  assert.deepEqual(await client.release.get({ releaseId }), release)
  const run = async (begun) => {
    const action = await ended(() => client.releaseAction.get({ releaseId, actionId: begun.sys.id }))
    assert.equal(action.sys.status, 'succeeded', JSON.stringify(action))
    return action
  }
  await run(await client.release.validate({ releaseId }, { action: 'publish' }))
  const published = await run(await client.release.publish({ releaseId, version: 2 }))
  assert.deepEqual(await state('b'), [2, 1])
  release = await client.release.get({ releaseId })
  assert.deepEqual([release.sys.status, release.sys.lastAction.sys.id], ['archived', published.sys.id])
  release = await client.release.unarchive({ releaseId, version: release.sys.version })
  await run(await client.release.unpublish({ releaseId, version: release.sys.version }))
  assert.deepEqual(await state('b'), [3, undefined])
  release = await client.release.archive({ releaseId, version: release.sys.version })
  assert.equal(release.sys.status, 'archived')

  const actions = await client.releaseAction.getMany({ query: { 'sys.release.sys.id[in]': releaseId, action: 'publish', limit: 1, order: 'sys.updatedAt' } })
  assert.deepEqual(actions.items.map((a) => a.sys.id), [published.sys.id])
  assert.equal((await client.releaseAction.queryForRelease({ releaseId, query: { 'sys.status[in]': 'succeeded' } })).items.length, 3)

  const v2 = await client.release.create({ releaseSchemaVersion: 'Release.v2' }, { title: 'V2', entities: collection({ entity: link('Entry', 'a'), action: 'publish' }) })
  assert.equal(v2.sys.schemaVersion, 'Release.v2')
  const found = await client.release.query({ releaseSchemaVersion: 'Release.v2', query: {} })
  assert.deepEqual([found.items, found.pages], [[v2], {}])
  const first = await client.release.query({ query: { 'entities.sys.linkType': 'Entry', 'entities.sys.id[in]': 'a', order: 'title', limit: 1 } })
  assert.deepEqual([first.items.map((r) => r.title), typeof first.pages.next], [['V2'], 'string'])
  const next = new URL(first.pages.next, 'https://x').searchParams.get('pageNext')
  assert.deepEqual((await client.release.query({ query: { pageNext: next } })).items.map((r) => r.title), ['Winter'])

  const wrong = await fails(422, 'ValidationFailed', () => client.release.create({}, { title: 'x', entities: collection(link('Entry', 'nobody')) }))
  assert.deepEqual([wrong.details.errors[0].error.sys.id, wrong.details.errors[0].error.message], ['NotFound', 'The resource could not be found.'])
  await fails(409, 'VersionMismatch', () => client.release.update({ releaseId, version: 1 }, body))
  const absent = await fails(404, 'NotFound', () => client.releaseAction.get({ releaseId, actionId: 'nobody' }))
  assert.deepEqual(absent.details, { type: 'ReleaseAction', id: 'nobody', environment: 'master', space: space.id, release: releaseId })
  await client.release.delete({ releaseId })
  await fails(404, 'NotFound', () => client.release.get({ releaseId }))

  const own = await environment.createRelease(body)
  assert.equal((await own.validate({ payload: { action: 'publish' }, processingOptions: soon })).sys.status, 'succeeded')
  assert.equal((await own.publish(soon)).sys.status, 'succeeded')
  const opened = await (await environment.getRelease(own.sys.id)).unarchive()
  assert.equal((await opened.unpublish(soon)).sys.status, 'succeeded')
  const changed = await environment.updateRelease({ releaseId: own.sys.id, version: opened.sys.version, payload: { ...body, title: 'Spring' } })
  assert.equal((await environment.getReleases({ 'title[match]': 'Spring' })).items[0].sys.id, changed.sys.id)
  await changed.delete()
})

test('scheduled actions', async () => {
  const { space, client, state } = await world('Scheduled actions')
  const at = (ms) => new Date(Date.now() + ms).toISOString()
  const day = 24 * 3600 * 1000
  const payload = (datetime, entity = link('Entry', 'a')) => ({ entity, action: 'publish', environment: link('Environment', 'master'), scheduledFor: { datetime } })
  let action = await client.scheduledActions.create({}, payload(at(day)))
  const scheduledActionId = action.sys.id
  assert.deepEqual(await client.scheduledActions.get({ environmentId: 'master', scheduledActionId }), action)
  const { sys, ...rest } = action
  const scheduledFor = { datetime: at(2 * day), timezone: 'Europe/Kiev' }
  action = await client.scheduledActions.update({ scheduledActionId, version: sys.version }, { ...rest, scheduledFor })
  assert.deepEqual([action.scheduledFor, action.sys.version], [scheduledFor, 2])
  await fails(400, 'BadRequest', () => client.scheduledActions.update({ scheduledActionId, version: 2 }, { ...rest, action: 'unpublish' }))
  const list = await client.scheduledActions.getMany({ query: { 'environment.sys.id': 'master', 'sys.status': 'scheduled', limit: 1 } })
  assert.deepEqual([list.items.length, list.pages], [1, {}])
  action = await client.scheduledActions.delete({ environmentId: 'master', scheduledActionId })
  assert.deepEqual([action.sys.status, typeof action.sys.canceledAt], ['canceled', 'string'])

  const release = await client.release.create({}, { title: 'Autumn', entities: collection(link('Entry', 'a'), link('Entry', 'b')) })
  const due = await client.scheduledActions.create({}, payload(at(300), link('Release', release.sys.id)))
  const done = await ended(() => client.scheduledActions.get({ environmentId: 'master', scheduledActionId: due.sys.id }))
  assert.equal(done.sys.status, 'succeeded', JSON.stringify(done))
  assert.deepEqual(await state('b'), [2, 1])
  const hollow = await client.scheduledActions.create({}, payload(at(300), link('Entry', 'hollow')))
  const failed = await ended(() => client.scheduledActions.get({ environmentId: 'master', scheduledActionId: hollow.sys.id }))
  assert.deepEqual([failed.sys.status, failed.error.sys.id, failed.error.details.errors[0].error.sys.id], ['failed', 'InvalidEntry', 'InvalidEntry'])

  const nobody = await fails(400, 'BadRequest', () => client.scheduledActions.create({}, payload(at(day), link('Asset', 'nobody'))))
  assert.equal(nobody.message, 'The resource could not be found.')

  const s = await chained().getSpace(space.id)
  const own = await s.createScheduledAction(payload(at(day)))
  own.scheduledFor.timezone = 'Europe/Paris'
  const moved = await own.update()
  assert.equal(moved.scheduledFor.timezone, 'Europe/Paris')
  const read = await s.getScheduledAction({ environmentId: 'master', scheduledActionId: own.sys.id })
  assert.equal((await read.delete()).sys.status, 'canceled')
  assert.equal((await s.getScheduledActions({ 'environment.sys.id': 'master', 'sys.status': 'canceled' })).items.length, 2)
})
