// Asks the hosting of the ecosystem and the library's for the same paths, and compares the answers. The library serves the
// same files twice: from the folder, and embedded.
//
//   node hosting.mjs FOLDER DISK EMBEDDED
//
// DISK and EMBEDDED are the URLs of the two views.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import { mountStaticHandler, serveStaticNodeMiddleware } from 'devframe/utils/serve-static'
import { H3 } from 'h3'
import { check, parameters, run } from './checks.mjs'

const [folder, disk, embedded] = parameters('FOLDER', 'DISK', 'EMBEDDED')

/** How Vite DevTools hosts a folder: a middleware of Vite. */
const middleware = serveStaticNodeMiddleware(folder)
const vite = createServer((request, response) => {
  request.url = request.url.replace(/^\/__v/, '') || '/'
  middleware(request, response, () => response.writeHead(404).end())
})
await once(vite.listen(0, '127.0.0.1'), 'listening')
const viteUrl = `http://127.0.0.1:${vite.address().port}/__v/`

/** How a devframe of its own hosts it: a handler of h3. */
const h3 = new H3()
mountStaticHandler(h3, '/__v/', folder)

/** Redirects are followed as a browser does. */
const HOSTS = {
  vite: (path, init) => fetch(viteUrl + path, init),
  h3: async (path, init) => h3.fetch(new Request(`http://h3/__v/${path}`, init)),
  disk: (path, init) => fetch(disk + path, init),
  embedded: (path, init) => fetch(embedded + path, init),
}

/** Each path with the file that is shown for it, if there is one. */
const ROWS = [
  ['', 'index.html'],
  ['index.html', 'index.html'],
  ['?tab=1', 'index.html'],
  ['assets/app.js', 'assets/app.js'],
  ['assets/app.js?v=1', 'assets/app.js'],
  ['assets/app.js/', 'assets/app.js'],
  ['a%20b.txt', 'a b.txt'],
  ['%C3%BC.txt', 'ü.txt'],
  ['LICENSE', 'LICENSE'],
  // Pages.
  ['about', 'about.html'],
  ['about/', 'about.html'],
  ['old', 'old.htm'],
  ['sub', 'sub/index.html'],
  ['sub/', 'sub/index.html'],
  ['sub/index.html', 'sub/index.html'],
  // Client-side routes.
  ['users/ada', 'index.html'],
  ['users/ada/', 'index.html'],
  ['users/ada?file=a.js', 'index.html'],
  ['v1.2/changes', 'index.html'],
  ['a.b-c', 'index.html'],
  ['assets', 'index.html'],
  ['assets/', 'index.html'],
  ['sub/route', 'index.html'],
  ['about/more', 'index.html'],
  // Missing files.
  ['favicon.ico', null],
  ['missing.js', null],
  ['assets/missing.css', null],
  ['sub/missing.html', null],
  ['v1.2', null],
  ['.env', null],
  ['index.html/x.js', null],
  ['%zz', null],
  ['..%2fsecret.txt', null],
  ['%2e%2e%2fsecret.txt', null],
]

/** The type of files that a host knows nothing of. */
const UNKNOWN = 'application/octet-stream'

const essence = response => response.headers.get('content-type')?.split(';')[0] ?? null
const text = (path, init = {}) => init.method === 'HEAD' ? '' : `content of ${path}`

async function answerOf(host, path, init) {
  const response = await HOSTS[host](path, init)
  return { status: response.status, type: response.status === 404 ? null : essence(response), text: await response.text() }
}

for (const method of ['GET', 'HEAD']) {
  check(`${method}: ${ROWS.length} paths give what the ecosystem's hosting gives`, async () => {
    for (const [path, file] of ROWS) {
      const init = { method }
      const expected = await answerOf('vite', path, init)
      assert.equal(expected.status, file === null ? 404 : 200, `vite: ${path}`)
      if (file !== null)
        assert.equal(expected.text, text(file, init), `vite: ${path}`)
      // The router of h3 refuses itself what is no path.
      for (const host of path === '%zz' ? ['disk', 'embedded'] : ['h3', 'disk', 'embedded']) {
        const answer = await answerOf(host, path, init)
        assert.deepEqual({ status: answer.status, type: answer.type }, { status: expected.status, type: expected.type }, `${host}: ${path}`)
        if (file !== null)
          assert.equal(answer.text, expected.text, `${host}: ${path}`)
      }
    }
  })
}

