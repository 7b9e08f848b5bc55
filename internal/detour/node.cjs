// Loaded into every Node process of the command: connections to the official
// hosts are made to the proxy, which answers as they do. Everything above them,
// such as the names that TLS checks, stays as it is.
'use strict'
const { Socket } = require('node:net')

const names = new Set(NAMES)
const ports = new Set([443, 80])
const { connect } = Socket.prototype

Socket.prototype.connect = function (...args) {
  // What net.connect and tls.connect hand on is one list, of options and a function.
  const list = Array.isArray(args[0]) ? args[0] : args
  if (list[0] === null || typeof list[0] !== 'object') {
    const [port, host] = list // or a path, which is no number
    if (official(host, port)) list.splice(0, 2, { port: PORT, host: '127.0.0.1' })
  } else if (official(list[0].host, list[0].port)) {
    list[0] = { ...list[0], port: PORT, host: '127.0.0.1' }
  }
  return connect.apply(this, args)
}

function official(host, port) {
  return ports.has(Number(port)) && typeof host === 'string' && names.has(host.toLowerCase().replace(/\.$/, ''))
}
