// Uses the tool of the page "Getting started", as the page says.
//
//   node getting-started.mjs list ADDRESS      the first panel, which lists the comments
//   node getting-started.mjs hide ADDRESS      the second one, in two windows
//   node getting-started.mjs static FOLDER     the static build, without a server
import assert from 'node:assert/strict'
import { check, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'

const [what, place] = parameters('list|hide|static', 'PLACE')
const COMMENT = 'show this tool to somebody (src/main.rs:5)'
const browser = await launch()
const context = await browser.newContext()
const complaints = []

async function open(address) {
  const page = await context.newPage()
  collectComplaints(page, complaints)
  // Browsers ask for one by themselves, and complain that there is none.
  await page.route('**/favicon.ico', route => route.fulfill({ status: 204 }))
  await page.goto(address)
  return page
}

const comment = page => page.getByRole('listitem').filter({ hasText: COMMENT })
const hide = page => comment(page).getByRole('button', { name: 'Hide' }).click()

if (what === 'list') {
  check('the panel lists the comments', async () => {
    await comment(await open(place)).waitFor()
  })
}
else if (what === 'hide') {
  check('a comment that is hidden in one window disappears in both', async () => {
    const first = await open(place)
    await comment(first).waitFor()
    const second = await open(first.url())
    await comment(second).waitFor()
    await hide(first)
    await comment(first).waitFor({ state: 'detached' })
    await comment(second).waitFor({ state: 'detached' })
  })
}
else {
  check('the panel works on any file server, and a comment can be hidden there', async () => {
    const site = await serveFolder(place, { at: '/todo/' })
    const page = await open(site.url)
    await comment(page).waitFor()
    await hide(page)
    await comment(page).waitFor({ state: 'detached' })
  })
}

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
