// Uses the inspector in a real browser.
//
//   node inspector.mjs MOUNT_URL LINK OPENED
//
// MOUNT_URL is where the server is mounted, which has one panel, `/__seen/`. LINK is MOUNT_URL with a code. OPENED is the file into which the editor writes what it
// has opened.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [mount, link, openedFile] = parameters('MOUNT_URL', 'LINK', 'OPENED')
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
  const listed = page.getByRole('navigation', { name: 'Functions' })
  const kind = name => page.getByRole('tabpanel', { name: 'Functions' }).getByRole('button', { name, exact: true })
  await kind('action').click()
  await eventually(async () => await listed.getByRole('link').count() === 4)
  assert.deepEqual((await listed.getByRole('link').allInnerTexts()).toSorted(), ['seen:add-dock', 'seen:grow', 'seen:refresh', 'seen:wait'])
  await kind('client').click()
  await eventually(async () => await listed.getByRole('link').count() === 1)
  assert.equal(await listed.getByRole('link').innerText(), 'seen:refreshed')
  await kind('client').click()
  assert.deepEqual(await listed.getByRole('heading').allInnerTexts(), ['tests'], 'the package')
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
  const size = JSON.stringify({ asked: raw[0], sizes: [1, 2, 3] }).length
  assert.match(await summary().innerText(), new RegExp(`in [\\d.]+ m?s · ${size} B · JSON`))
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

check('the source of a function opens in the editor of the program', async () => {
  await page.goto(`${mount}__inspector/#/functions/seen:measure`)
  await page.getByRole('button', { name: 'Open in sh' }).click()
  const opened = await eventually(() => readFile(openedFile, 'utf8').catch(() => ''))
  const place = await page.getByText(/listed\/inspector\.rs:\d+/).innerText()
  assert.ok(opened.trimEnd().endsWith(place), `${opened} is not ${place}`)
  await page.getByRole('heading', { name: /seen:measure/ }).waitFor()
  assert.equal(await page.getByRole('alert').filter({ hasText: /./ }).count(), 0)
})

check('enums with content, records and tuples have fields', async () => {
  await page.goto(`${mount}__inspector/#/functions/seen:draw`)
  await field('shape').selectOption('Circle')
  await field('radius').fill('1.5')
  await page.getByRole('button', { name: 'Add to sizes' }).click()
  await field('sizes 1 key').fill('wide')
  await field('sizes 1 value').fill('7')
  await field('place 2').fill('3')
  assert.deepEqual(JSON.parse(await field('Arguments as JSON').inputValue()), [{ Circle: { radius: 1.5 } }, { wide: 7 }, [0, 3]])
  await page.getByRole('button', { name: 'Run' }).click()
  await page.getByRole('group', { name: 'Value' }).getByText('Circle: { radius }').click()
  await page.getByRole('group', { name: 'Value' }).getByText('radius: 1.5').waitFor()
  await field('Arguments as JSON').fill('[{"Label": "x"}, {}, [1, 2]]')
  assert.equal(await field('shape').inputValue(), 'Label')
  assert.equal(await field('Label').inputValue(), 'x')
})

check('types that JSON does not have are entered in fields and as text', async () => {
  await page.goto(`${mount}__inspector/#/functions/seen:mix`)
  await field('big').fill('1180591620717411303424')
  await field('when').fill('2026-01-31T12:00')
  await page.getByRole('button', { name: 'Add to sizes' }).click()
  await field('sizes 1 key').fill('one')
  await field('sizes 1 value').fill('1')
  await page.getByRole('button', { name: 'Add to names' }).click()
  await field('names 1').fill('Ada')
  await field('content').setInputFiles({ name: 'a.bin', mimeType: 'application/octet-stream', buffer: Buffer.from('hello') })
  await page.getByText('5 B', { exact: true }).waitFor()
  const raw = await field('Arguments as JSON').inputValue()
  assert.match(raw, /"big":\{"\$bigint":"1180591620717411303424"\}/)
  assert.match(raw, /"content":\{"\$bytes":"aGVsbG8="\}/)
  await page.getByRole('button', { name: 'Run' }).click()
  const value = page.getByRole('group', { name: 'Value' })
  await value.getByText('big: 1180591620717411303424n').waitFor()
  const shown = await value.innerText()
  assert.match(shown, /when: Date 2026-01-31T\d\d:00:00\.000Z/)
  assert.match(shown, /sizes: Map \(1\)\s+one: 1/)
  assert.match(shown, /names: Set \(1\)\s+0: "Ada"/)
  assert.match(shown, /content: Uint8Array \(5\)/)
  await page.getByText('Types that JSON does not have').click()
  await page.getByText('{"$set": [1, 2]}').waitFor()
  await field('Arguments as JSON').fill('[{"big": {"$bignum": "1"}}]')
  await page.getByRole('alert').getByText('there is no form $bignum').waitFor()
})

check('every form of a value as text is read as it was written', async () => {
  const { texts, again, shown, problems } = await page.evaluate(async (address) => {
    const { FORMS, parseTagged, writeTagged } = await import(address)
    const texts = FORMS.map(([, form]) => form.replace(' in Base64', ''))
    const values = texts.map(parseTagged)
    const problem = (text) => {
      try {
        return String(parseTagged(text))
      }
      catch (error) {
        return error.message
      }
    }
    return { texts, again: values.map(value => writeTagged(value)), shown: values.map(value => Object.prototype.toString.call(value)), problems: ['{"$date": "x"}', '{"$array": ["Map", []]}', '{"$nothing": 1}'].map(problem) }
  }, `${mount}__inspector/tagged.js`)
  assert.deepEqual(again.map(text => JSON.parse(text)), texts.map(text => JSON.parse(text)))
  assert.deepEqual(shown, ['BigInt', 'Date', 'Map', 'Set', 'Uint8Array', 'Float64Array', 'RegExp', 'Error', 'Undefined', 'Object'].map(name => `[object ${name}]`))
  for (const problem of problems)
    assert.match(problem, /not a date|no typed array|no form/)
})

