/** A server of files as hosts of static sites have one: it knows nothing of what it serves, and decodes what is asked for. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.json': 'application/json' }

/**
 * Serves `folder` at the path `at`, and a page of its own for `pages[path]`.
 *
 * @returns the URL of the folder, what was asked for since the list was last emptied, and how to end it
 */
export async function serveFolder(folder, { at = '/', pages = {}, raw = false, host = '127.0.0.1' } = {}) {
  const asked = []
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://server')
    asked.push(pathname)
    const answer = await find(pathname)
    response.writeHead(answer ? 200 : 404, { 'content-type': answer?.type ?? 'text/plain' })
    response.end(answer?.content)
  })
  async function find(pathname) {
    if (pathname in pages)
      return { type: TYPES['.html'], content: pages[pathname] }
    if (!pathname.startsWith(at))
      return undefined
    const rest = pathname.slice(at.length) || 'index.html'
    const path = raw ? rest : decodeURIComponent(rest)
    const file = join(folder, normalize(path.endsWith('/') ? `${path}index.html` : path))
    return readFile(file).then(content => ({ type: TYPES[extname(file)] ?? 'application/octet-stream', content }), () => undefined)
  }
  await once(server.listen(0, host), 'listening')
  return {
    url: `http://${host}:${server.address().port}${at}`,
    asked,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
