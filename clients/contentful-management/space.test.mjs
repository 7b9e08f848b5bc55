// What belongs to a user, an organization and a space, by the plain client: tokens,
// users, spaces, API keys, environments and their aliases, webhooks.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { management, newSpace } from '../lib/target.mjs'

let client, organizationId, spaceId

before(async () => {
  client = management()
  organizationId = (await client.organization.getAll()).items[0].sys.id
  spaceId = (await newSpace('Before')).id
  client = management({ spaceId, environmentId: 'master', organizationId })
})

const ids = ({ items }) => items.map((item) => item.sys.id)
const notFound = (call) => assert.rejects(call, { name: 'NotFound' })

test('tokens, by both names they have', async () => {
  const scopes = ['content_management_read']
  for (const [part, create, revoked] of [[client.personalAccessToken, 'create', 'revokedAt'], [client.accessToken, 'createPersonalAccessToken', 'revokedAt']]) {
    const made = await part[create]({ name: 'For a test', scopes })
    assert.match(made.token, /^CFPAT-/)
    const tokenId = made.sys.id
    const got = await part.get({ tokenId })
    assert.deepEqual([got.name, got.scopes, got.token], ['For a test', scopes, undefined])
    assert.ok(ids(await part.getMany({ query: { limit: 1000 } })).includes(tokenId))
    assert.equal((await management({}, { accessToken: made.token }).space.get({ spaceId })).name, 'Before')
    assert.ok((await part.revoke({ tokenId }))[revoked])
    await assert.rejects(management({}, { accessToken: made.token, retryOnError: false }).space.get({ spaceId }), { name: 'AccessTokenInvalid' })
  }
})

test('users, organizations and roles', async () => {
  const me = await client.user.getCurrent()
  assert.equal(me.sys.type, 'User')
  const userId = me.sys.id
  for (const [one, many] of [['getForSpace', 'getManyForSpace'], ['getForOrganization', 'getManyForOrganization']]) {
    assert.equal((await client.user[one]({ userId })).email, me.email)
    assert.ok(ids(await client.user[many]({})).includes(userId))
  }
  assert.equal((await client.organization.get({ organizationId })).sys.id, organizationId)
  assert.ok((await client.role.getMany({})).items.every((role) => role.sys.type === 'Role'))
})

test('spaces', async () => {
  const space = await client.space.get({})
  assert.equal(space.sys.organization.sys.id, organizationId)
  const renamed = await client.space.update({}, { ...space, name: 'After' })
  assert.deepEqual([renamed.name, renamed.sys.version], ['After', space.sys.version + 1])
  for (const many of ['getMany', 'getManyForOrganization']) {
    const found = (await client.space[many]({ query: { limit: 1000 } })).items.find((item) => item.sys.id === spaceId)
    assert.equal(found.name, 'After')
  }
})

test('API keys', async () => {
  const made = await client.apiKey.createWithId({ apiKeyId: 'mine' }, { name: 'Mine', description: 'To read', environments: [{ sys: { type: 'Link', linkType: 'Environment', id: 'master' } }] })
  const updated = await client.apiKey.update({ apiKeyId: 'mine' }, { ...made, name: 'Ours' })
  assert.deepEqual([updated.name, updated.description, updated.accessToken, updated.sys.version], ['Ours', 'To read', made.accessToken, made.sys.version + 1])
  const got = await client.apiKey.get({ apiKeyId: 'mine' })
  assert.equal(got.name, 'Ours')
  assert.ok(ids(await client.apiKey.getMany({})).includes('mine'))
  assert.ok(ids(await client.previewApiKey.getMany({})).includes(got.preview_api_key.sys.id))
  await client.apiKey.delete({ apiKeyId: 'mine' })
  await notFound(() => client.apiKey.get({ apiKeyId: 'mine' }))
})

