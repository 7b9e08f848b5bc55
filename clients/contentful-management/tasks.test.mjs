// Every method that the plain management client has for tasks and for comments.
import assert from 'node:assert/strict'
import test, { before } from 'node:test'
import { management, newSpace } from '../lib/target.mjs'

let client, params, user
const link = (linkType, id) => ({ sys: { type: 'Link', linkType, id } })

before(async () => {
  const space = await newSpace('Tasks')
  client = management()
  params = { spaceId: space.id, environmentId: 'master' }
  user = (await client.user.getCurrent()).sys.id
  const type = await client.contentType.createWithId({ ...params, contentTypeId: 'post' }, { name: 'Post', fields: [{ id: 'title', name: 'Title', type: 'Symbol', localized: true, required: false }] })
  await client.contentType.publish({ ...params, contentTypeId: 'post' }, type)
})

async function failsWith(name, status, call) {
  try {
    await call()
  } catch (error) {
    assert.equal(error.name, name, error.message)
    const told = JSON.parse(error.message)
    assert.equal(told.status, status)
    return told
  }
  assert.fail(`expected ${name}`)
}

test('tasks', async () => {
  const entry = await client.entry.create({ ...params, contentTypeId: 'post' }, { fields: {} })
  const of = { ...params, entryId: entry.sys.id }
  const task = await client.task.create(of, { body: 'Check it', assignedTo: link('User', user), status: 'active', dueDate: '2030-01-01T00:00:00Z' })
  assert.deepEqual([task.sys.type, task.sys.version, task.sys.parentEntity, task.body, task.assignedTo, task.status, task.dueDate],
    ['Task', 1, link('Entry', entry.sys.id), 'Check it', link('User', user), 'active', '2030-01-01T00:00:00Z'])
  assert.deepEqual(await client.task.get({ ...of, taskId: task.sys.id }), task)
  assert.deepEqual((await client.task.getMany({ ...of, query: { limit: 10 } })).items, [task])
  await failsWith('BadRequest', 400, () => client.entry.publish(of, entry))
  const resolved = await client.task.update({ ...of, taskId: task.sys.id }, { ...task, status: 'resolved' })
  assert.deepEqual([resolved.sys.version, resolved.status], [2, 'resolved'])
  await failsWith('BadRequest', 400, () => client.task.update({ ...of, taskId: task.sys.id }, { ...resolved, body: 'Something else' }))
  await client.entry.publish(of, entry)
  await failsWith('VersionMismatch', 409, () => client.task.delete({ ...of, taskId: task.sys.id, version: 1 }))
  await client.task.delete({ ...of, taskId: task.sys.id, version: 2 })
  await failsWith('NotFound', 404, () => client.task.get({ ...of, taskId: task.sys.id }))
})

test('comments', async () => {
  const entry = await client.entry.create({ ...params, contentTypeId: 'post' }, { fields: {} })
  const of = { ...params, parentEntityType: 'Entry', parentEntityId: entry.sys.id }
  const first = await client.comment.create({ ...of, parentEntityReference: 'fields.title.en-US' }, { body: 'Why?' })
  assert.deepEqual([first.sys.type, first.sys.version, first.sys.parent, first.sys.parentEntity.sys.ref, first.body, first.status], ['Comment', 1, null, 'fields.title.en-US', 'Why?', 'active'])
  const document = {
    nodeType: 'document', data: {}, content: [{
      nodeType: 'paragraph', data: {}, content: [
        { nodeType: 'text', value: 'Ask ', marks: [], data: {} },
        { nodeType: 'mention', data: { target: link('User', user) }, content: [{ nodeType: 'text', value: '@owner', marks: [], data: {} }] },
      ],
    }],
  }
  const answer = await client.comment.create({ ...of, parentCommentId: first.sys.id }, { body: document })
  assert.deepEqual([answer.sys.parent, answer.body], [link('Comment', first.sys.id), document])
  assert.equal((await client.comment.get({ ...of, commentId: answer.sys.id })).body, 'Ask @owner')
  assert.deepEqual((await client.comment.get({ ...of, commentId: answer.sys.id, bodyFormat: 'rich-text' })).body, document)
  const resolved = await client.comment.update({ ...of, commentId: first.sys.id }, { ...first, status: 'resolved' })
  assert.deepEqual([resolved.sys.version, resolved.body, resolved.status], [2, 'Why?', 'resolved'])
  assert.deepEqual((await client.comment.getMany({ ...of, query: { status: 'resolved' } })).items, [resolved])
  assert.equal((await client.comment.getMany({ ...params, entryId: entry.sys.id, query: {} })).items.length, 2)
  await client.comment.delete({ ...of, commentId: first.sys.id, version: 2 })
  assert.deepEqual((await client.comment.getMany(of)).items, [], 'the answer goes with what it answers')

  const onType = { ...params, parentEntityType: 'ContentType', parentEntityId: 'post' }
  const about = await client.comment.create(onType, { body: 'Is this used?' })
  assert.deepEqual(about.sys.parentEntity, link('ContentType', 'post'))
  assert.deepEqual((await client.comment.getMany(onType)).items, [about])
  await client.comment.delete({ ...onType, commentId: about.sys.id, version: 1 })
  await failsWith('NotFound', 404, () => client.comment.get({ ...onType, commentId: about.sys.id }))
})
