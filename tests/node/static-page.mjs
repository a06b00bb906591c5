// Reads the dump of the vectors in a real browser, with `client.js` and with the client of `devframe`. The pages are of a host
// that is not this machine to the browser, and not encrypted: there is no `crypto.subtle`.
//
//   node static-page.mjs
import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, parameters, run } from './checks.mjs'
import { launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'
import { PANEL } from './panel.mjs'
import { inPage, PACKAGES, pageOf } from './static-clients.mjs'
import { readAgain, reads, VECTORS, WEIRD } from './static-reads.mjs'

parameters()
const AT = '/some/where/'
const folder = await mkdtemp(join(tmpdir(), 'static-page-'))
await cp(new URL('static-dump/dist', VECTORS), folder, { recursive: true })
await cp(PANEL, join(folder, '__devtools'), { recursive: true })
for (const [copy, baseUrl] of [['__devtools', '../__connection.json'], ['a/b', '../../__connection.json']]) {
  await mkdir(join(folder, copy), { recursive: true })
  await writeFile(join(folder, copy, '__connection.json'), JSON.stringify({ backend: 'static', baseUrl }))
}
const CLIENTS = ['client.js', 'devframe']
const pages = Object.fromEntries(CLIENTS.map(client => [`${AT}a/b/${client}.html`, pageOf(client, AT)]))
const site = await serveFolder(folder, { at: AT, also: PACKAGES, pages })
const browser = await launch('--host-resolver-rules=MAP dump.example 127.0.0.1')

for (const client of CLIENTS) {
  check(`${client} reads in a browser what the real builder wrote`, async () => {
    const page = await browser.newPage()
    const address = new URL(`a/b/${client}.html`, site.url)
    address.hostname = 'dump.example'
    const rpc = await inPage(page, address)
    assert.equal(rpc.status, 'connected')
    assert.equal(await page.evaluate(() => globalThis.isSecureContext), false)
    for (const row of reads.filter(({ method }) => client === 'client.js' || method !== WEIRD))
      await readAgain(rpc, row, client)
    await rpc.close()
  })
}

check('pages of a live server do not load what reads dumps', async () => {
  const page = await browser.newPage()
  const asked = []
  page.on('request', request => asked.push(new URL(request.url()).pathname))
  await page.route('**/__devtools/__connection.json', route => route.fulfill({ json: { backend: 'none' } }))
  const failure = await inPage(page, new URL('a/b/client.js.html', site.url)).catch(String)
  assert.match(failure, /offers no WebSocket/)
  assert.ok(asked.some(path => path.endsWith('/client.js')))
  assert.deepEqual(asked.filter(path => path.endsWith('/static.js')), [])
})

await run({
  limit: 60_000,
  async afterAll() {
    await browser.close()
    site.close()
    await rm(folder, { recursive: true, force: true })
  },
})
