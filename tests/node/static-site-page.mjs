// Reads a dump that the library has written in a real browser, and uses the view in it, which is the one of the live server.
//
//   node static-site-page.mjs FOLDER BASE
import assert from 'node:assert/strict'
import { check, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'
import { readDump } from './site-rows.mjs'
import { inPage, PACKAGES, pageOf } from './static-clients.mjs'

const [folder, base] = parameters('FOLDER', 'BASE')
const AT = '/a/folder/'
const CLIENTS = ['client.js', 'devframe']
const SHOWN = 'site, 3 since 1970-01-02T00:00:00.000Z' // by the view
const pages = Object.fromEntries(CLIENTS.map(client => [`${AT}${client}.html`, pageOf(client, AT)]))
const site = await serveFolder(folder, { at: AT, also: PACKAGES, pages })
const browser = await launch('--host-resolver-rules=MAP dump.example 127.0.0.1')
const complaints = []

async function open() {
  const page = await browser.newPage()
  collectComplaints(page, complaints)
  return page
}

/** A host that is not this machine to the browser, and not encrypted: there is no `crypto.subtle`. */
function elsewhere(path) {
  const address = new URL(path, site.url)
  address.hostname = 'dump.example'
  return String(address)
}

for (const client of CLIENTS) {
  check(`${client} reads the dump in a browser`, async () => {
    const page = await open()
    const rpc = await inPage(page, elsewhere(`${client}.html`))
    assert.equal(await page.evaluate(() => globalThis.isSecureContext), false)
    await readDump(rpc, { isOurs: client === 'client.js' })
    await rpc.close()
  })
}

check('a view works on the dump as it does live', async () => {
  const page = await open()
  const output = page.locator('output')
  await page.goto(String(new URL('/__site/', base)))
  await output.getByText(`websocket: ${SHOWN}`).waitFor()
  await page.goto(elsewhere('__site/'))
  await output.getByText(`static: ${SHOWN}`).waitFor()
})

check('the folder itself shows its one view', async () => {
  const page = await open()
  await page.goto(elsewhere(''))
  await page.locator('output').getByText(`static: ${SHOWN}`).waitFor()
  assert.equal(page.url(), elsewhere('__site/'))
})

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({
  limit: 60_000,
  async afterAll() {
    await browser.close()
    site.close()
  },
})
