// Calls of webhooks, as they arrive, checked by the official helper for receivers: a
// call is genuine as it came, and is not when anything that is signed was changed.
import assert from 'node:assert/strict'
import http from 'node:http'
import { createRequire } from 'node:module'
import test, { after, before, mock } from 'node:test'
import { management, nearHost, newSpace } from '../lib/target.mjs'

const { verifyRequest } = createRequire(import.meta.url)('@contentful/node-apps-toolkit')
const secret = 'a1B2+/=_'.repeat(8)
const near = { host: nearHost }

let client, receiver, calls, arrived

before(async () => {
  calls = []
  receiver = http.createServer(async (req, res) => {
    const chunks = await Array.fromAsync(req)
    calls.push({ method: req.method, path: req.url, headers: req.headers, body: Buffer.concat(chunks).toString('utf8') })
    res.end()
    arrived?.()
  })
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { id } = await newSpace('Signed', 'en-US', near)
  client = management({ spaceId: id, environmentId: 'master' }, near)
  const at = `http://127.0.0.1:${receiver.address().port}`
  const hook = (name, url, more) => client.webhook.create({}, { name, url, topics: ['ContentType.create', 'ContentType.save'], ...more })
  await hook('Plain', `${at}/plain`)
  await hook('Query', `${at}/with space/{ /payload/sys/id }?name={ /payload/name }&x=%20y`, { transformation: { method: 'PUT', contentType: 'application/json; charset=utf-8', includeContentLength: true, body: { name: '{ /payload/name }' } } })
  await hook('Bare', `${at}/bare`, { transformation: { method: 'GET' } })
})

after(() => {
  receiver.closeAllConnections()
  receiver.close()
})

// save makes something happen and answers the calls that tell it, one of each webhook.
async function save(contentTypeId, name) {
  calls.length = 0
  const all = new Promise((resolve) => { arrived = () => calls.length === 3 && resolve() })
  await client.contentType.createWithId({ contentTypeId }, { name, fields: [] })
  await all
  return calls.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

const header = (call, name, value) => ({ ...call, headers: { ...call.headers, [name]: value } })
const names = (call) => call.headers['x-contentful-signed-headers'].split(',')

test('as it came it is genuine', async () => {
  await client.webhook.upsertSigningSecret({}, { value: secret })
  const [bare, plain, query] = await save('told', 'Größe & more?')
  assert.deepEqual([bare.method, plain.method, query.method], ['GET', 'POST', 'PUT'])
  assert.equal(query.path, '/with%20space/told?name=Gr%C3%B6%C3%9Fe%20%26%20more%3F&x=%20y')
  assert.deepEqual(JSON.parse(query.body), { name: 'Größe & more?' })
  const signed = ['x-contentful-event-datetime', 'x-contentful-idempotency-key', 'x-contentful-signed-headers', 'x-contentful-timestamp', 'x-contentful-topic']
  assert.deepEqual([names(plain), names(bare)], [['content-type', ...signed], signed])
  for (const call of [bare, plain, query]) {
    assert.equal(verifyRequest(secret, call), true, call.path)
    assert.equal(verifyRequest(secret, header(call, 'x-contentful-webhook-name', 'Other')), true, 'what is not signed may change on the way')

    assert.equal(verifyRequest(`${secret.slice(1)}-`, call), false, 'another secret')
    assert.equal(verifyRequest(secret, { ...call, method: 'DELETE' }), false, 'another method')
    assert.equal(verifyRequest(secret, { ...call, path: `${call.path}/` }), false, 'another path')
    assert.equal(verifyRequest(secret, { ...call, body: `${call.body} ` }), false, 'another body')
    for (const name of names(call)) {
      if (name === 'x-contentful-signed-headers') continue
      const { [name]: value, ...others } = call.headers
      const changed = name === 'x-contentful-timestamp' ? `${Number(value) + 1}` : `${value}x`
      assert.equal(verifyRequest(secret, header(call, name, changed)), false, `another ${name}`)
      if (name !== 'x-contentful-timestamp') assert.equal(verifyRequest(secret, { ...call, headers: others }), false, `no ${name}`)
    }
    const fewer = names(call).filter((name) => name !== 'x-contentful-topic').join(',')
    assert.equal(verifyRequest(secret, header(call, 'x-contentful-signed-headers', fewer)), false, 'a header less that is signed')
  }

  mock.timers.enable({ apis: ['Date'], now: Number(plain.headers['x-contentful-timestamp']) + 30_000 })
  try {
    assert.throws(() => verifyRequest(secret, plain), /within 30s/) // sent again later
    assert.equal(verifyRequest(secret, plain, 31), true)
  } finally {
    mock.timers.reset()
  }
})

test('with another secret, and without one', async () => {
  const next = 'Zz09'.repeat(16)
  await client.webhook.upsertSigningSecret({}, { value: next })
  for (const call of await save('again', 'Again')) {
    assert.deepEqual([verifyRequest(next, call), verifyRequest(secret, call)], [true, false])
  }
  await client.webhook.deleteSigningSecret({})
  for (const call of await save('unsigned', 'Unsigned')) {
    assert.equal(call.headers['x-contentful-signature'], undefined)
    assert.throws(() => verifyRequest(next, call))
  }
})
