import fs from 'node:fs'
import path from 'node:path'
import { httpsHost, runImport, token } from './target.mjs'
import { writePlaceholders } from './placeholder.mjs'

// importSpace runs contentful-import over https with files for all assets. It
// fails when the tool reports any error.
export async function importSpace(spaceId, content, dir) {
  const assetsDirectory = path.join(dir, 'assets')
  fs.mkdirSync(assetsDirectory, { recursive: true })
  writePlaceholders(content, assetsDirectory)
  const errorLogFile = path.join(dir, 'import-errors.json')
  try {
    await runImport({
      spaceId, content: structuredClone(content), managementToken: token,
      host: httpsHost, hostUpload: httpsHost,
      uploadAssets: true, assetsDirectory, rateLimit: 500, errorLogFile, useVerboseRenderer: true,
    })
  } catch (error) {
    const log = fs.existsSync(errorLogFile) ? fs.readFileSync(errorLogFile, 'utf8') : ''
    throw new Error(`contentful-import reported errors: ${error.message}\n${log}`, { cause: error })
  }
}
