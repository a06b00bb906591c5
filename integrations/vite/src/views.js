/** Serves the pages of a tool on Vite's origin. */

import { Buffer } from 'node:buffer'
import http from 'node:http'
import https from 'node:https'
import { posix } from 'node:path'

/** The headers of a request that the tool is told. */
const FORWARDED = ['accept', 'accept-encoding', 'accept-language', 'if-modified-since', 'if-none-match', 'if-range', 'range', 'user-agent']

/** The headers of an answer that belong to its connection. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding'])

/** Paths that belong to Vite and its DevTools. */
export const OF_VITE = /^\/(?:@|__devtools|$)/

/** The document by which a page finds its server. It lies beside each page. */
const METADATA = '__connection.json'

/** The metadata of Vite DevTools. */
const METADATA_OF_VITE = `/__devtools/${METADATA}`

/** Serves the views of one tool. */
export class Views {
  #tool
  #bases = new Set()

  constructor(ctx, tool) {
    this.#tool = tool
    // The handler is added now, before the views are known, because Vite answers every request that no earlier
    // handler has answered.
    ctx.viteServer.middlewares.use((request, response, next) => this.#serve(request, response, next))
  }

  /** Hosts the views at these paths, such as `/__my-tool/`. */
  host(bases) {
    for (const base of bases) {
      if (this.#bases.has(base))
        continue
      if (OF_VITE.test(base)) {
        this.#tool.warn(`the view at ${base} is left out: the path belongs to Vite`)
        continue
      }
      this.#bases.add(base)
    }
  }

  #serve(request, response, next) {
    const path = (request.url ?? '').split('?', 1)[0]
    const base = [...this.#bases].find(base => path.startsWith(base) || `${path}/` === base)
    if (base === undefined || !['GET', 'HEAD'].includes(request.method))
      return next()
    if (path === base + METADATA) {
      // The page of a program connects to Vite. The address is relative, so that it is also right behind a proxy.
      response.writeHead(307, { 'location': posix.relative(base, METADATA_OF_VITE), 'cache-control': 'no-store' })
      return response.end()
    }
    const { origin } = this.#tool
    if (origin === undefined)
      return refuse(response, 503, this.#tool.problem)
    const headers = Object.fromEntries(FORWARDED.filter(name => name in request.headers).map(name => [name, request.headers[name]]))
    const forwarded = (origin.startsWith('https:') ? https : http).request(new URL(request.url, origin), { method: request.method, headers })
    forwarded.once('error', error => response.headersSent ? response.destroy(error) : refuse(response, 502, `the tool "${this.#tool.name}" does not answer: ${error.message}`))
    forwarded.once('response', (answer) => {
      for (const [name, value] of Object.entries(answer.headers)) {
        if (!OF_CONNECTION.has(name))
          response.setHeader(name, value)
      }
      response.writeHead(answer.statusCode)
      answer.pipe(response)
    })
    response.once('close', () => forwarded.destroy())
    forwarded.end()
  }
}

function refuse(response, status, problem) {
  const text = Buffer.from(`${problem}\n`)
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': text.length, 'cache-control': 'no-store' })
  response.end(text)
}