check('files of each kind have the type that the ecosystem gives them, and text says that it is UTF-8', async () => {
  const files = (await readdir(folder)).filter(file => file.startsWith('kind.'))
  assert.ok(files.length > 50, `${files.length} kinds`)
  const others = []
  for (const file of files) {
    const types = {}
    for (const host of Object.keys(HOSTS)) {
      const response = await HOSTS[host](file)
      assert.equal(response.status, 200, file)
      assert.equal(response.headers.get('content-length'), String(`content of ${file}`.length), `${host}: ${file}`)
      await response.text()
      types[host] = response.headers.get('content-type')
    }
    assert.equal(types.embedded, types.disk, file)
    // The ecosystem does not know all of these kinds.
    if (types.vite !== UNKNOWN && types.disk.split(';')[0] !== types.vite.split(';')[0])
      others.push(`${file}: ${types.disk}, and not ${types.vite}`)
    const isText = /^text\/|javascript$|json$/.test(types.disk.split(';')[0])
    assert.equal(file === 'kind.unheard-of', types.disk === UNKNOWN, file)
    assert.equal(types.disk.split(';')[1]?.trim(), isText ? 'charset=utf-8' : undefined, file)
  }
  assert.deepEqual(others, [])
})

check('a length and no body is what HEAD gives', async () => {
  for (const host of ['vite', 'disk', 'embedded']) {
    const response = await HOSTS[host]('assets/app.js', { method: 'HEAD' })
    assert.equal(response.headers.get('content-length'), String('content of assets/app.js'.length), host)
  }
})

check('other methods are refused', async () => {
  for (const host of ['h3', 'disk', 'embedded']) {
    for (const path of ['', 'assets/app.js', 'favicon.ico']) {
      const response = await HOSTS[host](path, { method: 'POST' })
      assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'], `${host}: ${path}`)
    }
  }
})

// Options that the ecosystem's hosting does not have.

check('a part is given where it is asked for, and the whole where that makes no sense', async () => {
  const whole = 'content of assets/app.js'
  for (const [range, status, body, contentRange] of [
    ['bytes=0-6', 206, 'content', `bytes 0-6/${whole.length}`],
    ['bytes=11-', 206, 'assets/app.js', `bytes 11-23/${whole.length}`],
    ['bytes=-6', 206, 'app.js', `bytes 18-23/${whole.length}`],
    ['bytes=20-99', 206, 'p.js', `bytes 20-23/${whole.length}`],
    ['bytes=24-', 416, '', `bytes */${whole.length}`],
    ['bytes=9-3', 416, '', `bytes */${whole.length}`],
    ['bytes=0-1,4-5', 200, whole, null],
    ['lines=0-1', 200, whole, null],
    ['bytes=a-b', 200, whole, null],
  ]) {
    assert.equal((await HOSTS.vite('assets/app.js', { headers: { range } })).status, 200)
    for (const host of ['disk', 'embedded']) {
      const response = await HOSTS[host]('assets/app.js', { headers: { range } })
      assert.deepEqual([response.status, await response.text(), response.headers.get('content-range')], [status, body, contentRange], `${host}: ${range}`)
    }
  }
  for (const host of ['disk', 'embedded']) {
    const etag = (await HOSTS[host]('assets/app.js')).headers.get('etag')
    for (const [condition, status] of [[etag, 206], ['"other"', 200]])
      assert.equal((await HOSTS[host]('assets/app.js', { headers: { range: 'bytes=0-1', 'if-range': condition } })).status, status, host)
    assert.equal((await HOSTS[host]('', { headers: { range: 'bytes=0-1' }, method: 'HEAD' })).status, 200, host)
  }
})

check('what a browser has already is not sent again', async () => {
  for (const host of ['disk', 'embedded']) {
    for (const path of ['', 'assets/app.js', 'users/ada']) {
      const { headers } = await HOSTS[host](path)
      assert.equal(headers.get('cache-control'), 'no-cache', `${host}: ${path}`)
      for (const [name, value, status] of [
        ['if-none-match', headers.get('etag'), 304],
        ['if-none-match', `W/${headers.get('etag')}`, 304],
        ['if-none-match', '"a", *', 304],
        ['if-none-match', '"other"', 200],
        ...(host === 'disk' ? [['if-modified-since', headers.get('last-modified'), 304], ['if-modified-since', new Date(0).toUTCString(), 200]] : []),
      ])
        assert.deepEqual(await conditional(host, path, { [name]: value }), status, `${host}: ${path}: ${name}: ${value}`)
    }
  }
})

/** The status of a request that `fetch` would answer from its cache. */
async function conditional(host, path, headers) {
  const asked = request((host === 'disk' ? disk : embedded) + path, { headers, agent: false })
  asked.end()
  const [response] = await once(asked, 'response')
  response.resume()
  return response.statusCode
}

await run({ afterAll: () => vite.close() })
