// contentful-export writes a space out; importing that into a second space and
// exporting again gives the same content, all of it.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { exportFiles, httpsHost, newSpace, runExport, temporaryDirectory, token } from '../lib/target.mjs'
import { comparable } from '../lib/content.mjs'
import { importSpace } from '../lib/import.mjs'

const exportSpace = (spaceId, exportDir) =>
  runExport({
    spaceId, managementToken: token, host: httpsHost, exportDir, saveFile: false,
    includeDrafts: true, includeArchived: true, useVerboseRenderer: true,
    errorLogFile: path.join(exportDir, 'export-errors.json'),
  })

for (const file of exportFiles()) {
  test(`export and import of ${path.basename(file)} again`, async () => {
    const dir = temporaryDirectory()
    const original = JSON.parse(fs.readFileSync(file, 'utf8'))
    const defaultLocale = original.locales.find((l) => l.default).code
    const first = await newSpace('first', defaultLocale)
    await importSpace(first.id, original, path.join(dir, 'one'))
    const exported = await exportSpace(first.id, dir)
    assert.equal(exported.entries.length, original.entries.length)
    assert.equal(exported.assets.length, original.assets.length)

    const second = await newSpace('second', defaultLocale)
    await importSpace(second.id, exported, path.join(dir, 'two'))
    const again = await exportSpace(second.id, dir)
    assert.deepEqual(comparable(again), comparable(exported))
  })
}
