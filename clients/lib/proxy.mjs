// A proxy of its own for a test, in both ways in which the tools ask for one. It makes
// tunnels for who knows its password. And as their older HTTP client speaks TLS with
// the proxy itself, to ask it for a URL, it hands that on to the server, which is asked
// for a whole URL then.
import net from 'node:net'

const tlsHandshake = 0x16 // its first byte

// newProxy answers the proxy's address, as the tools want it, and what was asked for
// so far: the hosts of tunnels, and how often TLS was handed on to server.
export async function newProxy(server) {
  const asked = { tunnels: [], handedOn: 0 }
  const open = new Set()
  const keep = (socket) => {
    open.add(socket)
    return socket.on('error', () => {}).on('close', () => open.delete(socket))
  }
  const join = (socket, to, head) => {
    const [host, port] = to.split(':')
    const target = keep(net.connect(port, host))
    target.write(head)
    target.pipe(socket).pipe(target)
    for (const [one, other] of [[socket, target], [target, socket]]) one.on('close', () => other.destroy())
  }
  const listener = net.createServer((socket) => keep(socket).once('data', (head) => {
    if (head[0] === tlsHandshake) {
      asked.handedOn++
      return join(socket, server, head)
    }
    const [, host] = /^CONNECT (\S+) /.exec(head) ?? []
    const known = head.toString().toLowerCase().includes(`proxy-authorization: basic ${btoa('user:secret').toLowerCase()}\r\n`)
    if (!host || !known) return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    asked.tunnels.push(host)
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    join(socket, host, '')
  }))
  await new Promise((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const close = () => {
    for (const socket of open) socket.destroy()
    listener.close()
  }
  return { address: `user:secret@127.0.0.1:${listener.address().port}`, asked, close }
}
