// Opens the messages panel of the ecosystem, unmodified, in a static dump, in a real browser.
//
//   node messages-panel-static.mjs DUMP PATH
//
// PATH is that of the page in DUMP, which has a message.
import assert from 'node:assert/strict'
import { check, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'

const [dump, path] = parameters('DUMP', 'PATH')
const site = await serveFolder(dump, { at: '/' })
const browser = await launch()
const page = await browser.newPage()
const complaints = []
collectComplaints(page, complaints)
await page.route('**/favicon*', route => route.fulfill({ status: 204 }))

check('the panel shows the messages of the build', async () => {
  await page.goto(site.url + path)
  await page.getByText('`lodash` is imported twice').first().waitFor()
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