check('the page works in the frame of a dock', async () => {
  const dock = await visit(`${origin}/__seen/`)
  await dock.evaluate((address) => {
    const frame = document.createElement('iframe')
    Object.assign(frame, { src: address, width: 400, height: 500 })
    document.body.append(frame)
  }, `${mount}__inspector/`)
  const frame = dock.frameLocator('iframe')
  await frame.getByRole('link', { name: 'seen:get-map' }).click()
  await frame.getByRole('button', { name: 'Run' }).click()
  await frame.locator('.summary').getByText('Succeeded').waitFor()
  await dock.close()
})

check('a function that is registered late appears without a reload', async () => {
  await page.getByLabel('Search functions').fill('')
  await page.goto(`${mount}__inspector/#/functions/seen:grow`)
  assert.equal(await page.getByRole('link', { name: 'seen:late' }).count(), 0)
  await page.getByRole('button', { name: 'Run action' }).click()
  await page.getByRole('link', { name: 'seen:late' }).waitFor()
  await summary().getByText('Succeeded').waitFor()
})

check('a dock that is registered late appears without a reload', async () => {
  await page.goto(`${mount}__inspector/#/program`)
  const docks = page.getByRole('table', { name: 'Docks' })
  await docks.getByText('Docs', { exact: true }).waitFor()
  assert.equal(await page.getByText('Late dock').count(), 0)
  const other = await visit(`${mount}__inspector/#/functions/seen:add-dock`)
  await other.getByRole('button', { name: 'Run action' }).click()
  await other.locator('.summary').getByText('Succeeded').waitFor()
  await page.bringToFront()
  await docks.getByText('Late dock').waitFor()
  await other.close()
})

/** The elements that the key Tab reaches, from the tab that is chosen on, each with its name, its size and whether its focus is visible. */
async function focusOrder(page) {
  await page.getByRole('tab', { selected: true }).focus()
  const stops = []
  for (;;) {
    await page.keyboard.press('Tab')
    const stop = await page.evaluate(() => {
      const it = document.activeElement
      if (!it || it === document.body || it.getAttribute('role') === 'tab')
        return
      const { outlineStyle, outlineWidth } = getComputedStyle(it)
      const { width, height } = it.getBoundingClientRect()
      const name = it.getAttribute('aria-label') ?? it.labels?.[0]?.innerText ?? it.innerText
      return { name: name.trim(), width, height, isMarked: outlineStyle !== 'none' && outlineWidth !== '0px' }
    })
    if (!stop)
      return stops
    stops.push(stop)
    assert.ok(stops.length < 200, 'the focus leaves the page in the end')
  }
}

for (const [width, colorScheme] of [[1200, 'light'], [400, 'dark']]) {
  check(`the key Tab goes through each tab in the order of reading, at ${width} px and ${colorScheme}`, async () => {
    const walked = await visit(`${mount}__inspector/#/functions/seen:wait`)
    await walked.setViewportSize({ width, height: 750 })
    await walked.emulateMedia({ colorScheme })
    await walked.getByRole('button', { name: 'Run action' }).waitFor()
    const background = await walked.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number))
    assert.equal(background[0] < 128, colorScheme === 'dark', `${background}`)
    const isWide = width > 1000
    const inOrder = {
      Functions: [...isWide ? ['Search functions', 'query', 'seen:add-dock', 'seen:wait'] : ['← Functions'], 'Copy', 'Schema', 'ms', 'Arguments as JSON', 'Run action'],
      Traffic: ['Filter traffic', 'Session', 'call', 'event', 'chunk', 'failed', 'slow', 'running', 'Pause', 'Clear', 'Traffic'],
      Sessions: [],
      State: ['Key of a state', 'Open', 'seen:settings'],
      Program: ['/__seen/', 'Run Clear the list', 'Note calls', 'seen:draw'],
      Charts: [],
    }
    for (const [name, expected] of Object.entries(inOrder)) {
      // A click on the tab of the functions would leave the one that is open.
      if (name !== 'Functions')
        await walked.getByRole('tab', { name }).click()
      await walked.getByRole('tabpanel', { name }).waitFor()
      const last = expected.at(-1)
      let stops = []
      const reached = eventually(async () => (stops = await focusOrder(walked)).some(stop => stop.name === last) || !last)
      await reached.catch(() => assert.fail(`${name}: ${last} is not reached: ${JSON.stringify(stops)}`))
      for (const stop of stops)
        assert.ok(stop.name && stop.width > 0 && stop.height > 0 && stop.isMarked, `${name}: ${JSON.stringify(stop)}`)
      const names = stops.map(stop => stop.name)
      let at = -1
      for (const stop of expected) {
        const next = names.indexOf(stop, at + 1)
        assert.ok(next > at, `${name}: ${stop} does not follow in ${names.join(', ')}`)
        at = next
      }
      assert.equal(await walked.evaluate(() => document.documentElement.scrollWidth), width)
    }
    await walked.close()
  })
}

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
