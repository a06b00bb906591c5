// Uses the panel of the template.
//
//   node template.mjs ADDRESS
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [address] = parameters('ADDRESS')
const browser = await launch()
const context = await browser.newContext()
const complaints = []

async function open(url) {
  const page = await context.newPage()
  collectComplaints(page, complaints)
  // Browsers ask for one by themselves, and complain that there is none.
  await page.route('**/favicon.ico', route => route.fulfill({ status: 204 }))
  await page.goto(url)
  return page
}

const first = await open(address)
const entries = page => page.getByRole('listitem').allInnerTexts()

async function add(page, text) {
  await page.getByLabel('New entry').fill(text)
  await page.getByRole('button', { name: 'Add' }).click()
}

check('an entry that is added appears in all pages, once', async () => {
  await first.getByLabel('New entry').waitFor()
  await eventually(() => !first.url().includes('#')) // signed in
  const second = await open(first.url())
  await add(first, 'one')
  await eventually(async () => (await entries(second)).join() === 'one')
  await add(second, 'two')
  await eventually(async () => (await entries(first)).join() === 'one,two')
  const third = await open(first.url())
  await eventually(async () => (await entries(third)).join() === 'one,two')
})

check('an error is shown', async () => {
  await add(first, ' ')
  await first.getByText('the entry is empty').waitFor()
})

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
