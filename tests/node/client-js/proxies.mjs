/** Proxies between a page and its server: they pass HTTP on, and pass, refuse or ignore WebSockets as a test asks. */
import { once } from 'node:events'
import { createServer, request as ask } from 'node:http'
import { connect as dial } from 'node:net'

/**
 * Starts a proxy before a server. Requests below `prefix` are passed on without it.
 *
 * `proxy.webSocket` is `pass`, `refuse`, `swallow` (no answer at all) or `mute` (it opens, and nothing comes through).
 *
 * @returns the proxy; `proxy.seen` has the methods and paths of requests, and `UPGRADE` for WebSockets
 */
export async function startHttpProxy(target, { prefix = '', webSocket = 'pass', rewrite } = {}) {
  const { hostname, port } = new URL(target)
  const sockets = new Set()
  const server = createServer(async (request, response) => {
    proxy.seen.push(`${request.method} ${request.url}`)
    if (proxy.isDown || !request.url.startsWith(prefix)) {
      response.writeHead(proxy.isDown ? 502 : 404).end('from the proxy')
      return
    }
    const path = request.url.slice(prefix.length)
    const passed = ask({ hostname, port, path, method: request.method, headers: request.headers, agent: false })
    passed.on('error', () => response.destroy())
    response.on('close', () => passed.destroy())
    request.pipe(passed)
    const [answer] = await once(passed, 'response').catch(() => [])
    if (!answer)
      return
    const change = rewrite?.(path)
    if (!change) {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
      return
    }
    let text = ''
    for await (const piece of answer.setEncoding('utf8'))
      text += piece
    const { 'content-length': _, ...headers } = answer.headers
    response.writeHead(answer.statusCode, headers).end(change(text))
  })
  server.on('upgrade', (request, near, head) => {
    proxy.seen.push(`UPGRADE ${request.url}`)
    near.on('error', () => {})
    if (proxy.isDown || proxy.webSocket === 'refuse') {
      near.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      return
    }
    if (proxy.webSocket === 'swallow')
      return
    const far = dial(Number(port), hostname)
    far.on('error', () => near.destroy())
    far.on('close', () => near.destroy())
    near.on('close', () => far.destroy())
    const lines = [`${request.method} ${request.url.slice(prefix.length)} HTTP/1.1`]
    for (let i = 0; i < request.rawHeaders.length; i += 2)
      lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`)
    far.write(`${lines.join('\r\n')}\r\n\r\n`)
    far.write(head)
    near.pipe(far)
    if (proxy.webSocket === 'mute')
      far.once('data', answer => near.write(answer.subarray(0, answer.indexOf('\r\n\r\n') + 4))) // and nothing after it
    else
      far.pipe(near)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const proxy = {
    webSocket,
    isDown: false,
    seen: [],
    /** Cuts all connections. */
    cut: () => sockets.forEach(socket => socket.destroy()),
    close() {
      proxy.cut()
      server.close()
    },
  }
  await once(server.listen(0, '127.0.0.1'), 'listening')
  proxy.origin = `http://127.0.0.1:${server.address().port}`
  proxy.base = `${proxy.origin}${prefix}${new URL(target).pathname}`
  return proxy
}
