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

check('a call that takes longer has a longer bar, and later rows begin further to the right', async () => {
  const drawn = () => grid.locator('.rows > .row').evaluateAll(rows => rows.map((row) => {
    const { left, width } = row.querySelector('.time').getBoundingClientRect()
    return { name: row.querySelector('.name').innerText, isRunning: row.dataset.state.includes('running'), left, width }
  }))
  const bars = await eventually(async () => {
    const bars = await drawn()
    const names = bars.filter(bar => !bar.isRunning).map(bar => bar.name)
    return ['seen:wait', 'seen:measure'].every(name => names.some(it => it.includes(name))) && bars
  })
  const widest = name => Math.max(...bars.filter(bar => !bar.isRunning && bar.name.includes(name)).map(bar => bar.width))
  assert.ok(widest('seen:wait') > 2 * widest('seen:measure'), JSON.stringify(bars))
  const lefts = bars.map(bar => bar.left)
  assert.ok(lefts.at(-1) - lefts[0] > 50, JSON.stringify(lefts))
})

check('rows are found by their session and their kind', async () => {
  const cells = column => grid.locator(`.rows > .row > :nth-child(${column})`).allInnerTexts()
  await eventually(async () => await page.getByLabel('Session', { exact: true }).locator('option').count() > 2)
  const sessions = await cells(2)
  const chosen = sessions.find(it => it !== sessions[0]) ?? sessions[0]
  await page.getByLabel('Session', { exact: true }).selectOption(chosen)
  await eventually(async () => (await cells(2)).length > 0)
  assert.deepEqual([...new Set(await cells(2))], [chosen])
  await page.getByLabel('Session', { exact: true }).selectOption('')
  await chip('event').click()
  await rows(/seen:refreshed/).first().waitFor()
  assert.equal(await grid.locator('.rows > .row:not([data-kind=event])').count(), 0)
  await chip('event').click()
  await rows(/seen:measure/).first().waitFor()
})

check('a page that leaves the traffic and comes back at once shows each frame once', async () => {
  const rows = await page.evaluate(async (address) => {
    const { trafficFeed } = await import(address)
    const asked = []
    const source = { ask: (_, since) => new Promise(resolve => asked.push({ since, resolve })), tell() {} }
    const feed = trafficFeed(source)
    const leave = feed.use(() => {})
    leave()
    feed.use(() => {})
    const frames = [{ number: 1, at: 1, session: 1, incoming: true, kind: 'call', name: 'a:b', id: '1', bytes: 2, encoding: 'json' }]
    for (const { resolve } of asked)
      resolve({ next: 2, now: 1, skipped: 0, own: 2, frames })
    while (asked.length < 3)
      await new Promise(resolve => setTimeout(resolve))
    return feed.rows.map(row => row.name)
  }, new URL('traffic-log.js', page.url()).href)
  assert.deepEqual(rows, ['a:b'])
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

check('payloads are fetched when a row is chosen', async () => {
  await page.getByLabel('inspector', { exact: true }).check()
  const filter = page.getByLabel('Filter traffic')
  await filter.fill('inspector:frame')
  await panel.getByText('No row matches.').waitFor()
  await chip('Pause').click()
  await filter.fill('seen:measure')
  await rows(/seen:measure/).last().click()
  await panel.getByRole('heading', { name: /^(?:Result|Error) / }).waitFor()
  await panel.locator('.frame').getByText(/path: /).first().waitFor()
  await page.keyboard.press('Escape')
  await chip('Resume').click()
  await filter.fill('inspector:frame')
  await eventually(async () => await rows(/inspector:frame/).count() === 2)
  await page.getByLabel('inspector', { exact: true }).uncheck()
  await filter.fill('')
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
  try {
    await rows(/seen:measure/).first().waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400)
  }
  finally {
    await page.setViewportSize({ width: 1200, height: 800 })
  }
})

check('charts show the calls of the last seconds', async () => {
  await tab('Charts').click()
  const calls = page.getByRole('figure', { name: 'Calls and events per second' })
  await eventually(async () => /calls [\d.]*[1-9]/.test(await calls.innerText()))
  const sizes = page.getByRole('figure', { name: 'Bytes per second' })
  await eventually(async () => /read [\d.]*[1-9]\d* (?:B|kB)[\s\S]*written [\d.]*[1-9]\d* (?:B|kB)/.test(await sizes.innerText()))
  await eventually(async () => /M.*L/.test(await calls.locator('path').first().getAttribute('d'))) // a line through several points
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
  await panel.getByRole('heading', { name: 'seen:fixed' }).waitFor()
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
  const missing = panel.getByRole('table', { name: 'Not in a static build' })
  await missing.getByRole('row', { name: /seen:measure/ }).waitFor()
  await missing.getByRole('row', { name: 'seen:wait an action changes something' }).waitFor()
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

/** What the browser tells screen readers of the table of this name: its descendants with their roles and names. */
async function accessible(name) {
  const devtools = await page.context().newCDPSession(page)
  const { nodes } = await devtools.send('Accessibility.getFullAXTree')
  await devtools.detach()
  const byId = new Map(nodes.map(node => [node.nodeId, node]))
  const below = node => node.childIds.map(id => byId.get(id)).filter(Boolean).flatMap(child => [...child.ignored ? [] : [child], ...below(child)])
  const table = nodes.find(node => node.role?.value === 'table' && node.name?.value === name)
  assert.ok(table, `there is no table ${name}: ${nodes.map(node => node.role?.value)}`)
  const parts = below(table)
  const named = role => node => node.role.value === role ? [node.name?.value ?? ''] : []
  return {
    heads: parts.flatMap(named('columnheader')),
    rows: parts.filter(node => node.role.value === 'row').map(row => below(row).flatMap(named('cell'))).filter(cells => cells.length),
  }
}

check('a narrow table of sessions is a table to those who cannot see it', async () => {
  await tab('Sessions').click()
  await panel.getByRole('row', { name: /this page/ }).waitFor()
  const wide = await accessible('Sessions')
  await page.setViewportSize({ width: 400, height: 700 })
  await panel.getByRole('row', { name: /this page/ }).waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 400)
  const narrow = await accessible('Sessions')
  await page.setViewportSize({ width: 1200, height: 800 })
  assert.deepEqual(narrow.heads, ['#', 'Client', 'Transport', 'Trust', 'Calls', 'Running', 'Events', 'Read', 'Written', 'Queued', 'Limits hit', 'Actions'])
  assert.deepEqual(narrow.heads, wide.heads)
  assert.ok(narrow.rows.length >= 3, JSON.stringify(narrow.rows))
  for (const cells of narrow.rows)
    assert.equal(cells.length, narrow.heads.length, JSON.stringify(cells))
  const transports = narrow.rows.map(cells => cells[2])
  assert.ok(transports.includes('WebSocket') && transports.includes('memory'), `${transports}`)
})

check('a limit that a session has hit is in its row', async () => {
  await page.evaluate(async () => {
    const socket = new WebSocket(new URL('../__ws', location.href.replace(/^http/, 'ws').replace(/#.*/, '')))
    await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }))
    socket.send('{')
    globalThis.hostile = socket
  })
  const hostile = panel.getByRole('row', { name: /not trusted/ })
  await hostile.getByRole('cell', { name: '1 unreadable', exact: true }).waitFor()
  await page.evaluate(() => globalThis.hostile.close())
  await hostile.waitFor({ state: 'detached' })
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
