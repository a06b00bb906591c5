// Opens the page of the chat on a static dump, in a real browser.
//
//   node streaming-chat-static.mjs DUMP
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'

const [dump] = parameters('DUMP')
const site = await serveFolder(dump, { at: '/docs/v1/' })
const browser = await launch()
const page = await browser.newPage()
const complaints = []
collectComplaints(page, complaints)
const part = id => page.getByTestId(id)

check('the page opens from any file server, and shows the history', async () => {
  await page.goto(new URL('__streaming-chat/', site.url).href)
  await eventually(async () => await part('assistant').getAttribute('data-state') === 'done')
  assert.match(await part('user').innerText(), /What can you do\?/)
  assert.match(await part('text').last().innerText(), /You ask: “What can you do\?”/)
})

check('it is read-only', async () => {
  await part('read-only').waitFor()
  assert.equal(await part('question').isVisible(), false)
  assert.equal(await part('ask').isVisible(), false)
})

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({
  async afterAll() {
    await browser.close()
    site.close()
  },
})
