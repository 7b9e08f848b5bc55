// Commands of the official tools, unchanged, with their built-in hosts: typecase
// run leads them to the server under test.
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import { environment, program, data } from './target.mjs'

const require = createRequire(import.meta.url)

// command is the file of a package's command, the first it has.
function command(name) {
  const file = require.resolve(`${name}/package.json`)
  const { bin } = JSON.parse(fs.readFileSync(file, 'utf8'))
  return path.join(path.dirname(file), Object.values(bin)[0])
}

// run runs the command of a package and answers its exit code and output. It
// reaches nothing but the server under test.
export function run(name, args, { cwd, env = {}, input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      ['run', '--refuse', '--data', data, '--', process.execPath, command(name), ...args],
      { cwd, env: { ...environment(), NO_COLOR: '1', ...env }, timeout: 120_000, maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') return reject(error)
        const caught = /^typecase: caught (.*)$/m.exec(stderr)?.[1] ?? ''
        resolve({ code: error?.code ?? 0, stdout, stderr, output: stdout + stderr, caught })
      }
    )
    child.stdin.end(input)
  })
}