test('environments and aliases', async () => {
  await client.tag.createWithId({ tagId: 'here' }, { name: 'Here', sys: { visibility: 'private' } })
  const made = await client.environment.create({}, { name: 'Staging' })
  const environmentId = made.sys.id
  const ready = await client.environment.get({ environmentId })
  assert.deepEqual([ready.name, ready.sys.status.sys.id], ['Staging', 'ready'])
  assert.deepEqual(ids(await client.tag.getMany({ environmentId })), ['here'])
  const updated = await client.environment.update({ environmentId }, { ...ready, name: 'Stage' })
  assert.equal(updated.name, 'Stage')
  assert.deepEqual(ids(await client.environment.getMany({})).sort(), [environmentId, 'master'].sort())

  const target = (id) => ({ environment: { sys: { type: 'Link', linkType: 'Environment', id } } })
  const alias = await client.environmentAlias.createWithId({ environmentAliasId: 'live' }, target('master'))
  const moved = await client.environmentAlias.update({ environmentAliasId: 'live' }, { ...alias, ...target(environmentId) })
  assert.equal(moved.environment.sys.id, environmentId)
  assert.equal((await client.environmentAlias.get({ environmentAliasId: 'live' })).environment.sys.id, environmentId)
  assert.ok(ids(await client.environmentAlias.getMany({})).includes('live'))
  assert.equal((await client.environment.get({ environmentId: 'live' })).name, 'live')
  await client.environmentAlias.delete({ environmentAliasId: 'live' })
  await client.environment.delete({ environmentId })
  assert.deepEqual(ids(await client.environment.getMany({})), ['master'])
})

test('webhooks', async () => {
  const made = await client.webhook.create({}, { name: 'Hook', url: 'https://example.com/hook', topics: ['Entry.publish'], active: false })
  const webhookDefinitionId = made.sys.id
  assert.deepEqual([made.name, made.url, made.topics, made.active], ['Hook', 'https://example.com/hook', ['Entry.publish'], false])
  const updated = await client.webhook.update({ webhookDefinitionId }, { ...made, topics: ['Asset.*'], headers: [{ key: 'x-site', value: 'one' }] })
  assert.deepEqual([updated.topics, updated.sys.version], [['Asset.*'], made.sys.version + 1])
  const got = await client.webhook.get({ webhookDefinitionId })
  assert.deepEqual([got.name, got.topics, got.headers], ['Hook', ['Asset.*'], [{ key: 'x-site', value: 'one' }]])
  assert.deepEqual(ids(await client.webhook.getMany({})), [webhookDefinitionId])
  await client.webhook.delete({ webhookDefinitionId })
  await notFound(() => client.webhook.get({ webhookDefinitionId }))
})

test('calls of a webhook', async () => {
  const { sys: { id: webhookDefinitionId } } = await client.webhook.create({}, { name: 'Near', url: 'http://127.0.0.1:1/', topics: ['ContentType.create'] })
  await client.contentType.createWithId({ contentTypeId: 'told' }, { name: 'Told', fields: [] })
  let calls = []
  for (let tries = 0; calls.length === 0 && tries < 200; tries++) {
    await setTimeout(50)
    calls = (await client.webhook.getManyCallDetails({ webhookDefinitionId })).items
  }
  const [{ sys, ...call }] = calls
  assert.deepEqual([call.statusCode, call.eventType, call.url], [0, 'create', 'http://127.0.0.1:1/'])
  assert.match(call.errors[1], /^127\.0\.0\.1 is a loopback address/) // no request leaves without the setting that allows it
  const details = await client.webhook.getCallDetails({ webhookDefinitionId, callId: sys.id })
  assert.deepEqual([details.request.method, JSON.parse(details.request.body).sys.id], ['POST', 'told'])
  assert.equal((await client.webhook.getHealthStatus({ webhookDefinitionId })).calls.healthy, 0)
  await client.webhook.delete({ webhookDefinitionId })
})

test('settings of webhooks', async () => {
  assert.equal((await client.webhook.upsertSigningSecret({}, { value: 'a1B2'.repeat(16) })).redactedValue, 'a1B2')
  assert.equal((await client.webhook.getSigningSecret({})).redactedValue, 'a1B2')
  await client.webhook.deleteSigningSecret({})
  await notFound(() => client.webhook.getSigningSecret({}))
  assert.equal((await client.webhook.upsertRetryPolicy({}, { maxRetries: 5 })).maxRetries, 5)
  assert.equal((await client.webhook.getRetryPolicy({})).maxRetries, 5)
  await client.webhook.deleteRetryPolicy({})
  await notFound(() => client.webhook.getRetryPolicy({}))
})
