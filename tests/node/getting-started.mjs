// Uses the tool of the pages "Getting started" and "Panels with Vite and types", as they say.
//
//   node getting-started.mjs list ADDRESS        the panel lists the comments
//   node getting-started.mjs hide ADDRESS        it hides them, in two windows
//   node getting-started.mjs vite 'ADDRESS LOG'  Vite serves it, and the program writes the code that it asks for to the file LOG
//   node getting-started.mjs static FOLDER       the static build, without a server
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'

const [what, place] = parameters('list|hide|vite|static', 'PLACE')
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
const ofPackages = page => page.getByRole('listitem').filter({ hasText: 'node_modules' })
const hide = page => comment(page).getByRole('button', { name: 'Hide' }).click()

if (what === 'list') {
  check('the panel lists the comments', async () => {
    await comment(await open(place)).waitFor()
  })
}
else if (what === 'vite') {
  const [address, log] = place.split(' ')
  check('a page of Vite asks once for the code, and then works', async () => {
    const page = await open(address)
    await page.getByRole('dialog', { name: 'Connect to DevTools' }).waitFor()
    const code = await eventually(async () => /enter the code (\d{6})/.exec(await readFile(log, 'utf8'))?.[1])
    await page.getByLabel('Code').fill(code)
    await page.keyboard.press('Enter')
    await comment(page).waitFor()
    assert.equal(await ofPackages(page).count(), 0)
    const second = await open(address)
    await comment(second).waitFor()
    await hide(page)
    await comment(second).waitFor({ state: 'detached' })
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
