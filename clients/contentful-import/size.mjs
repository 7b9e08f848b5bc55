// Imports a file into a space, with no limit of requests a second that matters unless
// LIMIT is set, as TestSize asks.
import { createRequire } from 'node:module'

const module = createRequire(import.meta.url)('contentful-import')
const { SPACE: spaceId, FILE: contentFile, LIMIT, TYPECASE_TEST_HTTPS: host, TYPECASE_TEST_TOKEN: managementToken } = process.env
await (module.default ?? module)({ spaceId, contentFile, managementToken, host, useVerboseRenderer: true, ...(LIMIT === undefined && { rateLimit: 10_000 }) })
