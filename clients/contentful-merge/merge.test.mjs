// contentful-merge, whose hosts cannot be chosen, through typecase run: what
// differs between two environments, and one made like the other. It lists the tool
// it is released with among what it needs; package.json leaves that out.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { management, newSpace, temporaryDirectory, token } from '../lib/target.mjs'
import { run } from '../lib/run.mjs'

test('changes of an environment are brought to another', async () => {
  const space = await newSpace('merge')
  const client = management({ spaceId: space.id })
  const at = (environmentId) => ({ environmentId })
  const type = await client.contentType.createWithId({ ...at('master'), contentTypeId: 'note' }, { name: 'Note', fields: [{ id: 'text', name: 'Text', type: 'Symbol' }, { id: 'next', name: 'Next', type: 'Link', linkType: 'Entry' }] })
  await client.contentType.publish({ ...at('master'), contentTypeId: 'note' }, type)
  const save = async (environmentId, entryId, fields) => {
    const params = { environmentId, entryId }
    const entry = await client.entry.get(params).then((e) => client.entry.update(params, { ...e, fields }), () => client.entry.createWithId({ ...params, contentTypeId: 'note' }, { fields }))
    return client.entry.publish(params, entry)
  }
  const text = (s) => ({ text: { 'en-US': s } })
  await save('master', 'same', text('Same'))
  await save('master', 'changed', text('Old'))
  await save('master', 'gone', text('Gone'))
  await client.environment.createWithId({ environmentId: 'dev' }, { name: 'Dev' })
  const key = await client.apiKey.create({}, { name: 'merge', environments: ['master', 'dev'].map((id) => ({ sys: { type: 'Link', linkType: 'Environment', id } })) })
  await save('dev', 'changed', text('New'))
  await save('dev', 'added', { ...text('Added'), next: { 'en-US': { sys: { type: 'Link', linkType: 'Entry', id: 'same' } } } })
  await client.entry.unpublish({ ...at('dev'), entryId: 'gone' })
  await client.entry.delete({ ...at('dev'), entryId: 'gone' })

  const cwd = temporaryDirectory()
  const create = (name, ...more) => run('contentful-merge', ['create', '--space', space.id, '--source', 'dev', '--target', 'master', '--cda-token', key.accessToken, '--request-batch-size', '2', '--output-file', name, ...more], { cwd })
  const created = await create('changes.json')
  assert.match(created.output, /Changeset successfully created/)
  assert.match(created.caught, /^cdn\.contentful\.com \(\d+\)$/)
  const { items } = JSON.parse(fs.readFileSync(path.join(cwd, 'changes.json'), 'utf8'))
  assert.deepEqual(items.map((i) => [i.changeType, i.entity.sys.id]).sort(), [['add', 'added'], ['delete', 'gone'], ['update', 'changed']])
  assert.deepEqual(items.find((i) => i.changeType === 'update').patch, [{ op: 'replace', path: '/fields/text/en-US', value: 'New' }])

  const applied = await run('contentful-merge', ['apply', '--space', space.id, '--environment', 'master', '--cma-token', token, '--file', 'changes.json', '--yes'], { cwd })
  assert.match(applied.output, /Changeset successfully applied/)
  assert.match(applied.caught, /^api\.contentful\.com \(\d+\)$/)
  const whole = async (environmentId) =>
    (await client.entry.getMany({ environmentId, query: { order: 'sys.id' } })).items.map(({ sys, fields }) => ({ id: sys.id, fields, published: sys.version === sys.publishedVersion + 1 }))
  assert.deepEqual(await whole('master'), await whole('dev'))

  const again = (await create('nothing.json', '--query-entries', 'content_type=note', '--query-entries', 'fields.text[exists]=true', ...['add', 'update', 'delete'].map((o) => `--allowed-operations=${o}`))).output
  for (const change of ['added', 'updated', 'deleted']) assert.match(again, new RegExp(`✔ 0 ${change} entries`))
})
