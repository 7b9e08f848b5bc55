// contentful-export and contentful-import with each of their options, on a space
// that has everything inside; and what went out, in and out again is the same.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import test, { before } from 'node:test'
import { comparable } from '../lib/content.mjs'
import { files, richSpace } from '../lib/rich.mjs'
import { newProxy } from '../lib/proxy.mjs'
import { httpsHost, management, nearHost, newSpace, protect, runExport, runImport, temporaryDirectory, token } from '../lib/target.mjs'

const dir = temporaryDirectory()
let source, whole // the space, and all of it as exported

before(async () => {
  source = await richSpace('Rich')
  whole = await take({ includeDrafts: true, includeArchived: true, downloadAssets: true })
})

const take = (options = {}) =>
  runExport({
    spaceId: source.id, managementToken: token, host: httpsHost, exportDir: dir, saveFile: false,
    errorLogFile: path.join(dir, 'export-errors.json'), useVerboseRenderer: true, ...options,
  })

// bring imports what was exported, into a new space if none is named.
async function bring(options = {}) {
  const spaceId = options.spaceId ?? (await newSpace('Imported')).id
  const errorLogFile = path.join(dir, `import-errors-${spaceId}.json`)
  await runImport({
    spaceId, managementToken: token, host: httpsHost, hostUpload: httpsHost, rateLimit: 500, errorLogFile, useVerboseRenderer: true,
    ...(!options.contentFile && { content: structuredClone(whole) }), ...options,
  }).catch((error) => assert.fail(`${error.message}\n${fs.existsSync(errorLogFile) ? fs.readFileSync(errorLogFile, 'utf8') : ''}`))
  return spaceId
}

const uploads = { uploadAssets: true, assetsDirectory: dir }
const everything = { includeDrafts: true, includeArchived: true }
const sizes = (content) => Object.fromEntries(Object.entries(content).map(([type, items]) => [type, items.length]))
const ids = (items) => items.map((item) => item.sys.id).sort()
const counts = ({ contentTypes, editorInterfaces, entries, assets, locales, webhooks, tags }) => [contentTypes, editorInterfaces, entries, assets, locales, webhooks, tags].map((list) => list?.length ?? 0)

test('what is exported', async () => {
  assert.deepEqual(ids(whole.entries), ['ann', 'changed', 'draft', 'old', 'whole'])
  assert.deepEqual(ids(whole.assets), ['manual', 'old', 'sketch'])
  assert.deepEqual(ids(whole.contentTypes), ['author', 'post', 'unused'])
  assert.deepEqual(ids(whole.tags), ['hidden', 'summer'])
  assert.deepEqual([whole.locales.length, whole.webhooks.length], [3, 1])
  const published = await take()
  assert.deepEqual([ids(published.entries), ids(published.assets)], [['ann', 'changed', 'whole'], ['manual']])
  const drafts = await take({ includeDrafts: true })
  assert.deepEqual([ids(drafts.entries), ids(drafts.assets)], [['ann', 'changed', 'draft', 'whole'], ['manual', 'sketch']])
  const archived = await take({ includeArchived: true })
  assert.deepEqual([ids(archived.entries), ids(archived.assets)], [['ann', 'changed', 'old', 'whole'], ['manual', 'old']])
})

for (const [option, left] of Object.entries({
  skipContent: ['entries', 'assets'], skipContentModel: ['contentTypes', 'editorInterfaces', 'locales'], skipEditorInterfaces: ['editorInterfaces'],
  skipRoles: ['roles'], skipWebhooks: ['webhooks'], skipTags: ['tags'], contentOnly: ['contentTypes', 'editorInterfaces', 'locales', 'roles', 'webhooks'],
})) {
  test(`export with ${option}`, async () => {
    const want = sizes(whole)
    for (const type of left) delete want[type]
    assert.deepEqual(sizes(await take({ ...everything, [option]: true })), want)
  })
}

test('export of a part', async () => {
  const some = await take({ ...everything, queryEntries: ['content_type=post', 'fields.title[match]=Draft'], queryAssets: ['sys.id[in]=old,sketch', 'limit=1'] })
  assert.deepEqual([ids(some.entries), some.assets.length], [['draft'], 1])
  const stripped = await take({ ...everything, stripTags: true })
  assert.deepEqual([...stripped.entries, ...stripped.assets].flatMap((e) => e.metadata.tags), [])
  assert.deepEqual(comparable(await take({ ...everything, maxAllowedLimit: 2 })), comparable(whole))
})

