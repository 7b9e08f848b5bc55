// What the plain client of contentful-management asks for: each of its methods is
// called over an adapter that answers in place of a server, in every way that leads
// to other paths. Written is one JSON object by the names of the methods: for each
// way the requests, in whose paths ids begin with "~", or the error of a method that
// asks for nothing.
import { createRequire } from 'node:module'

const { createClient, makeRequest, RestAdapter } = createRequire(import.meta.url)('contentful-management')

// thing is every payload and every answer: it has what methods look into.
const id = (name) => ({ sys: { type: 'Link', linkType: name, id: `~${name}` } })
const sys = { type: '~type', id: '~organizationId', version: 1, status: 'succeeded', space: id('space'), team: id('team'), user: id('user') }
const file = { 'en-US': { uploadFrom: id('upload'), file: '~', fileName: '~', contentType: '~' } }
const fields = Object.assign([{ id: '~fieldId' }], { title: {}, description: {}, file })
const thing = { sys, fields, items: [{ sys, fields }], file: '~', statusCode: 200, expiresAt: Math.floor(Date.now() / 1000) + 3600 }

const rest = new RestAdapter({
  accessToken: 'none', retryOnError: false,
  adapter: async (config) => {
    const { pathname } = new URL(config.baseURL.replace(/\/$/, '') + config.url)
    requests.add(`${config.method.toUpperCase()} ${decodeURIComponent(pathname)}`)
    // A file is processed when it has an URL.
    const answer = { ...structuredClone(thing), fields: { file: { 'en-US': { url: '~' } } } }
    return { data: config.url.includes('/content_types/') ? thing : answer, status: 200, statusText: 'OK', headers: {}, config }
  },
})

// names are all parameters that methods read. They are learnt by calling each
// method, before it counts: some pass on what they did not name themselves.
const names = new Set()
const learn = new Proxy({}, { get: (_, name) => { if (typeof name === 'string') names.add(name); return value(name) } })
const special = {
  url: '/~url', config: {}, query: {}, version: 1, locale: 'en-US', asset: thing, options: { processingCheckWait: 0 },
  parentEntityType: 'Entry', headers: undefined, locales: undefined, releaseId: undefined, parentEntityVersion: undefined, schemaVersion: undefined,
}
const value = (name) => (name in special ? special[name] : `~${String(name)}`)

// ways are the parameters that send a method to more than one path.
function ways(method) {
  const [part, name] = method.split('.')
  const release = { releaseId: '~releaseId', asset: { ...thing, sys: { ...sys, release: id('release') } } }
  switch (part) {
    case 'release': case 'releaseAction': return [release]
    case 'entry': case 'asset': return [{}, release]
    case 'comment': return [{}, { entryId: undefined, parentEntityType: 'ContentType' },
      ...(name !== 'create' ? [{ entryId: undefined, parentEntityType: 'Workflow' }] : []),
      ...(name === 'create' || name === 'getMany' ? [{ entryId: undefined, parentEntityType: 'Workflow', parentEntityVersion: '~version' }] : [])]
    default: return [{}]
  }
}

let params, requests // of the call that is made
const client = createClient({
  apiAdapter: { makeRequest: ({ payload, ...call }) => makeRequest({ ...call, axiosInstance: rest.axiosInstance, params, payload: payload && structuredClone(thing) }) },
})

// methods are those of a part of the client, by their whole names. What is below
// "raw" asks for whatever it is told.
function* methods(part, prefix = '') {
  for (const [name, member] of Object.entries(part)) {
    if (typeof member === 'function') yield [prefix + name, member]
    else if (name !== 'raw') yield* methods(member, `${prefix}${name}.`)
  }
}

async function call(method) {
  await method({}, structuredClone(thing), '~fieldId')
}

console.warn = () => {} // about what is deprecated
params = learn
requests = new Set()
for (const [, method] of methods(client)) await call(method).catch(() => {})

const found = {}
for (const [name, method] of methods(client)) {
  const outcome = { ways: [] }
  for (const way of ways(name)) {
    const all = Object.fromEntries([...names].map((name) => [name, value(name)]))
    params = Object.fromEntries(Object.entries({ ...all, ...way }).filter(([, v]) => v !== undefined))
    requests = new Set()
    await call(method).catch((error) => { outcome.error ??= error.message })
    if (requests.size > 0) outcome.ways.push([...requests])
  }
  found[name] = outcome.ways.length > 0 ? { ways: outcome.ways } : outcome
}
console.log(JSON.stringify(found))
