// The older client of contentful-management, whose answers have methods: a space
// from its making to its end.
import assert from 'node:assert/strict'
import test from 'node:test'
import { chained } from '../lib/target.mjs'

const notFound = (call) => assert.rejects(call, { name: 'NotFound' })
const ids = ({ items }) => items.map((item) => item.sys.id)
const words = (text) => ({ 'en-US': text })

test('a space by the chained client', async () => {
  const client = chained()
  const [organization] = (await client.getOrganizations()).items
  assert.equal((await client.getOrganization(organization.sys.id)).name, organization.name)
  const user = await client.getCurrentUser()

  // the space and what belongs to it
  let space = await client.createSpace({ name: 'Chained', defaultLocale: 'en-US' }, organization.sys.id)
  assert.ok(ids(await client.getSpaces({ limit: 1000 })).includes(space.sys.id))
  space.name = 'Chained too'
  space = await space.update()
  assert.equal((await client.getSpace(space.sys.id)).name, 'Chained too')
  assert.ok(ids(await space.getSpaceUsers()).includes(user.sys.id))
  let key = await space.createApiKeyWithId('web', { name: 'web', environments: [] })
  key.name = 'site'
  key = await key.update()
  assert.deepEqual([(await space.getApiKey('web')).name, ids(await space.getApiKeys())], ['site', ['web']])
  const [preview] = (await space.getPreviewApiKeys()).items
  assert.equal((await space.getPreviewApiKey(preview.sys.id)).name, 'site')
  await key.delete()
  let hook = await space.createWebhookWithId('hook', { name: 'Hook', url: 'https://example.com/', topics: ['*.*'] })
  hook.topics = ['Entry.*']
  hook = await hook.update()
  assert.deepEqual((await space.getWebhook('hook')).topics, ['Entry.*'])
  await hook.delete()
  assert.deepEqual(ids(await space.getWebhooks()), [])

  // the model
  const environment = await space.getEnvironment('master')
  const locale = await environment.createLocale({ name: 'German', code: 'de', fallbackCode: 'en-US', optional: true })
  locale.name = 'Deutsch'
  assert.equal((await locale.update()).name, 'Deutsch')
  assert.deepEqual((await environment.getLocales()).items.map((l) => l.code), ['en-US', 'de'])
  let type = await environment.createContentTypeWithId('post', {
    name: 'Post', displayField: 'title', fields: [
      { id: 'title', name: 'Title', type: 'Symbol', required: true, localized: true },
      { id: 'old', name: 'Old', type: 'Symbol', required: false, localized: false },
    ],
  })
  type = await type.publish()
  assert.deepEqual([type.isPublished(), type.isUpdated(), type.isDraft()], [true, false, false])
  await type.omitAndDeleteField('old')
  type = await (await environment.getContentType('post')).publish()
  assert.deepEqual(type.fields.map((f) => f.id), ['title'])
  const editor = await type.getEditorInterface()
  editor.controls[0].widgetId = 'slugEditor'
  editor.controls[0].widgetNamespace = 'builtin'
  await editor.update()
  assert.equal((await environment.getEditorInterfaceForContentType('post')).getControlForField('title').widgetId, 'slugEditor')
  assert.equal((await type.getSnapshots()).items.length, 3) // what omits a field publishes too
  let tag = await environment.createTag('summer', 'Summer', 'public')
  tag.name = 'Summer 1'
  tag = await tag.update()
  assert.equal((await environment.getTag('summer')).name, 'Summer 1')
  let extension = await environment.createUiExtensionWithId('stars', { extension: { name: 'Stars', fieldTypes: [{ type: 'Integer' }], src: 'https://example.com/' } })
  extension.extension.name = 'More stars'
  extension = await extension.update()
  assert.equal((await environment.getUiExtension('stars')).extension.name, 'More stars')
  await extension.delete()

  // content
  let entry = await environment.createEntryWithId('post', 'one', { fields: { title: words('One') } })
  entry = await entry.publish()
  entry.fields.title['en-US'] = 'First'
  entry = await entry.update()
  assert.deepEqual([entry.isPublished(), entry.isUpdated(), entry.isArchived()], [true, true, false])
  entry = await entry.patch([{ op: 'add', path: '/fields/title/de', value: 'Erster' }])
  assert.deepEqual(entry.fields.title, { 'en-US': 'First', de: 'Erster' })
  const snapshots = await entry.getSnapshots()
  assert.deepEqual((await entry.getSnapshot(snapshots.items[0].sys.id)).snapshot.fields.title, words('One'))
  assert.deepEqual(ids(await entry.references({ include: 1 })), ['one'])
  assert.deepEqual(ids(await environment.getEntries({ content_type: 'post', 'fields.title[match]': 'first' })), ['one'])
  assert.deepEqual((await environment.getPublishedEntries()).items.map((e) => e.fields.title), [words('One')])
  entry = await (await (await (await entry.unpublish()).archive()).unarchive())
  assert.equal(entry.isDraft(), true)

  let asset = await environment.createAssetFromFiles({
    fields: { title: words('Words'), description: words(''), file: words({ contentType: 'text/plain', fileName: 'words.txt', file: 'some words' }) },
  })
  asset = await asset.processForAllLocales({ processingCheckWait: 50 })
  asset = await asset.publish()
  assert.deepEqual([asset.isPublished(), asset.fields.file['en-US'].details.size], [true, 10])
  assert.deepEqual(ids(await environment.getAssets()), [asset.sys.id])
  assert.deepEqual(ids(await environment.getPublishedAssets()), [asset.sys.id])
  asset = await asset.unpublish()
  asset.fields.title['en-US'] = 'More words'
  asset = await (await (await asset.update()).archive()).unarchive()
  const upload = await environment.createUpload({ file: 'more words' })
  assert.equal((await environment.getUpload(upload.sys.id)).sys.type, 'Upload') // its delete() takes its id for the environment's

  // many as one
  const link = (version) => ({ sys: { type: 'Link', linkType: 'Entry', id: 'one', ...(version && { version }) } })
  const array = (...items) => ({ sys: { type: 'Array' }, items })
  const bulk = await environment.createPublishBulkAction({ entities: array(link(entry.sys.version)) })
  const done = await bulk.waitProcessing({ initialDelayMs: 0, retryIntervalMs: 50 })
  assert.deepEqual([done.sys.status, (await environment.getEntry('one')).isPublished()], ['succeeded', true])
  const release = await environment.createRelease({ title: 'Spring', entities: array(link()) })
  const action = await (await release.unpublish()).waitProcessing({ initialDelayMs: 0, retryIntervalMs: 50 })
  assert.deepEqual([action.sys.status, (await environment.getEntry('one')).isPublished()], ['succeeded', false])
  await (await environment.getRelease(release.sys.id)).delete()

  // environments
  const copy = await space.createEnvironmentWithId('copy', { name: 'Copy' }, 'master')
  assert.equal((await (await space.getEnvironment('copy')).getEntry('one')).fields.title.de, 'Erster')
  let alias = await space.createEnvironmentAliasWithId('live', { environment: { sys: { type: 'Link', linkType: 'Environment', id: 'copy' } } })
  alias.environment.sys.id = 'master'
  alias = await alias.update()
  assert.equal((await space.getEnvironmentAlias('live')).environment.sys.id, 'master')
  await alias.delete()
  await copy.delete()
  assert.deepEqual(ids(await space.getEnvironments()), ['master'])

  // the end
  for (const thing of [await environment.getEntry('one'), asset, await environment.getTag('summer'), locale]) await thing.delete()
  await notFound(() => environment.getAsset(asset.sys.id))
  await (await type.unpublish()).delete()
  assert.deepEqual(ids(await environment.getContentTypes()), [])
  await space.delete()
  await notFound(() => client.getSpace(space.sys.id))
})