test('export of another environment', async () => {
  const staging = await take({ ...everything, environmentId: 'staging' })
  assert.deepEqual(ids(staging.entries), ['ann', 'changed', 'draft', 'new', 'old', 'whole'])
  assert.deepEqual([staging.webhooks, staging.roles], [undefined, undefined]) // of master only
})

test('export of what is delivered', async () => {
  const delivered = await take({ deliveryToken: source.delivery, hostDelivery: httpsHost })
  assert.deepEqual([ids(delivered.entries), ids(delivered.assets)], [['ann', 'changed', 'whole'], ['manual']])
  assert.deepEqual(delivered.entries.find((e) => e.sys.id === 'changed').fields.title, { 'en-US': 'Before' })
})

test('export to a file, by a file of options, with headers', async () => {
  const config = path.join(dir, 'export-config.json')
  fs.writeFileSync(config, JSON.stringify({ spaceId: source.id, managementToken: token, contentFile: 'all.json', saveFile: true, ...everything }))
  await runExport({ config, host: httpsHost, exportDir: dir, errorLogFile: path.join(dir, 'e.json'), useVerboseRenderer: true, managementApplication: 'test/1', managementFeature: 'options' })
  assert.deepEqual(comparable(JSON.parse(fs.readFileSync(path.join(dir, 'all.json'), 'utf8'))), comparable(whole))
  for (const headers of [{ headers: { 'X-Typecase-Simulate': 'AccessDenied' } }, { header: ['X-Typecase-Simulate: AccessDenied'] }]) {
    await assert.rejects(take(headers)) // so the header arrives
  }
})

