// contentful-cli through typecase run: each command that needs no browser and no
// app of Contentful's, by what it prints and its exit code.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { management, newSpace, protect, reader, temporaryDirectory, token } from '../lib/target.mjs'
import { comparable } from '../lib/content.mjs'
import { importSpace } from '../lib/import.mjs'
import { run } from '../lib/run.mjs'

// home is a home of its own for the settings of the CLI, as somebody has it who
// has logged in and chosen a space.
async function home(space) {
  const dir = temporaryDirectory()
  const cli = async (args, { code = 0, input } = {}) => {
    ran.push(args.join(' '))
    const got = await run('contentful-cli', args, { cwd: dir, env: { HOME: dir }, input })
    const plain = got.output.replace(/\x1b\[[0-9;]*m/g, '')
    assert.equal(got.code, code, `contentful ${args.join(' ')}:\n${plain}`)
    return plain
  }
  assert.match(await cli(['config', 'add', '--mt', token]), /config added successfully/)
  if (space) assert.match(await cli(['space', 'use', '--space-id', space]), new RegExp(`Now using the 'master' Environment of Space .* \\(${space}\\)`))
  return { dir, cli, file: (name) => path.join(dir, name) }
}

const ran = [] // command lines

// row matches a line of a table.
const row = (...cells) => new RegExp(cells.map((c) => `│ ${c} +`).join('') + '│')

describe('commands', { concurrency: true }, () => {
  test('login and logout', async () => {
    const { cli, file } = await home()
    const stored = () => JSON.parse(fs.readFileSync(file('.contentfulrc.json'), 'utf8')).managementToken
    assert.match(await cli(['logout'], { input: 'y\n' }), /Successfully logged you out/)
    assert.equal(stored(), null)
    assert.match(await cli(['login', '--management-token', token]), /successfully logged in/)
    assert.equal(stored(), token)
  })

  test('sync region', async () => {
    // api.contentful.com and api.eu.contentful.com are one server here.
    const [from, to] = [await newSpace('cli sync from'), await newSpace('cli sync to')]
    const at = (space) => management({ spaceId: space.id, environmentId: 'master' })
    await at(from).tag.createWithId({ tagId: 'carried' }, { name: 'Carried', sys: { visibility: 'public' } })
    const { cli } = await home(from.id)
    const args = ['--source-region', 'na', '--target-region', 'eu', '--source-space-id', from.id, '--target-space-id', to.id, '--environment-id', 'master', '--source-token', token, '--target-token', token]
    assert.match(await cli(['sync', 'region', ...args]), /Migration complete[^]*caught api\.contentful\.com \(\d+\), api\.eu\.contentful\.com \(\d+\)/)
    assert.equal((await at(to).tag.get({ tagId: 'carried' })).name, 'Carried')
  })

  test('config', async () => {
    const { cli, file } = await home()
    assert.match(await cli(['config', 'add', '--active-space-id', 'one', '--host', 'localhost:8443']), /config added successfully/)
    const listed = await cli(['config', 'list'])
    for (const line of [`managementToken: ${token}`, 'activeSpaceId: one', 'activeEnvironmentId: master', 'host: localhost:8443', 'proxy: http://http:']) assert.ok(listed.includes(line), `${line} in ${listed}`)
    assert.match(await cli(['config', 'remove', '--as', '--host']), /config removed successfully/)
    assert.deepEqual(JSON.parse(fs.readFileSync(file('.contentfulrc.json'), 'utf8')).activeSpaceId, undefined)
    assert.match(await cli(['config', 'list']), /host: api\.contentful\.com/)
  })

  test('space create, list, delete', async () => {
    const { cli } = await home()
    const organizations = await cli(['organization', 'list'])
    assert.match(organizations, row('Typecase', '[A-Za-z0-9]{22}'))
    const [, id] = /Successfully created space Made by hand \(([a-z0-9]{12})\)/.exec(await cli(['space', 'create', '--name', 'Made by hand', '--yes', '--default-locale', 'de']))
    assert.equal((await management({ spaceId: id, environmentId: 'master' }).locale.getMany({})).items[0].code, 'de')
    assert.match(await cli(['space', 'list']), row('Made by hand', id))
    assert.match(await cli(['space', 'delete', '--space-id', id, '--yes']), /space was successfully deleted/)
    assert.ok(!(await cli(['space', 'list'])).includes(id))
    assert.match(await cli(['space', 'use', '--space-id', id], { code: 1 }), /The resource could not be found/)
  })

  test('space environment, environment-alias and accesstoken', async () => {
    const space = await newSpace('cli environments')
    const { cli, file } = await home(space.id)
    assert.match(await cli(['space', 'environment', 'create', '--environment-id', 'dev', '--name', 'Dev', '--await-processing']), /Successfully processed new environment Dev \(dev\)/)
    assert.match(await cli(['space', 'environment', 'create', '--environment-id', 'copy', '--name', 'Copy', '--source', 'dev']), /Successfully created environment Copy \(copy\)/)
    const environments = await cli(['space', 'environment', 'list'])
    for (const expected of [row('Dev', 'dev', 'ready'), row('Copy', 'copy', 'ready'), row('master \\[active\\]', 'master', 'ready')]) assert.match(environments, expected)
    assert.match(await cli(['space', 'environment', 'use', '--environment-id', 'dev']), /Now using Environment Dev \(dev\)/)
    assert.equal(JSON.parse(fs.readFileSync(file('.contentfulrc.json'), 'utf8')).activeEnvironmentId, 'dev')
    assert.match(await cli(['space', 'environment', 'delete', '--environment-id', 'copy']), /Successfully deleted environment Copy \(copy\)/)
    assert.match(await cli(['space', 'environment', 'delete', '--environment-id', 'copy'], { code: 1 }), /The resource could not be found/)

    assert.match(await cli(['space', 'environment-alias', 'create', '--alias-id', 'live', '--target-environment-id', 'master']), /Successfully created environment alias live targeting environment master/)
    assert.match(await cli(['space', 'environment-alias', 'update', '--alias-id', 'live', '--target-environment-id', 'dev']), /Successfully changed the target environment for alias live to dev/)
    assert.match(await cli(['space', 'environment-alias', 'list']), row('live', 'dev'))

    const [, key] = /Successfully created access token Key \(([0-9a-f]{64})\)/.exec(await cli(['space', 'accesstoken', 'create', '--name', 'Key', '--description', 'Described', '--silent']))
    assert.match(await cli(['space', 'accesstoken', 'list']), row('Key', 'Described', key))
    assert.equal((await reader(space.id, key).getSpace()).sys.id, space.id)
  })

  test('extension', async () => {
    const space = await newSpace('cli extensions')
    const { cli, file } = await home(space.id)
    const created = await cli(['extension', 'create', '--id', 'stars', '--name', 'Stars', '--src', 'https://example.org', '--field-types', 'Integer', 'Entries'])
    for (const expected of [/Successfully created extension/, row('Name', 'Stars'), row('Field types', 'Integer, Entries'), row('Src', 'https://example.org'), row('Version', '1')]) assert.match(created, expected)
    assert.match(await cli(['extension', 'create', '--id', 'stars', '--name', 'Stars', '--src', 'https://example.org', '--field-types', 'Integer'], { code: 1 }), /"status": 409/)
    fs.writeFileSync(file('page.html'), '<p>Hello</p>')
    fs.writeFileSync(file('extension.json'), JSON.stringify({ id: 'page', name: 'Page', srcdoc: 'page.html', sidebar: true, parameters: { installation: [{ id: 'key', name: 'Key', type: 'Symbol' }] } }))
    assert.match(await cli(['extension', 'create', '--descriptor', 'extension.json', '--installation-parameters', '{"key": "k"}']), row('Installation parameter values', '1'))
    const stored = await management({ spaceId: space.id, environmentId: 'master' }).extension.get({ extensionId: 'page' })
    assert.deepEqual([stored.extension.srcdoc, stored.extension.sidebar, stored.parameters], ['<p>Hello</p>', true, { key: 'k' }])
    const listed = await cli(['extension', 'list'])
    for (const expected of [row('Stars', 'stars', '1'), row('Page', 'page', '1')]) assert.match(listed, expected)
    assert.match(await cli(['extension', 'get', '--id', 'stars']), row('ID', 'stars'))
    const change = ['extension', 'update', '--id', 'stars', '--name', 'Stars', '--src', 'https://example.com', '--field-types', 'Integer']
    assert.match(await cli([...change, '--version', '1']), row('Src', 'https://example.com'))
    assert.match(await cli([...change, '--version', '1'], { code: 1 }), /version/)
    assert.match(await cli([...change, '--force']), row('Version', '3'))
    assert.match(await cli(['extension', 'delete', '--id', 'stars', '--version', '3']), /Successfully deleted extension with ID stars/)
    assert.match(await cli(['extension', 'get', '--id', 'stars'], { code: 1 }), /"type": "Extension"/)
  })

  test('space migration, generate migration, content-type', async () => {
    const space = await newSpace('cli migrations')
    const { cli, file } = await home(space.id)
    fs.writeFileSync(file('01.cjs'), `module.exports = (m) => {
      const a = m.createContentType('a', { name: 'A', description: 'About', displayField: 't' })
      a.createField('t', { name: 'T', type: 'Symbol', required: true })
      a.changeFieldControl('t', 'builtin', 'urlEditor')
    }`)
    assert.match(await cli(['space', 'migration', '--yes', '01.cjs']), /Migration successful/)
    assert.match(await cli(['content-type', 'list']), row('A', 'a'))
    const got = await cli(['content-type', 'get', '--id', 'a'])
    for (const expected of [row('Display Field', 't'), row('\\*', 't', 'T', 'Symbol', 'true')]) assert.match(got, expected)
    assert.match(await cli(['content-type', 'get', '--id', 'none'], { code: 1 }), /"type": "ContentType"/)
    assert.match(await cli(['space', 'generate', 'migration', '--filename', 'made.cjs']), /Migration file created at made\.cjs/)

    // the generated migration makes the same model elsewhere
    const other = await newSpace('cli migrations, again')
    assert.match(await cli(['space', 'migration', '--yes', '--space-id', other.id, 'made.cjs']), /Migration successful/)
    const model = async (id) => {
      const client = management({ spaceId: id, environmentId: 'master' })
      const { name, description, displayField, fields } = await client.contentType.get({ contentTypeId: 'a' })
      return { name, description, displayField, fields, controls: (await client.editorInterface.get({ contentTypeId: 'a' })).controls.map(({ settings, ...c }) => c) }
    }
    assert.deepEqual(await model(other.id), await model(space.id))
  })

  test('space export and import', async () => {
    const example = JSON.parse(fs.readFileSync(path.join(process.env.TYPECASE_TEST_EXAMPLE, 'space.json'), 'utf8'))
    const defaultLocale = example.locales.find((l) => l.default).code
    const first = await newSpace('cli export', defaultLocale)
    await importSpace(first.id, example, temporaryDirectory())
    const { cli, file, dir } = await home(first.id)
    const everything = ['--include-drafts', '--include-archived']
    assert.match(await cli(['space', 'export', '--content-file', 'one.json', '--export-dir', dir, '--download-assets', ...everything]), /The export was successful/)
    const one = JSON.parse(fs.readFileSync(file('one.json'), 'utf8'))
    assert.deepEqual([one.entries.length, one.assets.length, one.contentTypes.length], [example.entries.length, example.assets.length, example.contentTypes.length])
    for (const { url } of one.assets.flatMap((a) => Object.values(a.fields.file))) {
      assert.match(url, /^\/\/images\.ctfassets\.net\/files\//)
      assert.ok(fs.existsSync(path.join(dir, url)), `${url} is not downloaded`)
    }

    const second = await newSpace('cli import', defaultLocale)
    assert.match(await cli(['space', 'import', '--space-id', second.id, '--content-file', 'one.json', '--upload-assets', '--assets-directory', dir]), /The import was successful/)
    assert.match(await cli(['space', 'export', '--space-id', second.id, '--content-file', 'two.json', '--export-dir', dir, ...everything]), /The export was successful/)
    assert.deepEqual(comparable(JSON.parse(fs.readFileSync(file('two.json'), 'utf8'))), comparable(one))

    await protect(first.id, 'all')
    assert.match(await cli(['space', 'export', '--content-file', 'three.json', '--export-dir', dir, '--download-assets', ...everything]), /The export was successful/)
    const three = JSON.parse(fs.readFileSync(file('three.json'), 'utf8'))
    for (const [i, asset] of three.assets.entries()) {
      for (const [locale, { url }] of Object.entries(asset.fields.file)) {
        assert.match(url, /^https:\/\/images\.secure\.ctfassets\.net\/files\//)
        const free = one.assets[i].fields.file[locale].url
        assert.deepEqual(fs.readFileSync(path.join(dir, url.replace('https:', ''))), fs.readFileSync(path.join(dir, free)))
      }
    }
  })

  test('organization export and import', async () => {
    const { cli, file } = await home()
    const client = management()
    const [organization] = (await client.organization.getAll()).items
    const at = { organizationId: organization.sys.id }
    const link = (linkType, id) => ({ sys: { type: 'Link', linkType, id } })
    await client.concept.createWithId({ ...at, conceptId: 'cli-animal' }, { prefLabel: { 'en-US': 'Animal' } })
    await client.concept.createWithId({ ...at, conceptId: 'cli-bird' }, { prefLabel: { 'en-US': 'Bird' }, broader: [link('TaxonomyConcept', 'cli-animal')] })
    await client.conceptScheme.createWithId({ ...at, conceptSchemeId: 'cli-nature' }, { prefLabel: { 'en-US': 'Nature' }, topConcepts: [link('TaxonomyConcept', 'cli-animal')], concepts: [link('TaxonomyConcept', 'cli-animal'), link('TaxonomyConcept', 'cli-bird')] })
    const exportTo = async (command, name) => {
      assert.match(await cli(['organization', command, '--organization-id', organization.sys.id, '--output-file', name]), /data exported to/)
      return JSON.parse(fs.readFileSync(file(name), 'utf8'))
    }
    const ours = ({ taxonomy }) => JSON.parse(JSON.stringify({ concepts: taxonomy.concepts.filter((c) => c.sys.id.startsWith('cli-')), schemes: taxonomy.conceptSchemes.filter((s) => s.sys.id.startsWith('cli-')) }, (k, v) => (k === 'sys' && v.createdAt ? { id: v.id } : v)))
    const before = await exportTo('export', 'organization.json')
    assert.deepEqual([ours(before).concepts.length, ours(before).schemes.length], [2, 1])

    const importFrom = async (name, taxonomy) => {
      fs.writeFileSync(file(name), JSON.stringify({ taxonomy }))
      assert.match(await cli(['organization', 'import', '--organization-id', organization.sys.id, '--content-file', name]), /Import organization level entities \[completed\]/)
    }
    const of = (list) => list.filter((e) => e.sys.id.startsWith('cli-'))
    const exported = { concepts: of(before.taxonomy.concepts), conceptSchemes: of(before.taxonomy.conceptSchemes) }
    await importFrom('over.json', exported) // what has a version is brought up to date
    assert.deepEqual(ours(await exportTo('export', 'over-it.json')), ours(before))

    // taken away and brought back: what has no version is made
    const gone = async () => {
      await client.conceptScheme.delete({ ...at, conceptSchemeId: 'cli-nature', version: (await client.conceptScheme.get({ ...at, conceptSchemeId: 'cli-nature' })).sys.version })
      for (const conceptId of ['cli-bird', 'cli-animal']) await client.concept.delete({ ...at, conceptId, version: (await client.concept.get({ ...at, conceptId })).sys.version })
    }
    await gone()
    const unversioned = ({ sys, ...rest }) => ({ sys: { id: sys.id, type: sys.type }, ...rest })
    await importFrom('back.json', { concepts: exported.concepts.map(unversioned), conceptSchemes: exported.conceptSchemes.map(unversioned) })
    assert.deepEqual(ours(await exportTo('export', 'after.json')), ours(before))
    assert.deepEqual(ours({ taxonomy: await exportTo('taxonomy-export', 'taxonomy.json').then((t) => t.taxonomy ?? t) }), ours(before))

    fs.writeFileSync(file('transform.cjs'), `module.exports = ({ taxonomy }) => {
      taxonomy.getConcept('cli-bird').prefLabel = { 'en-US': 'Fowl' }
      taxonomy.addConcept('cli-fish', { prefLabel: { 'en-US': 'Fish' } })
    }`)
    assert.match(await cli(['organization', 'taxonomy-transform', '--organization-id', organization.sys.id, '--transform-script', 'transform.cjs', '--output-file', 'new.json']), /Data transformed successfully/)
    const transformed = JSON.parse(fs.readFileSync(file('new.json'), 'utf8'))
    assert.deepEqual(ids(transformed.taxonomy.concepts), ['cli-bird', 'cli-fish'])
    assert.match(await cli(['organization', 'import', '--organization-id', organization.sys.id, '--content-file', 'new.json']), /\[completed\]/)
    assert.deepEqual(ids(ours(await exportTo('export', 'last.json')).concepts), ['cli-animal', 'cli-bird', 'cli-fish'])
    await client.concept.delete({ ...at, conceptId: 'cli-fish', version: 1 })
    await gone()
  })
})

const ids = (list) => list.map((e) => e.sys.id).sort()

// expected are the commands that do not work, and why.
const expected = {
  'organization sec-check': [['--organization-id', 'ORGANIZATION'], 'needs memberships of an organization, which are not built yet', /permission_check .* FAIL/],
  'merge show': [['--source-environment-id', 'master', '--target-environment-id', 'dev', '--yes'], "needs an app of Contentful's", /Error/],
  'merge export': [['--source-environment-id', 'master', '--target-environment-id', 'dev', '--yes'], "needs an app of Contentful's", /Error/],
  'space seed': [['--template', 'blog', '--yes'], "reads from a space of Contentful's, and cannot use a proxy", /Error/]
}

test('commands that fail', async () => {
  const [organization] = (await management().organization.getAll()).items
  const space = await newSpace('cli failures')
  const { cli } = await home(space.id)
  await cli(['space', 'environment', 'create', '--environment-id', 'dev', '--name', 'Dev', '--await-processing'])
  await Promise.all(
    Object.entries(expected).map(async ([command, [args, why, output]]) => {
      const got = await cli([...command.split(' '), ...args.map((a) => (a === 'ORGANIZATION' ? organization.sys.id : a))], { code: 1 })
      assert.match(got, output, `${command} ${why}`)
    })
  )
})

// unasked are the commands that ask a browser or a person.
const unasked = ['feedback', 'init']

test('every command is run', () => {
  const dir = path.join(import.meta.dirname, '../node_modules/contentful-cli/dist/lib/cmds')
  const commands = (at, before = []) => fs.readdirSync(at, { withFileTypes: true }).flatMap((f) => {
    if (!f.isFile() || !f.name.endsWith('.js')) return []
    const name = path.basename(f.name, '.js')
    const below = path.join(at, `${name}_cmds`)
    const command = [...before, name === 'alias' ? 'environment-alias' : name]
    return fs.existsSync(below) ? commands(below, command) : [command.join(' ')]
  })
  const all = commands(dir)
  assert.ok(all.length > 35, `${all.length} commands`)
  assert.deepEqual(all.filter((command) => !ran.some((line) => `${line} `.startsWith(`${command} `))), unasked)
})
