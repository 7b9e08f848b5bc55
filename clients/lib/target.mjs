// The server under test, as the Go driver (clients_test.go) started it, and the
// official clients pointed at it. Nothing here changes a client: all of it is
// options that the clients document.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'

// The packages' CommonJS builds: the ES builds of some do not load in Node.
const require = createRequire(import.meta.url)
const contentful = require('contentful')
const contentfulManagement = require('contentful-management')
export const runImport = interop(require('contentful-import'))
export const runExport = interop(require('contentful-export'))

function interop(module) {
  return module.default ?? module
}

function env(name) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run these tests with ./check or "go test -tags clients ./clients"`)
  return value
}

export const httpHost = env('TYPECASE_TEST_HTTP') // host:port
export const httpsHost = env('TYPECASE_TEST_HTTPS') // host:port; NODE_EXTRA_CA_CERTS makes it trusted
export const limitedHost = env('TYPECASE_TEST_LIMITED') // host:port of a server that allows few requests a second
export const nearHost = env('TYPECASE_TEST_NEAR') // host:port, over https, of a server that may call what runs on this machine
export const token = env('TYPECASE_TEST_TOKEN')
export const program = env('TYPECASE_TEST_PROGRAM') // the server's program
export const data = env('TYPECASE_TEST_DATA') // its data directory

// management is the plain client of contentful-management over https.
export const management = (defaults = {}, options = {}) =>
  noted(contentfulManagement.createClient(
    { accessToken: token, host: httpsHost, hostUpload: httpsHost, throttle: 0, ...options },
    { type: 'plain', defaults }
  ))

// noted is a plain client of which the Go driver learns which methods succeeded.
const calls = new Set()
process.on('exit', () => fs.writeFileSync(path.join(env('TYPECASE_TEST_CALLS'), `${process.pid}`), [...calls].join('\n')))

function noted(part, prefix = '') {
  const note = (name, method) => async (...args) => {
    const answer = await method(...args)
    calls.add(name)
    return answer
  }
  return Object.fromEntries(Object.entries(part).map(([name, member]) =>
    [name, typeof member === 'function' ? note(prefix + name, member) : noted(member, `${prefix}${name}.`)]))
}

// chained is its older client, whose answers have methods.
export const chained = (options = {}) =>
  contentfulManagement.createClient({ accessToken: token, host: httpsHost, hostUpload: httpsHost, throttle: 0, ...options }, { type: 'legacy' })

// reader is the delivery client; preview is told by the kind of the key.
export const reader = (space, accessToken, options = {}) =>
  contentful.createClient({ space, accessToken, host: httpHost, insecure: true, ...options })

// newSpace makes an empty space and answers its id with a delivery and a preview key.
export async function newSpace(name, defaultLocale = 'en-US', options = {}) {
  const client = management({}, options)
  const [organization] = (await client.organization.getAll()).items
  const space = await client.space.create({ organizationId: organization.sys.id }, { name, defaultLocale })
  const key = await client.apiKey.create({ spaceId: space.sys.id }, { name: 'tests', environments: [] })
  const preview = await client.previewApiKey.get({ spaceId: space.sys.id, previewApiKeyId: key.preview_api_key.sys.id })
  return { id: space.sys.id, delivery: key.accessToken, preview: preview.accessToken }
}

// protect says which files of a space are read with an asset key only.
export async function protect(space, what) {
  const client = management()
  const url = `/spaces/${space}/_typecase/asset_protection`
  const { sys } = await client.raw.get(url)
  await client.raw.put(url, { protected: what }, { headers: { 'X-Contentful-Version': sys.version } })
}

// environment is that of these tests without what is meant for them: to the
// program such variables are settings.
export function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TYPECASE_')))
}

// hibernate puts a space to sleep, as its owner would.
export async function hibernate(space) {
  await promisify(execFile)(program, ['space', 'hibernate', '--data', data, space], { env: environment() })
}

// temporaryDirectory is removed when the process ends.
export function temporaryDirectory() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'typecase-clients-'))
  process.on('exit', () => fs.rmSync(dir, { recursive: true, force: true }))
  return dir
}

// exportFiles are the exports to import: those of real spaces, where the folder
// with them is present, and the example space's.
export function exportFiles() {
  const files = fs.readdirSync(env('TYPECASE_TEST_EXAMPLE')).filter((f) => f.endsWith('.json')).map((f) => path.join(env('TYPECASE_TEST_EXAMPLE'), f))
  const real = process.env.TYPECASE_TEST_EXPORTS
  if (!real || !fs.existsSync(real)) {
    console.log('# the exports of real spaces are not present; only the example space is imported')
    return files
  }
  return files.concat(fs.readdirSync(real).filter((f) => f.endsWith('.json')).sort().map((f) => path.join(real, f)))
}
