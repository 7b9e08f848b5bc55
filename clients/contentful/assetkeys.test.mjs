// Files of protected assets, read as the documentation of contentful.js has it: an
// asset key of the client, and URLs that are signed with it.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { management, newSpace, protect, reader } from '../lib/target.mjs'

function sign(url, { policy, secret }) {
  const text = [{ alg: 'HS256', typ: 'JWT' }, { sub: url }].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${url}?policy=${policy}&token=${text}.${createHmac('sha256', secret).update(text).digest('base64url')}&w=10`
}

test('published and unpublished files of a protected space', async () => {
  const { id, delivery, preview } = await newSpace('Protected')
  const client = management({ spaceId: id, environmentId: 'master' })
  for (const assetId of ['shown', 'hidden']) {
    const upload = await client.upload.create({}, { file: assetId })
    const file = { 'en-US': { fileName: 'a.txt', contentType: 'text/plain', uploadFrom: { sys: { type: 'Link', linkType: 'Upload', id: upload.sys.id } } } }
    const asset = await client.asset.createWithId({ assetId }, { fields: { title: { 'en-US': assetId }, file } })
    const processed = await client.asset.processForAllLocales({}, asset, { processingCheckWait: 50 })
    if (assetId === 'shown') await client.asset.publish({ assetId }, processed)
  }
  await protect(id, 'all')

  const expiresAt = Math.floor(Date.now() / 1000) + 3600
  const [cda, cpa] = [reader(id, delivery), reader(id, preview)]
  const keys = { cda: await cda.createAssetKey(expiresAt), cpa: await cpa.createAssetKey(expiresAt) }
  const url = async (of) => `https:${(await cpa.getAsset(of)).fields.file.url}`.replace('https:', 'http:') // the client speaks http here
  const status = async (to) => (await fetch(to)).status
  const [shown, hidden] = [await url('shown'), await url('hidden')]
  assert.match(shown, /assets\.secure\./)
  assert.equal((await cda.getAsset('shown')).fields.file.url, shown.replace('http:', ''))
  assert.deepEqual([await status(shown), await status(sign(shown, keys.cda)), await status(sign(shown, keys.cpa))], [403, 200, 200])
  assert.deepEqual([await status(hidden), await status(sign(hidden, keys.cda)), await status(sign(hidden, keys.cpa))], [403, 403, 200])
  assert.equal(await (await fetch(sign(shown, keys.cda))).text(), 'shown')

  await protect(id, 'unpublished')
  assert.doesNotMatch(await url('shown'), /secure/)
  assert.deepEqual([await status(await url('shown')), await status(await url('hidden'))], [200, 403])
})
