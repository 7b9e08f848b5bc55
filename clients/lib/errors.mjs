// What the SDKs make of errors, against what the server says that they are.
import assert from 'node:assert/strict'
import http from 'node:http'
import { httpHost } from './target.mjs'

// kinds are the server's own list of its errors, by kind.
export async function kinds() {
  const { items } = await (await fetch(`http://${httpHost}/errors`)).json()
  return Object.fromEntries(items.map((row) => [row.kind, row]))
}

// watch is options for a client, and what passes by while it works.
export function watch() {
  const seen = { answers: [], warnings: [] }
  const options = {
    logHandler: (level, message) => { if (level === 'warning') seen.warnings.push(message) },
    responseLogger: (answer) => seen.answers.push(answer.response ?? answer),
  }
  return { seen, options }
}

// errorOf is the error a call ends with, and what its message holds.
export async function errorOf(call) {
  try {
    await call()
  } catch (error) {
    assert.match(error.message, /^\{/, `not an error of the API: ${error.stack}`)
    return { name: error.name, ...JSON.parse(error.message) }
  }
  assert.fail('the call succeeded')
}

// same compares the error of an SDK with a row of the server's list, with what the
// test knows of message and details, and with the answer it came from. Where the
// test knows no details, what the answer had is wanted whole.
export function same(error, row, seen, { message = row.message, details } = {}) {
  const answer = seen.answers.find((a) => a.headers['x-contentful-request-id'] === error.requestId)
  assert.ok(answer, `no answer has the request id ${error.requestId} in its header`)
  assert.equal(error.name, row.shortId)
  assert.equal(error.status, row.shortStatus)
  assert.equal(error.statusText, { 413: 'Request Entity Too Large', 414: 'Request URI Too Long' }[error.status] ?? http.STATUS_CODES[error.status])
  assert.equal(error.message, message)
  assert.deepEqual(error.details, details ?? answer.data.details ?? {})
  assert.equal(answer.data.documentationUrl, row.documentationUrl.replace(/^http:..[^/]+/, new URL(answer.data.documentationUrl).origin))
  assert.doesNotMatch(JSON.stringify(answer.data), /Bearer|CFPAT-/)
}

// covered checks that every kind of the list is provoked, for real or, where an
// SDK cannot, by simulation.
export function covered(list, real, simulated) {
  assert.deepEqual([...Object.keys(real), ...simulated].sort(), Object.keys(list).sort())
}