test('files of assets, out and in again', async () => {
  for (const asset of whole.assets) {
    for (const [locale, { url }] of Object.entries(asset.fields.file)) {
      assert.equal(fs.readFileSync(path.join(dir, url.replace(/^(https?:)?\/\//, '')), 'utf8'), files[asset.sys.id][locale])
    }
  }
})

test('files of protected assets, out and in again', async () => {
  const secret = temporaryDirectory()
  await protect(source.id, 'all')
  const { assets } = await take({ ...everything, downloadAssets: true, exportDir: secret })
  const spaceId = await bring({ assetsDirectory: secret, uploadAssets: true, content: { ...structuredClone(whole), assets: structuredClone(assets) } })
  await protect(source.id, 'none')
  for (const asset of assets) {
    for (const [locale, { url }] of Object.entries(asset.fields.file)) {
      assert.match(url, /assets\.secure\./)
      assert.equal(fs.readFileSync(path.join(secret, url.replace('//', '')), 'utf8'), files[asset.sys.id][locale])
    }
  }
  assert.deepEqual(ids((await take({ ...everything, spaceId })).assets), ids(assets))
})

test('out, in and out again', async () => {
  const spaceId = await bring(uploads)
  const again = await take({ ...everything, spaceId, downloadAssets: true })
  const want = comparable(whole)
  // The tool publishes the newest version of what was published.
  want.entries.find((e) => e.id === 'changed').changed = false
  assert.deepEqual(comparable(again), want)
  assert.deepEqual(again.webhooks.map(unaddressed), whole.webhooks.map(unaddressed))
  assert.equal(want.entries.find((e) => e.id === 'whole').concepts.length, 1)
  const { url } = again.assets.find((a) => a.sys.id === 'manual').fields.file.de
  assert.equal(fs.readFileSync(path.join(dir, url.replace(/^(https?:)?\/\//, '')), 'utf8'), files.manual.de)

  // over what is there: edits are kept, or overwritten
  const client = management({ spaceId, environmentId: 'master' })
  const edit = async () => client.entry.update({ entryId: 'draft' }, { ...(await client.entry.get({ entryId: 'draft' })), fields: { title: { 'en-US': 'Edited' } } })
  const title = async () => (await client.entry.get({ entryId: 'draft' })).fields.title['en-US']
  const without = (...types) => ({ ...structuredClone(whole), webhooks: [], ...Object.fromEntries(types.map((type) => [type, []])) }) // it makes webhooks always
  await edit()
  await bring({ ...uploads, spaceId, content: without(), skipContentUpdates: true, skipAssetUpdates: true })
  assert.equal(await title(), 'Edited')
  await bring({ spaceId, content: { ...without('assets'), entries: whole.entries.filter((e) => !e.sys.archivedVersion) } }) // what is archived cannot be edited
  assert.equal(await title(), 'Draft')
})

const unaddressed = ({ sys, ...webhook }) => webhook

test('files of assets from their URLs', async () => {
  const near = { spaceId: (await newSpace('Fetched', 'en-US', { host: nearHost })).id, host: nearHost }
  const { locales, tags, assets } = structuredClone(whole)
  await bring({ ...near, content: { locales, tags, assets } })
  const exportDir = path.join(dir, 'fetched')
  const fetched = await take({ ...everything, ...near, exportDir, downloadAssets: true })
  assert.deepEqual(comparable(fetched).assets, comparable(whole).assets)
  for (const asset of fetched.assets) {
    for (const [locale, { url }] of Object.entries(asset.fields.file)) {
      assert.equal(fs.readFileSync(path.join(exportDir, url.replace(/^(https?:)?\/\//, '')), 'utf8'), files[asset.sys.id][locale])
    }
  }
})

test('import of the model only, of content only', async () => {
  const spaceId = await bring({ contentModelOnly: true })
  assert.deepEqual(counts(await take({ ...everything, spaceId })), [3, 2, 0, 0, 3, 0, 2])
  const bare = await bring({ contentModelOnly: true, skipLocales: true })
  const model = await take({ ...everything, spaceId: bare })
  assert.deepEqual(counts(model), [3, 2, 0, 0, 1, 0, 2])
  const want = { ...comparable(whole), locales: comparable(model).locales }
  assert.deepEqual([comparable(model).contentTypes, comparable(model).editorInterfaces], [want.contentTypes, want.editorInterfaces])

  const config = path.join(dir, 'import-config.json')
  const contentFile = path.join(dir, 'content.json')
  fs.writeFileSync(contentFile, JSON.stringify({ ...whole, assets: [] }))
  fs.writeFileSync(config, JSON.stringify({ skipContentModel: true, skipContentPublishing: true }))
  await bring({ spaceId, contentFile, config, managementApplication: 'test/1', managementFeature: 'options' })
  const { entries } = await take({ ...everything, spaceId })
  assert.deepEqual(ids(entries), ids(whole.entries))
  assert.ok(entries.every((e) => e.sys.publishedVersion === undefined))
})

test('import into another environment, with headers', async () => {
  const { id } = await newSpace('Imported')
  await management({ spaceId: id }).environment.createWithId({ environmentId: 'staging' }, { name: 'Staging' })
  await bring({ spaceId: id, environmentId: 'staging', timeout: 10_000, retryLimit: 2, ...uploads })
  assert.deepEqual(ids((await take({ ...everything, spaceId: id, environmentId: 'staging' })).entries), ids(whole.entries))
  assert.deepEqual((await take({ ...everything, spaceId: id })).entries, [])
  await assert.rejects(bring({ spaceId: id, contentModelOnly: true, headers: { 'X-Typecase-Simulate': 'AccessDenied' } }))
})

test('through a proxy', async () => {
  const { address, asked, close } = await newProxy(httpsHost)
  try {
    const through = { proxy: address, rawProxy: true }
    const exportDir = path.join(dir, 'proxied')
    assert.deepEqual(comparable(await take({ ...everything, ...through, exportDir, downloadAssets: true })), comparable(whole))
    assert.deepEqual(new Set(asked.tunnels), new Set([httpsHost])) // for files
    assert.ok(asked.handedOn > 0) // for what the management API says
    const times = () => asked.tunnels.length + asked.handedOn
    const before = times()
    const spaceId = await bring({ ...through, ...uploads })
    assert.ok(times() > before)
    assert.deepEqual(ids((await take({ ...everything, spaceId })).entries), ids(whole.entries))
    // Without rawProxy these versions of the tools put the address together without
    // its scheme, which then is no URL.
    const bare = { proxy: address.replace('user:secret@', '') }
    await assert.rejects(async () => take(bare), { code: 'ERR_INVALID_URL' })
    await assert.rejects(bring(bare), /Invalid URL/)
  } finally {
    close()
  }
})
