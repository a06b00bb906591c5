// Uses the inspector in a real browser.
//
//   node inspector.mjs MOUNT_URL LINK
//
// MOUNT_URL is where the server is mounted, which has one panel, `/__seen/`. LINK is MOUNT_URL with a code.
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [mount, link] = parameters('MOUNT_URL', 'LINK')
const origin = new URL(mount).origin
const browser = await launch()
const context = await browser.newContext({ viewport: { width: 1200, height: 800 } })
const complaints = []

async function visit(address, from = context) {
  const page = await from.newPage()
  collectComplaints(page, complaints)
  page.on('request', request => /^(?:http|ws)/.test(request.url()) && new URL(request.url()).host !== new URL(origin).host && complaints.push(`a request to ${request.url()}`))
  await page.goto(address)
  return page
}

const page = await visit(link)
const summary = () => page.locator('.summary')
const field = name => page.getByRole('form', { name: 'Call' }).getByLabel(name, { exact: true })

check('the page of the mount lists the panels first, and the inspector behind them', async () => {
  await page.getByRole('status').getByText('This browser is signed in.').waitFor()
  await page.getByRole('list', { name: 'Docks' }).getByText('Docs').waitFor()
  const links = await page.getByRole('link').evaluateAll(links => links.map(link => link.href))
  assert.deepEqual(links, [`${origin}/__seen/`, `${origin}/docs/of/seen`, `${mount}__inspector/`])
  await page.getByRole('link', { name: /Inspector/ }).click()
  await page.getByRole('tab', { name: 'Functions', selected: true }).waitFor()
  await page.getByRole('status').getByText('connected').waitFor()
})

check('functions are found with the keyboard, and described', async () => {
  await page.getByRole('link', { name: 'seen:measure' }).waitFor()
  assert.equal(await page.getByRole('link', { name: /devtools-runtime:/ }).count(), 0, 'those of the protocol are hidden')
  await page.keyboard.press('/')
  await page.keyboard.type('measures a FILE')
  await eventually(async () => await page.getByRole('navigation', { name: 'Functions' }).getByRole('link').count() === 1)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: /seen:measure/ }).waitFor()
  const detail = await page.getByRole('tabpanel', { name: 'Functions' }).innerText()
  assert.match(detail, /Measures a file\./)
  assert.match(detail, /listed\/inspector\.rs:\d+/)
  assert.match(detail, /not recorded: a query with arguments needs the option dump/)
})

check('a form made from the schema calls the function, and the result is a tree', async () => {
  await field('path').fill('src/main.rs')
  await field('unit').selectOption('Lines')
  await field('give limit').check()
  await field('limit').fill('12')
  await page.getByRole('button', { name: 'Add to tags' }).click()
  await field('tags 1').fill('new')
  const raw = JSON.parse(await field('Arguments as JSON').inputValue())
  assert.deepEqual(raw, [{ path: 'src/main.rs', unit: 'Lines', limit: 12, tags: ['new'] }])
  await page.getByRole('button', { name: 'Run' }).click()
  await summary().getByText('Succeeded').waitFor()
  assert.match(await summary().innerText(), /in [\d.]+ m?s · \d+ B · JSON/)
  const shown = await page.getByRole('group', { name: 'Value' }).innerText()
  assert.match(shown, /path: "src\/main\.rs"/)
  assert.match(shown, /unit: "Lines"/)
})

check('arguments written as JSON fill the form, and an error shows its code and data', async () => {
  await field('Arguments as JSON').fill('[{"path": "missing", "unit": "Bytes", "tags": []}]')
  assert.equal(await field('path').inputValue(), 'missing')
  await field('Arguments as JSON').press('Control+Enter')
  await summary().getByText('Failed').waitFor()
  assert.match(await summary().innerText(), /code not-found/)
  assert.equal(await page.locator('.outcome .message').innerText(), 'Error: no file at `missing`'.replace('Error: ', ''))
  assert.match(await page.getByRole('group', { name: 'Value' }).innerText(), /path: "missing"/)
  await field('Arguments as JSON').fill('[')
  await page.getByRole('button', { name: 'Run' }).click()
  await page.getByRole('alert').getByText(/JSON/).waitFor()
})

check('values that JSON does not have keep their types', async () => {
  await page.goto(`${mount}__inspector/#/functions/seen:get-map`)
  await page.getByRole('button', { name: 'Run' }).click()
  await summary().getByText('structured clone').waitFor()
  const shown = await page.getByRole('group', { name: 'Value' }).innerText()
  assert.match(shown, /Map \(1\)\s+big: 1180591620717411303424n/)
})

check('on a narrow page the list and the function take turns', async () => {
  const narrow = await visit(`${mount}__inspector/`)
  await narrow.setViewportSize({ width: 400, height: 700 })
  await narrow.getByRole('link', { name: 'seen:wait' }).click()
  await narrow.getByRole('button', { name: 'Run action' }).click()
  await narrow.locator('.summary').getByText('Succeeded').waitFor()
  assert.equal(await narrow.getByLabel('Search functions').isVisible(), false)
  assert.equal(await narrow.evaluate(() => document.documentElement.scrollWidth), 400)
  await narrow.getByRole('link', { name: '← Functions' }).click()
  await narrow.getByLabel('Search functions').waitFor()
  await narrow.close()
})

check('a page that is not trusted shows nothing of the program', async () => {
  const stranger = await visit(`${mount}__inspector/`, await browser.newContext())
  await stranger.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await stranger.getByRole('status').getByText('unauthorized').waitFor()
  assert.equal(await stranger.getByRole('link', { name: /seen:/ }).count(), 0)
  assert.equal(await stranger.getByRole('tab').count(), 0)
  await stranger.close()
})

check('nothing complained in the browser, and no request left the server', () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
