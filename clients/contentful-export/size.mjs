// Exports a whole space with its files, as TestSize asks. The file is written here:
// what the tool writes it with (bfj 9) comes to a standstill with much less than this.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'

const module = createRequire(import.meta.url)('contentful-export')
const { SPACE: spaceId, TO: exportDir, TYPECASE_TEST_HTTPS: host, TYPECASE_TEST_TOKEN: managementToken } = process.env
fs.mkdirSync(exportDir, { recursive: true })
const content = await (module.default ?? module)({
  spaceId, managementToken, host, exportDir, saveFile: false, downloadAssets: true,
  includeDrafts: true, includeArchived: true, useVerboseRenderer: true,
})
fs.writeFileSync(path.join(exportDir, 'export.json'), JSON.stringify(content))
