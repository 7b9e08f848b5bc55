// What "typecase types --lang ts" writes compiles, in the strictest mode, with the
// types of the official package, and says what it should. That the files compared
// here are what the command writes is a test of internal/typegen.
import assert from 'node:assert/strict'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

test('the types of a content model compile with the official package', () => {
  const program = ts.createProgram([here('types-usage.ts'), here('../../internal/typegen/testdata/example.ts'), here('../../internal/typegen/testdata/awkward.ts')], {
    strict: true, noEmit: true, skipLibCheck: true, types: [],
    target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
    paths: { contentful: [here('../node_modules/contentful')] }, // the examples are not below this folder
  })
  const problems = ts.getPreEmitDiagnostics(program).map((d) => {
    const where = d.file ? `${d.file.fileName}:${d.file.getLineAndCharacterOfPosition(d.start).line + 1}: ` : ''
    return where + ts.flattenDiagnosticMessageText(d.messageText, '\n')
  })
  assert.deepEqual(problems, [])
  assert.ok(program.getSourceFiles().some((f) => f.fileName.includes('node_modules/contentful/')), "the package's own types were not read")
})
