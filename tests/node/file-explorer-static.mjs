// Uses the panel of the file explorer on a static dump, in a real browser.
//
//   node file-explorer-static.mjs DUMP ROOT_DIR
//
// DUMP was written of ROOT_DIR: hello.txt, src/main.rs and a binary blob.bin.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'

const [dump, root] = parameters('DUMP', 'ROOT_DIR')
const site = await serveFolder(dump, { at: '/docs/v1/' })
const browser = await launch()
const page = await browser.newPage()
const complaints = []
collectComplaints(page, complaints)

const part = id => page.getByTestId(id)
const row = path => page.locator(`[data-testid="file"][data-path="${path}"]`)

check('the page opens from a folder of any file server, and shows the tree', async () => {
  await page.goto(site.url)
  await row('hello.txt').waitFor()
  await row('src/main.rs').waitFor()
  await eventually(async () => await part('root').innerText() === root)
})

check('it is read-only', async () => {
  await part('read-only').waitFor()
  assert.equal(await part('save').isVisible(), false)
})

check('every file opens with what it held', async () => {
  for (const path of ['hello.txt', 'src/main.rs']) {
    await row(path).click()
    const text = await readFile(join(root, path), 'utf8')
    await eventually(async () => await part('editor').inputValue() === text)
    assert.equal(await part('editor').isEditable(), false)
  }
})

check('a file that could not be read says why', async () => {
  await row('blob.bin').click()
  await part('message').getByText(/binary|text|utf-?8/i).waitFor()
  await row('hello.txt').click()
  await part('message').waitFor({ state: 'hidden' })
})

check('the filter narrows the tree', async () => {
  await page.getByLabel('Filter files').fill('main')
  await row('hello.txt').waitFor({ state: 'detached' })
  await row('src/main.rs').waitFor()
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
