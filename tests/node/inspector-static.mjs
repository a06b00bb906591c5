// Uses the inspector in a static dump, in a real browser.
//
//   node inspector-static.mjs DUMP PATH
//
// PATH is that of the page in DUMP.
import assert from 'node:assert/strict'
import { check, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'

const [dump, path] = parameters('DUMP', 'PATH')
const site = await serveFolder(dump, { at: '/docs/v1/' })
const browser = await launch()
const page = await browser.newPage()
const complaints = []
collectComplaints(page, complaints)
await page.goto(site.url + path)

const open = name => page.getByRole('link', { name }).click()

check('the page lists the functions, and says that it is a dump', async () => {
  await page.getByRole('link', { name: 'seen:get-units' }).waitFor()
  await page.getByRole('status').getByText('static dump').waitFor()
  assert.deepEqual(await page.getByRole('tab').allInnerTexts(), ['Functions', 'State', 'Program'])
})

check('a function answers with its recorded result, and others say why they do not', async () => {
  await open('seen:get-units')
  await page.getByRole('button', { name: 'Run' }).click()
  await page.getByRole('group', { name: 'Value' }).getByText('"Lines"').waitFor()
  await open('seen:measure')
  await page.getByRole('button', { name: 'Run' }).click()
  await page.locator('.summary').getByText('Failed').waitFor()
  assert.match(await page.locator('.outcome .message').innerText(), /static dump/)
  await open('seen:wait')
  await page.getByText(/it has no actions/).waitFor()
  assert.equal(await page.getByRole('button', { name: /Run/ }).count(), 0)
})

check('states have their recorded values and cannot be written, and pages are linked', async () => {
  await page.getByRole('tab', { name: 'State' }).click()
  await open('seen:fixed')
  await page.getByRole('group', { name: 'Value' }).getByText('1').waitFor()
  assert.equal(await page.getByText('Write a new value').count(), 0)
  await page.getByRole('tab', { name: 'Program' }).click()
  const href = await page.getByRole('link', { name: '/__seen/' }).evaluate(link => link.href)
  assert.equal(href, `${site.url}__seen/`)
})

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
