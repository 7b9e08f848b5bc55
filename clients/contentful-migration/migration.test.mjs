// contentful-migration through typecase run: migrations that use every operation
// of its language, and the space they leave, whole.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { management, newSpace, temporaryDirectory, token } from '../lib/target.mjs'
import { run } from '../lib/run.mjs'

const here = import.meta.dirname
const migrate = (space, script) =>
  run('contentful-migration', ['--space-id', space, '--access-token', token, '--yes', '--environment-id', 'master', '--request-limit', '60', '--request-batch-size', '3', path.join(here, 'migrations', script)], { cwd: temporaryDirectory() })

test('a space that migrations have made', async () => {
  const space = await newSpace('migrations')
  const client = management({ spaceId: space.id, environmentId: 'master' })
  await client.locale.create({}, { name: 'German', code: 'de', fallbackCode: 'en-US' })
  await taxonomy(client)

  for (const script of ['01-create.cjs', '02-content.cjs', '03-change.cjs', '04-back.cjs']) {
    const { code, output, caught } = await migrate(space.id, script)
    assert.equal(code, 0, `${script}:\n${output}`)
    assert.match(caught, /^api\.contentful\.com \(\d+\)$/)
    if (script === '01-create.cjs') await entries(client)
  }
  const expected = path.join(here, 'expected.json')
  const got = await whole(client)
  if (process.env.UPDATE) fs.writeFileSync(expected, JSON.stringify(got, null, 2) + '\n')
  assert.deepEqual(got, JSON.parse(fs.readFileSync(expected, 'utf8')))
})

// parameters are those names that functions of the language have for what they are given.
const parameters = ['instanceId', 'fromFields', 'currentLocale', 'entryFields', 'entryTags', 'apiTags', 'taxonomyValidations', 'options', 'fieldId', 'groupId', 'insertBeforeWidgetId', 'widgetNameSpace']

test('the migrations use every operation and option of the language', () => {
  const types = fs.readFileSync(path.join(here, '../node_modules/contentful-migration/index.d.ts'), 'utf8')
  const scripts = fs.readdirSync(path.join(here, 'migrations')).map((f) => fs.readFileSync(path.join(here, 'migrations', f), 'utf8')).join('')
  const operations = new Set([...types.matchAll(/^  (\w+)(?:: )?\(/gm)].map((m) => m[1]))
  assert.ok(operations.size > 60, `${operations.size} operations`)
  assert.deepEqual([...operations].filter((name) => !new RegExp(`[. ]${name}[(:]`).test(scripts)), [])
  const language = types.slice(types.indexOf('FieldType'), types.indexOf('interface ClientConfig'))
  const options = new Set([...language.matchAll(/^ +(\w+)\??: /gm)].map((m) => m[1]))
  assert.ok(options.size > 70, `${options.size} options`)
  assert.deepEqual([...options].filter((name) => !new RegExp(`\\b${name}\\b`).test(scripts)).sort(), [...parameters].sort())
})

test('a migration that fails says why, and changes nothing', async () => {
  const space = await newSpace('failing migrations')
  const { code, output } = await migrate(space.id, '02-content.cjs')
  assert.equal(code, 1, output)
  assert.match(output, /Line 7: You cannot transform entries for content type "post" because it does not exist\./)
  const client = management({ spaceId: space.id, environmentId: 'master' })
  assert.equal((await client.contentType.getMany({})).total, 0)
})

// taxonomy is what content types can be validated against.
async function taxonomy(client) {
  const [organization] = (await client.organization.getAll()).items
  const at = { organizationId: organization.sys.id }
  await client.concept.createWithId({ ...at, conceptId: 'migration-topic' }, { prefLabel: { 'en-US': 'Topic' } })
  await client.conceptScheme.createWithId({ ...at, conceptSchemeId: 'migration-scheme' }, { prefLabel: { 'en-US': 'Scheme' }, topConcepts: [], concepts: [] })
}

// entries are what there is to migrate.
async function entries(client) {
  const link = (id) => ({ sys: { type: 'Link', linkType: 'Entry', id } })
  const create = async (contentTypeId, entryId, fields, publish) => {
    const entry = await client.entry.createWithId({ contentTypeId, entryId }, { fields })
    if (publish) await client.entry.publish({ entryId }, entry)
    return entry
  }
  await create('note', 'note', { heading: { 'en-US': 'Moves' }, body: { 'en-US': 'Stays behind' } }, true)
  await create('post', 'first', { title: { 'en-US': 'First post', de: 'Erster' }, text: { 'en-US': 'One' }, authorName: { 'en-US': 'Ann' }, words: { 'en-US': 1 } }, true)
  await create('post', 'second', { title: { 'en-US': 'Second post' }, authorName: { 'en-US': 'Ann' }, related: { 'en-US': [link('first')] } }, false)
  const fourth = await create('post', 'fourth', { title: { 'en-US': 'Fourth post', de: 'Vierter' }, authorName: { 'en-US': 'Cleo' } }, false)
  await client.entry.publish({ entryId: 'fourth', locales: ['en-US'] }, fourth)
  await create('post', 'third', { title: { 'en-US': 'Third post', de: 'Dritter' }, authorName: { 'en-US': 'Bob' } }, true)
}

// whole is everything in the space that does not differ from run to run.
async function whole(client) {
  const all = { query: { limit: 1000, order: 'sys.id' } }
  const state = ({ sys }) => (!sys.publishedVersion ? 'draft' : sys.version === sys.publishedVersion + 1 ? 'published' : 'changed')
  const types = (await client.contentType.getMany(all)).items
  const out = {
    tags: (await client.tag.getMany(all)).items.map(({ name, sys }) => ({ id: sys.id, name, visibility: sys.visibility })),
    contentTypes: types.map(({ sys, ...rest }) => ({ id: sys.id, state: state({ sys }), ...rest })),
    editorInterfaces: {},
    entries: (await client.entry.getMany(all)).items.map(({ sys, fields, metadata }) => ({ id: sys.id, contentType: sys.contentType.sys.id, state: state({ sys }), locales: sys.fieldStatus['*'], fields, metadata })),
    assets: (await client.asset.getMany(all)).total
  }
  for (const { sys } of types) {
    const { sys: _, ...rest } = await client.editorInterface.get({ contentTypeId: sys.id })
    out.editorInterfaces[sys.id] = rest
  }
  return JSON.parse(JSON.stringify(out))
}
