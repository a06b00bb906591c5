/** The servers and pages that the checks of `client.js` need. The program's argument is the address of a server of the e2e fixture. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as dialTcp, createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { structuredCloneParse, structuredCloneStringify } from 'devframe/utils/structured-clone'
import { WebSocket, WebSocketServer } from 'ws'
import { parameters, servedScript } from '../checks.mjs'

globalThis.WebSocket = WebSocket

/** The errors that were logged since the list was last emptied. */
export const complaints = []
console.error = (...parts) => complaints.push(parts.join(' '))

export const [base] = parameters('BASE')
export const script = await servedScript(base)
export const { asRpcError, ConnectionError } = script

export const MODULES = [{ id: '/src/main.ts', size: 1024 }, { id: '/src/App.vue', size: 2048 }]
export const upTo = n => Array.from({ length: n }, (_, i) => i)
const opened = []

/** Has something closed at the end of the check. */
export function closeLater(close) {
  opened.push(close)
}

export async function closeAll() {
  for (const close of opened.splice(0).reverse())
    await close()
  await sleep(20) // the server notices
}

export async function connect(options) {
  const rpc = await script.connect({ base, ...options })
  closeLater(() => rpc.close())
  return rpc
}

export function watchStatus(rpc) {
  const statuses = []
  rpc.on('status', status => statuses.push(status))
  return statuses
}

/** Stands before the fixture, so that its connections can be cut. */
export async function startProxy() {
  const target = new URL(base)
  const sockets = new Set()
  const server = createTcpServer((near) => {
    const far = dialTcp(Number(target.port), target.hostname)
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    near.pipe(far).pipe(near)
    swallowing.push(() => {
      for (const socket of [near, far])
        socket.unpipe().resume()
    })
  })
  let port = 0
  const swallowing = []
  const proxy = {
    /** Nothing comes through the connections that there are, and none of them ends. */
    swallow() {
      swallowing.splice(0).forEach(swallow => swallow())
    },
    async start() {
      await once(server.listen(port, '127.0.0.1'), 'listening')
      port = server.address().port
    },
    async stop() {
      server.close()
      for (const socket of sockets)
        socket.destroy()
      await once(server, 'close')
    },
  }
  await proxy.start()
  proxy.base = `http://127.0.0.1:${port}${target.pathname}`
  closeLater(() => server.listening && proxy.stop())
  return proxy
}

export const cloned = frame => `s:${structuredCloneStringify(frame)}`

export function answer(socket, frame, value) {
  if (frame.i)
    socket.send(JSON.stringify({ t: 's', i: frame.i, r: value }))
}

export function trustIf(test) {
  return (frame, socket) => answer(socket, frame, { isTrusted: test(frame.a[0]) })
}

/** A server that answers handshakes with `welcome`, and anything else with `reply`; it keeps what it hears. */
export async function startServer({ meta = { backend: 'websocket', websocket: { path: '__ws' } }, welcome = trustIf(() => true), reply } = {}) {
  const http = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(server.meta))
  })
  const sockets = new WebSocketServer({ server: http, path: '/mount/__ws' })
  const each = act => sockets.clients.forEach(act)
  const server = {
    meta,
    frames: [],
    texts: [],
    sendText: text => each(socket => socket.send(text)),
    sendBinary: text => each(socket => socket.send(Buffer.from(text), { binary: true })),
    send: frame => each(socket => socket.send(JSON.stringify(frame))),
    cut: () => each(socket => socket.terminate()),
    connections: () => sockets.clients.size,
  }
  sockets.on('connection', socket => socket.on('message', (data) => {
    const text = String(data)
    const frame = text.startsWith('s:') ? structuredCloneParse(text.slice(2)) : JSON.parse(text)
    server.texts.push(text)
    server.frames.push(frame)
    const act = frame.m === 'anonymous:devframe:auth' ? welcome : reply
    act?.(frame, socket)
  }))
  await once(http.listen(0, '127.0.0.1'), 'listening')
  server.base = `http://127.0.0.1:${http.address().port}/mount/`
  closeLater(() => {
    sockets.clients.forEach(socket => socket.terminate())
    http.closeAllConnections()
    http.close()
  })
  return server
}
