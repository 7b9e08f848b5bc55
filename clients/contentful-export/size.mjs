// Exports a whole space with its files, as TestSize asks.
import { createRequire } from 'node:module'

const module = createRequire(import.meta.url)('contentful-export')
const { SPACE: spaceId, TO: exportDir, TYPECASE_TEST_HTTPS: host, TYPECASE_TEST_TOKEN: managementToken } = process.env
await (module.default ?? module)({
  spaceId, managementToken, host, exportDir, contentFile: 'export.json', downloadAssets: true,
  includeDrafts: true, includeArchived: true, useVerboseRenderer: true,
})
