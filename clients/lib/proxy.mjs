// A proxy of its own for a test: it makes tunnels for who knows its password, and
// knows which.
import http from 'node:http'
import net from 'node:net'

// newProxy answers the proxy's address, as the tools want it, and the hosts that were
// asked for so far.
export async function newProxy() {
  const hosts = []
  const open = new Set()
  const server = http.createServer((req, res) => res.writeHead(405).end())
  server.on('connect', (req, socket, head) => {
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    if (req.headers['proxy-authorization'] !== `Basic ${btoa('user:secret')}`) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    hosts.push(req.url)
    const [host, port] = req.url.split(':')
    const target = net.connect(port, host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
    socket.on('close', () => target.destroy())
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    for (const socket of open) socket.destroy()
    server.close()
  }
  return { address: `user:secret@127.0.0.1:${server.address().port}`, hosts, close }
}
