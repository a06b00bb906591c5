// Signs in with the links of a server that is mounted somewhere, in a real browser: on the page of the mount, and on a view.
//
//   node front-page.mjs MOUNT_URL VIEWS CODES
//
// MOUNT_URL is where the service is mounted. VIEWS are the bases of its views, relative to MOUNT_URL and separated by commas; each
// calls a function, and has the sum as its title. CODES is the file that the server writes the latest code to.
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { codesIn } from './codes.mjs'

const [mount, list, codesFile] = parameters('MOUNT_URL', 'VIEWS', 'CODES')
const views = list.split(',').filter(Boolean).map(view => new URL(view, mount).href)
const codes = codesIn(codesFile)
const browser = await launch()
const complaints = []

/** Opens an address in a browser that nobody has used, or in one that somebody has. */
async function visit(address, context) {
  const page = await (context ?? await browser.newContext()).newPage()
  collectComplaints(page, complaints)
  await page.goto(address)
  return page
}

const dialog = page => page.getByRole('dialog', { name: 'Connect to DevTools' })
const isSignedIn = page => page.getByRole('status').getByText('This browser is signed in.').waitFor()
const isView = page => eventually(async () => await page.title() === '5')

async function enter(page, code) {
  await dialog(page).getByLabel('Code').fill(code)
  await page.keyboard.press('Enter')
}

if (views.length === 1) {
  for (const address of new Set([mount, mount.replace(/\/$/, '')])) {
    check(`the mount leads to its only view, with the code: ${address}`, async () => {
      const asking = await visit(address)
      await asking.waitForURL(views[0])
      await dialog(asking).waitFor()
      const page = await visit(`${address}${new URL(codes.next().link).hash}`)
      await page.waitForURL(views[0])
      await isView(page)
    })
  }
}
else {
  for (const address of new Set([mount, mount.replace(/\/$/, '')])) {
    check(`the page of the mount signs in with a link, and leads to the views: ${address}`, async () => {
      const asking = await visit(address)
      await dialog(asking).waitFor()
      const context = await browser.newContext()
      const page = await visit(`${address}${new URL(codes.next().link).hash}`, context)
      await isSignedIn(page)
      assert.equal(new URL(page.url()).hash, '')
      const links = await page.getByRole('list', { name: 'Panels' }).getByRole('link').evaluateAll(links => links.map(link => link.href))
      assert.deepEqual(links, views)
      for (const view of views)
        await isView(await visit(view, context))
    })
  }

  check('the page of the mount asks for the code', async () => {
    const page = await visit(mount)
    await dialog(page).waitFor()
    await enter(page, codes.next().code)
    await isSignedIn(page)
  })
}

for (const view of views) {
  check(`the link that is shown to ${view} leads there, and the page that asked comes in with it`, async () => {
    const context = await browser.newContext()
    const asking = await visit(view, context)
    await dialog(asking).waitFor()
    const { link } = codes.next()
    assert.equal(link.split('#')[0], view)
    await isView(await visit(link, context))
    await isView(asking)
  })
}

check('nothing complained in the browser', async () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
