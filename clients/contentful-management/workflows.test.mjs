// Every method that the plain management client has for workflows, their
// definitions, their changelog and comments on them.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { management, newSpace } from '../lib/target.mjs'

let client, params, user
const link = (linkType, id) => ({ sys: { type: 'Link', linkType, id } })

before(async () => {
  const space = await newSpace('Workflows')
  client = management()
  params = { spaceId: space.id, environmentId: 'master' }
  user = (await client.user.getCurrent()).sys.id
  const type = await client.contentType.createWithId({ ...params, contentTypeId: 'post' }, { name: 'Post', fields: [{ id: 'title', name: 'Title', type: 'Symbol', localized: false, required: false }] })
  await client.contentType.publish({ ...params, contentTypeId: 'post' }, type)
})

async function failsWith(name, status, call) {
  try {
    await call()
  } catch (error) {
    assert.equal(error.name, name, error.message)
    assert.equal(JSON.parse(error.message).status, status)
    return
  }
  assert.fail(`expected ${name}`)
}

const define = (more) => client.workflowDefinition.create(params, {
  name: 'Review', appliesTo: [{ type: 'Link', linkType: 'Entry', validations: [{ linkContentType: ['post'] }] }],
  steps: [{ name: 'Draft', actions: [] }, { name: 'Done', annotations: ['green'], actions: [{ type: 'task', configuration: { assignee: link('User', user), body: 'Read it' } }] }], ...more,
})

test('definitions', async () => {
  const made = await define({ description: 'How it is done', startOnEntityCreation: false, flowType: 'strict_neighbor' })
  assert.deepEqual([made.sys.type, made.sys.version, made.sys.isLocked, made.flowType, made.steps.map((step) => step.name)], ['WorkflowDefinition', 1, false, 'strict_neighbor', ['Draft', 'Done']])
  const of = { ...params, workflowDefinitionId: made.sys.id }
  assert.deepEqual(await client.workflowDefinition.get(of), made)
  assert.deepEqual((await client.workflowDefinition.getMany({ ...params, query: { limit: 10 } })).items, [made])
  const changed = await client.workflowDefinition.update(of, { ...made, steps: [...made.steps, { name: 'Published' }] })
  assert.deepEqual([changed.sys.version, changed.steps.slice(0, 2), changed.steps[2].name], [2, made.steps, 'Published'])
  await failsWith('VersionMismatch', 409, () => client.workflowDefinition.update(of, made))
  await failsWith('ValidationFailed', 422, () => define({ name: '' }))
  await client.workflowDefinition.delete({ ...of, version: 2 })
  await failsWith('NotFound', 404, () => client.workflowDefinition.get(of))
})

test('workflows', async () => {
  const entry = await client.entry.create({ ...params, contentTypeId: 'post' }, { fields: {} })
  const definition = await define()
  const [draft, done] = definition.steps
  const start = () => client.workflow.create(params, { entity: link('Entry', entry.sys.id), workflowDefinition: link('WorkflowDefinition', definition.sys.id) })
  const made = await start()
  const of = { ...params, workflowId: made.sys.id }
  assert.deepEqual([made.sys.type, made.sys.version, made.sys.entity, made.sys.workflowDefinition, made.stepId], ['Workflow', 1, link('Entry', entry.sys.id), link('WorkflowDefinition', definition.sys.id), undefined])
  assert.deepEqual(await client.workflow.get(of), made)
  await failsWith('ValidationFailed', 422, start)
  const moved = await client.workflow.update(of, { stepId: draft.id, sys: { version: 1 } })
  assert.deepEqual([moved.sys.version, moved.stepId], [2, draft.id])
  const ended = await client.workflow.update(of, { ...moved, stepId: done.id })
  assert.equal((await client.task.getMany({ ...params, entryId: entry.sys.id, query: {} })).total, 1)
  const query = { 'stepId[in]': done.id, 'sys.entity.sys.linkType': 'Entry', 'sys.entity.sys.id[in]': entry.sys.id, 'sys.workflowDefinition.sys.id': definition.sys.id, order: '-sys.updatedAt' }
  assert.deepEqual((await client.workflow.getMany({ ...params, query })).items, [ended])
  await failsWith('ActionPreconditionsFailed', 422, () => client.workflowDefinition.delete({ ...params, workflowDefinitionId: definition.sys.id, version: 1 }))

  const about = { ...params, parentEntityType: 'Workflow', parentEntityId: made.sys.id }
  const comment = await client.comment.create({ ...about, parentEntityVersion: 3 }, { body: 'Well done' })
  assert.deepEqual(comment.sys.parentEntity, { sys: { type: 'Link', linkType: 'Workflow', id: made.sys.id, version: 3 } })
  await failsWith('VersionMismatch', 409, () => client.workflow.complete({ ...of, version: 2 }))
  await client.workflow.complete({ ...of, version: 3 })
  await failsWith('NotFound', 404, () => client.workflow.get(of))
  assert.deepEqual((await client.comment.getMany(about)).items, [comment])
  assert.deepEqual((await client.comment.getMany({ ...about, parentEntityVersion: 2 })).items, [])

  const again = await start()
  await client.workflow.delete({ ...params, workflowId: again.sys.id, version: 1 })
  const log = (await client.workflowsChangelog.getMany({ ...params, query: { 'entity.sys.linkType': 'entry', 'entity.sys.id': entry.sys.id } })).items
  assert.deepEqual(log.map((record) => [record.event, record.workflow.sys.id, record.workflow.sys.version, record.stepName]), [
    ['deleted', again.sys.id, 1, undefined], ['created', again.sys.id, 1, undefined], ['completed', made.sys.id, 4, 'Done'],
    ['stepChanged', made.sys.id, 3, 'Done'], ['stepChanged', made.sys.id, 2, 'Draft'], ['created', made.sys.id, 1, undefined],
  ])
  assert.deepEqual([log[2].stepAnnotations, log[2].eventBy, log[2].entity], [['green'], link('User', user), link('Entry', entry.sys.id)])
})
