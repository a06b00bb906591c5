/** A server of files as hosts of static sites have one: it knows nothing of what it serves, and decodes what is asked for. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8', '.json': 'application/json', '.css': 'text/css; charset=utf-8' }

/**
 * Serves `folder` at the path `at`, and further ones at the paths of `also`. `pages[path]` is the text of a page.
 * With `raw`, paths are not decoded.
 *
 * @returns the URL of the folder, what was asked for since the list was last emptied, and how to end it
 */
export async function serveFolder(folder, { at = '/', also = {}, pages = {}, raw = false } = {}) {
  const asked = []
  const mounts = { ...also, [at]: folder }
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
    const mount = Object.keys(mounts).find(mount => pathname.startsWith(mount))
    if (!mount)
      return undefined
    const rest = pathname.slice(mount.length)
    const path = `/${raw ? rest : decodeURIComponent(rest)}`
    const file = join(folderOf(mounts[mount]), normalize(path.endsWith('/') ? `${path}index.html` : path))
    return readFile(file).then(content => ({ type: TYPES[extname(file)] ?? 'application/octet-stream', content }), () => undefined)
  }
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${server.address().port}${at}`,
    asked,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const folderOf = folder => folder instanceof URL ? fileURLToPath(folder) : folder
