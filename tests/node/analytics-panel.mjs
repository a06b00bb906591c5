// Opens the panel of the analytics example in a real browser.
//
//   node analytics-panel.mjs PAGE_URL LINK FOLDER
//
// LINK is PAGE_URL with a code. FOLDER is what the server measures, with a main.ts of five bytes. It is written to.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [pageUrl, link, folder] = parameters('PAGE_URL', 'LINK', 'FOLDER')
const browser = await launch()
const complaints = []

async function visit(address) {
  const page = await (await browser.newContext()).newPage()
  collectComplaints(page, complaints)
  await page.goto(address)
  return page
}

check('the printed link opens the panel, which follows the files', async () => {
  const page = await visit(link)
  await page.getByRole('row', { name: 'main.ts 5' }).waitFor()
  assert.equal(await page.getByRole('status').innerText(), 'connected')
  assert.equal(page.url(), pageUrl)
  await writeFile(join(folder, 'later.ts'), 'eleven byte')
  await page.getByRole('row', { name: 'later.ts 11' }).waitFor()
})

check('a page that is not trusted says what to do', async () => {
  const page = await visit(pageUrl)
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('status').getByText(/^unauthorized: .*open it with the link/).waitFor()
  assert.equal(await page.locator('#metrics tr').count(), 0)
})

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
