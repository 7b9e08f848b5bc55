// contentful-import takes every export in over https, and what is then in the
// space is what the export says.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { exportFiles, management, newSpace, reader, temporaryDirectory } from '../lib/target.mjs'
import { importSpace } from '../lib/import.mjs'

for (const file of exportFiles()) {
  test(`import of ${path.basename(file)}`, async () => {
    const content = JSON.parse(fs.readFileSync(file, 'utf8'))
    const defaultLocale = content.locales.find((l) => l.default).code
    const space = await newSpace(path.basename(file), defaultLocale)
    await importSpace(space.id, content, temporaryDirectory())

    const client = management({ spaceId: space.id, environmentId: 'master' })
    const all = { query: { limit: 1000 } }
    const entries = await client.entry.getMany(all)
    const assets = await client.asset.getMany(all)
    const types = await client.contentType.getMany(all)
    assert.equal(entries.total, content.entries.length)
    assert.equal(assets.total, content.assets.length)
    assert.equal(types.total, content.contentTypes.length)
    for (const expected of content.entries) {
      const got = entries.items.find((e) => e.sys.id === expected.sys.id)
      assert.deepEqual(got.fields, withoutEmpty(expected.fields), `entry ${expected.sys.id}`)
      assert.equal(got.sys.publishedVersion !== undefined, expected.sys.publishedVersion !== undefined, `state of entry ${expected.sys.id}`)
    }
    for (const expected of content.assets) {
      const got = assets.items.find((a) => a.sys.id === expected.sys.id)
      for (const [locale, file] of Object.entries(expected.fields.file)) {
        assert.equal(got.fields.file[locale].fileName, file.fileName)
        if (/^image\/(png|jpe?g)$/.test(file.contentType)) assert.deepEqual(got.fields.file[locale].details.image, file.details.image)
      }
    }
    if (content.webhooks?.length) {
      const webhooks = await client.webhook.getMany({ spaceId: space.id })
      assert.deepEqual(webhooks.items.map((w) => w.name).sort(), content.webhooks.map((w) => w.name).sort())
    }
    await readBack(space, content)
  })
}

// readBack reads what is published through the delivery SDK in every locale,
// links resolved, and holds it against the export.
async function readBack(space, content) {
  const client = reader(space.id, space.delivery)
  const published = content.entries.filter((e) => e.sys.publishedVersion)
  const defaultLocale = content.locales.find((l) => l.default).code
  const localized = (entry, field) =>
    content.contentTypes.find((t) => t.sys.id === entry.sys.contentType.sys.id).fields.find((f) => f.id === field).localized
  const fallback = Object.fromEntries(content.locales.map((l) => [l.code, l.fallbackCode]))
  const all = await client.withAllLocales.getEntries({ limit: 1000 })
  assert.deepEqual(all.items.map((e) => e.sys.id).sort(), published.map((e) => e.sys.id).sort())
  for (const locale of content.locales.map((l) => l.code)) {
    const got = await client.withoutLinkResolution.getEntries({ locale, limit: 1000, include: 2 })
    for (const entry of got.items) {
      const source = published.find((e) => e.sys.id === entry.sys.id)
      for (const [field, values] of Object.entries(source.fields)) {
        let code = localized(source, field) ? locale : defaultLocale
        while (code && values[code] === undefined) code = fallback[code]
        assert.deepEqual(entry.fields[field], code ? values[code] : undefined, `${entry.sys.id}.${field} in ${locale}`)
      }
    }
  }
  const resolved = await client.getEntries({ limit: 1000, include: 10 })
  let links = 0
  for (const entry of resolved.items) {
    for (const value of Object.values(entry.fields)) {
      for (const target of Array.isArray(value) ? value : [value]) {
        if (target?.sys && !['Link', 'ResourceLink'].includes(target.sys.type)) {
          assert.ok(target.fields, `link of ${entry.sys.id} is resolved`)
          links++
        }
      }
    }
  }
  const expectLinks = JSON.stringify(published).includes('"type":"Link","linkType":"Entry"')
  if (expectLinks) assert.ok(links > 0, 'some links are resolved')
}

const withoutEmpty = (fields) => Object.fromEntries(Object.entries(fields).filter(([, v]) => Object.keys(v).length > 0))
