// Uses the tabs of the inspector that follow a running program, in a real browser.
//
//   node inspector-live.mjs LINK TOKEN
//
// LINK opens the page with a code. Another session calls `seen:measure`, which fails every other time, `seen:wait`, which is slow, and `seen:refresh`, which
// broadcasts, again and again, until it is closed. The channel `seen:numbers` has a stream `first` with the chunk 7.
// A program that has signed in with a code is connected. TOKEN is for calls by plain HTTP.
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [link, token] = parameters('LINK', 'TOKEN')
const { origin, host } = new URL(link)
const browser = await launch()
const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
const complaints = []
collectComplaints(page, complaints)
page.on('request', request => /^(?:http|ws)/.test(request.url()) && new URL(request.url()).host !== host && complaints.push(`a request to ${request.url()}`))
await page.goto(link)

const tab = name => page.getByRole('tab', { name })
const grid = page.getByRole('grid', { name: 'Traffic' })
const rows = name => grid.getByRole('row', { name })
const panel = page.locator('main > [role=tabpanel]:visible')
const chip = name => panel.getByRole('button', { name, exact: true })

check('a tab is opened with its number, and the traffic appears', async () => {
  await tab('Functions').waitFor()
  await page.keyboard.press('2')
  await page.getByRole('tab', { name: 'Traffic', selected: true }).waitFor()
  await rows(/seen:measure/).first().waitFor()
  assert.equal(await rows(/inspector:traffic/).count(), 0, 'the calls of this page are hidden')
})

check('failed and slow calls are found by a filter', async () => {
  await chip('failed').click()
  await eventually(async () => await rows(/seen:/).count() > 1)
  assert.equal(await rows(/seen:wait/).count(), 0)
  assert.equal(await grid.locator('[data-kind]:not([data-state~=failed])').count(), 0)
  await chip('failed').click()
  await chip('slow').click()
  await rows(/seen:wait/).first().waitFor()
  assert.equal(await grid.locator('[data-kind]:not([data-state~=slow])').count(), 0)
  await chip('slow').click()
})

check('a broadcast is seen in the other direction', async () => {
  await page.keyboard.press('/')
  await page.keyboard.type('refreshed')
  await rows(/← seen:refreshed ?event/).first().waitFor()
  await rows(/broadcast/).first().waitFor()
  await page.getByLabel('Filter traffic').fill('')
})

check('a pause stops the rows, and a chosen row shows its payloads', async () => {
  await chip('failed').click()
  await rows(/seen:measure/).first().waitFor()
  await chip('Pause').click()
  await chip('Resume').waitFor()
  await rows(/seen:measure/).last().click()
  await panel.getByRole('heading', { name: 'seen:measure' }).waitFor()
  await panel.getByText('code not-found').waitFor()
  assert.match(await panel.locator('.frame').innerText(), /path: "missing"/)
  const before = await panel.getByRole('status').innerText()
  await new Promise(resolve => setTimeout(resolve, 700))
  assert.equal(await panel.getByRole('status').innerText(), before)
  await grid.focus()
  const chosen = await grid.getAttribute('aria-activedescendant')
  await page.keyboard.press('ArrowUp')
  await eventually(async () => await grid.getAttribute('aria-activedescendant') !== chosen)
  await page.keyboard.press('Escape')
  await panel.getByRole('heading', { name: 'seen:measure' }).waitFor({ state: 'hidden' })
  await chip('Resume').click()
})

check('a call by plain HTTP is a row', async () => {
  await chip('failed').click()
  const answer = await fetch(new URL('../__call/seen:get-units', link.split('?')[0].split('#')[0]), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'authorization': `Bearer ${token}` },
  })
  assert.equal(answer.status, 200)
  await page.getByLabel('Filter traffic').fill('get-units')
  await rows(/HTTP.*seen:get-units/).first().click()
  await panel.locator('.frame').getByText('"Bytes"', { exact: true }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByLabel('Filter traffic').fill('')
})

check('the narrow traffic has no sideways scroll', async () => {
  await page.setViewportSize({ width: 400, height: 700 })
  await rows(/seen:measure/).first().waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400)
  await page.setViewportSize({ width: 1200, height: 800 })
})

check('charts show the calls of the last seconds', async () => {
  await tab('Charts').click()
  const calls = page.getByRole('figure', { name: 'Calls and events per second' })
  await eventually(async () => /calls [\d.]*[1-9]/.test(await calls.innerText()))
  const latency = page.getByRole('figure', { name: 'Latency of calls' })
  await eventually(async () => /slowest [\d.]+ (?:ms|s)/.test(await latency.innerText()))
})

