// Files for the assets of an export whose own files are not at hand: an image of
// the recorded size where the export says so, some bytes otherwise. Laid out as
// contentful-import wants its assets directory: host/path of each URL.
import fs from 'node:fs'
import path from 'node:path'
import zlib from 'node:zlib'

export function writePlaceholders(content, dir) {
  for (const asset of content.assets ?? []) {
    for (const file of Object.values(asset.fields?.file ?? {})) {
      if (!file?.url) continue
      const target = path.join(dir, file.url.replace(/^(https?:)?\/\//, ''))
      fs.mkdirSync(path.dirname(target), { recursive: true })
      fs.writeFileSync(target, placeholder(file))
    }
  }
}

function placeholder({ contentType, fileName, details }) {
  const { width = 1, height = 1 } = details?.image ?? {}
  switch (contentType) {
    case 'image/png':
      return png(width, height)
    case 'image/jpeg':
    case 'image/jpg':
      return jpegHeader(width, height)
    case 'image/svg+xml':
      return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"></svg>`)
    default:
      return Buffer.from(`placeholder for ${fileName}\n`)
  }
}

// png is a grey image of one bit a pixel.
function png(width, height) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', zlib.deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

function pngChunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(zlib.crc32(body), body.length + 4)
  return out
}

// jpegHeader is a JPEG as far as its size can be read: start, frame, end. It is
// never decoded.
function jpegHeader(width, height) {
  const app0 = Buffer.from('\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00', 'latin1')
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0])
  return Buffer.concat([Buffer.from([0xff, 0xd8]), app0, frame, Buffer.from([0xff, 0xd9])])
}
