// What the plain management client has for the views of editors.
import assert from 'node:assert/strict'
import test from 'node:test'
import { management, newSpace } from '../lib/target.mjs'

test('the configuration of all editors, and of one', async () => {
  const client = management({ spaceId: (await newSpace('Views')).id, environmentId: 'master' })
  const entryListViews = [{ id: 'f', title: 'Mine', views: [{ id: 'v', title: 'New', contentTypeId: null }] }]
  for (const [part, type] of [[client.uiConfig, 'UIConfig'], [client.userUIConfig, 'UserUIConfig']]) {
    const empty = await part.get({})
    assert.deepEqual([empty.sys.type, empty.sys.version, empty.entryListViews, empty.assetListViews], [type, 0, [], []])
    const changed = await part.update({}, { ...empty, entryListViews })
    assert.deepEqual([changed.sys.version, changed.entryListViews], [1, entryListViews])
    assert.deepEqual(await part.get({}), changed)
    await assert.rejects(part.update({}, empty), { name: 'VersionMismatch' })
  }
})

test('how much an organization and its spaces are used', async () => {
  const { id } = await newSpace('Used')
  const client = management({ spaceId: id })
  const organizationId = (await client.space.get({})).sys.organization.sys.id
  const query = { 'metric[in]': 'cma,cda', 'dateRange.startAt': '2026-01-01', 'dateRange.endAt': '2026-01-02', order: '-usage' }
  const all = await client.usage.getManyForOrganization({ organizationId, query })
  assert.deepEqual(all.items.map((item) => [item.sys.type, item.usage, item.usagePerDay]), Array(2).fill(['OrganizationPeriodicUsage', 0, { '2026-01-01': 0, '2026-01-02': 0 }]))
  assert.deepEqual((await client.usage.getManyForSpace({ organizationId, query })).items, [])
  await assert.rejects(client.usage.getManyForSpace({ organizationId, query: { 'metric[in]': 'cdn' } }), { name: 'InvalidQuery' })
})