check('a shared state is followed and written, unless only the server writes it', async () => {
  await tab('State').click()
  await panel.getByRole('link', { name: 'seen:settings' }).click()
  await panel.getByText('theme: ""').waitFor()
  const changes = panel.getByRole('list', { name: 'Changes' })
  await changes.getByRole('listitem').filter({ hasText: 'the program' }).getByText('size: 0 → 1').waitFor()
  await panel.getByText('Write a new value').click()
  await panel.getByLabel('New value as JSON').fill('{"theme": "dark", "size": 2}')
  await panel.getByRole('button', { name: 'Write' }).click()
  await panel.getByText('theme: "dark"').waitFor()
  await changes.getByRole('listitem').filter({ hasText: new RegExp(`session \\d+ · ${origin}`) }).getByText('theme: "" → "dark"').waitFor()
  await panel.getByRole('link', { name: 'seen:fixed' }).click()
  await panel.getByText('Write a new value').click()
  await panel.getByLabel('New value as JSON').fill('2')
  await panel.getByRole('button', { name: 'Write' }).click()
  await panel.getByRole('alert').getByText(/read/).waitFor()
})

check('a state that does not exist is created by its key', async () => {
  await panel.getByLabel('Key of a state').fill('seen:new')
  await panel.getByRole('button', { name: 'Open' }).click()
  await panel.getByText('Writing a value creates the state.').waitFor()
  await panel.getByText('Write a new value').click()
  await panel.getByLabel('New value as JSON').fill('{"ids": {"$set": [1]}}')
  await panel.getByRole('button', { name: 'Write' }).click()
  await panel.getByText('ids: Set (1)').waitFor()
  await panel.getByRole('link', { name: 'seen:new' }).waitFor()
})

check('a file is sent to an upload, and another upload is cancelled', async () => {
  await panel.getByRole('link', { name: /seen:files/ }).click()
  const uploads = panel.getByRole('table', { name: 'Uploads' })
  await uploads.getByRole('row', { name: /^wanted waits for a client/ }).waitFor()
  await panel.getByLabel('Send a file to wanted', { exact: true }).setInputFiles({ name: 'a.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(100_000, 7) })
  await uploads.getByRole('row', { name: /^wanted/ }).waitFor({ state: 'detached' })
  await panel.getByRole('button', { name: 'Cancel unwanted' }).click()
  await uploads.waitFor({ state: 'detached' })
  await panel.getByRole('link', { name: 'seen:received' }).click()
  await panel.getByRole('group', { name: 'Value' }).getByText('100000', { exact: true }).waitFor()
})

check('a stream is read', async () => {
  await panel.getByRole('link', { name: /seen:numbers/ }).click()
  await panel.getByRole('button', { name: 'first' }).click()
  await panel.getByRole('list', { name: 'Chunks' }).getByText('7').waitFor()
})

check('the program lists its pages and commands, and runs one', async () => {
  await tab('Program').click()
  const href = await panel.getByRole('link', { name: '/__seen/' }).evaluate(link => link.href)
  assert.equal(href, `${origin}/__seen/`)
  await panel.getByRole('button', { name: 'Run Clear the list' }).click()
  await panel.getByText('"cleared"').waitFor()
  await panel.getByRole('table', { name: 'Not in a static build' }).getByRole('row', { name: /seen:measure/ }).waitFor()
})

check('the calls of a session are compared with a static build', async () => {
  await chip('Note calls').click()
  await panel.getByText(/[1-9]\d* different calls? so far/).waitFor()
  await eventually(async () => Number.parseInt(await panel.getByRole('status').filter({ hasText: 'so far' }).innerText()) >= 3)
  await chip('Compare').click()
  const missed = panel.getByRole('table', { name: 'Missed calls' })
  await missed.getByRole('row', { name: /seen:measure\(\{"path":"missing".* its arguments are not recorded/ }).waitFor()
  await missed.getByRole('row', { name: /seen:wait.* an action changes something/ }).waitFor()
  await panel.getByText('As inputs of dumps').click()
  await panel.getByText(/Dump::inputs\(\[/).waitFor()
})

check('the trust of a client is withdrawn when its button is pressed twice', async () => {
  await tab('Sessions').click()
  const guest = panel.getByRole('row', { name: /a program/ })
  await guest.getByRole('cell', { name: 'trusted', exact: true }).waitFor()
  await guest.getByRole('button', { name: 'Revoke' }).click()
  await guest.getByRole('cell', { name: 'trusted', exact: true }).waitFor()
  await guest.getByRole('button', { name: 'Revoke?' }).click()
  await guest.getByRole('cell', { name: 'trusted', exact: true }).waitFor({ state: 'detached' })
  await eventually(async () => await guest.count() === 0 || await guest.getByText('not trusted').isVisible())
  await panel.getByRole('row', { name: /this page/ }).getByRole('cell', { name: 'trusted', exact: true }).waitFor()
  assert.equal(await panel.getByRole('row', { name: /this page/ }).getByRole('button').count(), 0, 'a page does not withdraw its own')
})

check('a session is closed when its button is pressed twice', async () => {
  await tab('Sessions').click()
  const other = panel.getByRole('row', { name: /inside the program/ })
  await other.getByRole('button', { name: 'Close' }).click()
  await other.getByRole('button', { name: 'Close?' }).click()
  await other.waitFor({ state: 'detached' })
  await panel.getByRole('row', { name: /this page/ }).waitFor()
})

check('nothing complained in the browser, and no request left the server', () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
