// Signs in to the panel of the file explorer, in a real browser: by link, by code, by the token of another page, and not at all.
//
//   node sign-in.mjs PAGE_URL LINK CODES ROOT_DIR
//
// LINK is PAGE_URL with a code. CODES is the file that the server writes the latest code to. ROOT_DIR is the folder that
// the server shows: hello.txt. It is written to.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'
import { codesIn, not } from './codes.mjs'

const [pageUrl, link, codesFile, root] = parameters('PAGE_URL', 'LINK', 'CODES', 'ROOT_DIR')
const codes = codesIn(codesFile)
const TOKEN_KEY = '__DEVFRAME_CONNECTION_AUTH_TOKEN__'

const browser = await launch()
const complaints = []

/** A browser that nobody has used: without cookies, storage, or other pages. */
const freshBrowser = () => browser.newContext()

async function visit(address, context) {
  const page = await context.newPage()
  collectComplaints(page, complaints)
  await page.goto(address)
  return page
}

const dialog = page => page.getByRole('dialog', { name: 'Connect to DevTools' })
const status = page => page.getByTestId('status').innerText()
const row = (page, path) => page.locator(`[data-testid="file"][data-path="${path}"]`)
const tokenOf = page => page.evaluate(key => localStorage.getItem(key), TOKEN_KEY)

async function isIn(page) {
  await row(page, 'hello.txt').waitFor()
  await eventually(async () => await status(page) === 'connected')
  assert.equal(await dialog(page).count(), 0)
  assert.equal(await page.getByTestId('message').isVisible(), false)
}

async function isOut(page, why) {
  await eventually(async () => await status(page) === 'unauthorized')
  await page.getByTestId('message').getByText(why).waitFor()
  assert.match(await page.getByTestId('message').innerText(), /open it with the link that the server shows in its terminal/)
}

async function enter(page, code) {
  await dialog(page).getByLabel('Code').fill(code)
  await page.keyboard.press('Enter')
}

const byLink = await freshBrowser()

check('the printed link opens the panel, and its code leaves the address', async () => {
  const page = await visit(link, byLink)
  await isIn(page)
  assert.equal(page.url(), pageUrl)
  assert.match(await tokenOf(page), /^[0-9a-f]{32}$/)
  await page.reload()
  await isIn(page)
})

check('another page of the same browser needs no code', async () => {
  const page = await visit(pageUrl, byLink)
  await isIn(page)
  await page.close()
})

check('the link is good once', async () => {
  const page = await visit(link, await freshBrowser())
  await dialog(page).getByText('wrong or has expired').waitFor()
  assert.equal(page.url(), pageUrl)
  await enter(page, codes.next().code)
  await isIn(page)
})

const byCode = await freshBrowser()

check('without the link the page asks for the code, until it is right', async () => {
  const page = await visit(pageUrl, byCode)
  await dialog(page).waitFor()
  assert.equal(await status(page), 'connecting')
  const input = dialog(page).getByLabel('Code')
  assert.equal(await input.evaluate(element => element.getRootNode().activeElement === element), true)
  assert.equal(await dialog(page).getByRole('alert').isVisible(), false)
  const { code } = codes.next()
  await enter(page, '12345') // five digits are none: the browser says so
  assert.equal(await dialog(page).getByRole('alert').isVisible(), false)
  await enter(page, not(code))
  await dialog(page).getByRole('alert').getByText('wrong or has expired').waitFor()
  assert.equal(await input.getAttribute('aria-invalid'), 'true')
  await enter(page, ` ${code} `)
  await isIn(page)
  assert.equal(page.url(), pageUrl)
  await page.reload()
  await isIn(page)
})

check('the link that a request prints leads to the panel, and the page that asked comes in with it', async () => {
  const context = await freshBrowser()
  const asking = await visit(pageUrl, context)
  await dialog(asking).waitFor()
  const printed = codes.next().link
  assert.equal(printed.split('#')[0], pageUrl)
  const page = await visit(printed, context)
  await isIn(page)
  assert.equal(page.url(), pageUrl)
  await isIn(asking)
})

check('a link that is opened in the page that asks is as good', async () => {
  const page = await visit(pageUrl, await freshBrowser())
  await dialog(page).waitFor()
  const { code } = codes.next()
  await page.goto(`${pageUrl}#devframe_otp=${code}`) // which loads nothing
  await isIn(page)
  assert.equal(page.url().replace(/#$/, ''), pageUrl)
})

check('a page that gives up says what to do, and may try again', async () => {
  const page = await visit(pageUrl, await freshBrowser())
  await dialog(page).getByRole('button', { name: 'Cancel' }).click()
  await isOut(page, 'does not trust this page')
  await page.getByRole('button', { name: 'Try again' }).click()
  await dialog(page).waitFor()
  await page.keyboard.press('Escape')
  await isOut(page, 'does not trust this page')
  await page.getByRole('button', { name: 'Try again' }).click()
  await enter(page, codes.next().code)
  await isIn(page)
})

check('a frame does not ask, and comes in when a page of its own does', async () => {
  const context = await freshBrowser()
  const outer = await visit(pageUrl, context)
  await dialog(outer).waitFor()
  const framing = await context.newPage()
  await framing.route('**/framing', route => route.fulfill({ contentType: 'text/html', body: `<iframe src="${pageUrl}">` }))
  await framing.goto(new URL('/framing', pageUrl).href)
  const frame = framing.frameLocator('iframe')
  await eventually(async () => await status(frame) === 'unauthorized')
  assert.equal(await dialog(frame).count(), 0)
  await enter(outer, codes.next().code)
  await isIn(outer)
  await row(frame, 'hello.txt').waitFor()
})

// Of another origin than the panel, by its name and its port.
const elsewhere = createServer((_, response) => {
  response.setHeader('content-type', 'text/html')
  response.end(`<iframe src="${pageUrl}" width="800" height="600"></iframe>`)
})

/** A page of another origin that has the panel in a frame. */
async function frameElsewhere(context) {
  if (!elsewhere.listening)
    await new Promise(resolve => elsewhere.listen(0, '127.0.0.1', resolve))
  const page = await visit(`http://localhost:${elsewhere.address().port}/`, context)
  return page.frameLocator('iframe')
}

check('a frame in a page of another origin asks for itself, even where it can store nothing', async () => {
  const context = await freshBrowser()
  await context.addInitScript(() => {
    if (window !== window.top) {
      const denied = () => { throw new DOMException('denied', 'SecurityError') }
      Object.defineProperty(window, 'localStorage', { get: denied })
      window.BroadcastChannel = denied
    }
  })
  const frame = await frameElsewhere(context)
  await dialog(frame).waitFor()
  await dialog(frame).getByLabel('Code').fill(codes.next().code)
  await dialog(frame).getByRole('button', { name: 'Connect' }).click()
  await row(frame, 'hello.txt').waitFor()
  assert.equal(await status(frame), 'connected')
})

check('or it is let in by a tab that is opened from it, which shares no storage with it', async () => {
  const context = await freshBrowser()
  const frame = await frameElsewhere(context)
  await dialog(frame).waitFor()
  const tabLink = dialog(frame).getByRole('link', { name: 'sign in in a new tab' })
  const [tab] = await Promise.all([context.waitForEvent('page'), tabLink.click()])
  await enter(tab, codes.next().code)
  await isIn(tab)
  await row(frame, 'hello.txt').waitFor()
  assert.match(await tokenOf(tab), /^[0-9a-f]{32}$/)
  // A tab that was let in before asks nobody.
  const other = await frameElsewhere(context)
  await dialog(other).getByRole('link').click()
  await row(other, 'hello.txt').waitFor()
})

check('who enters too many wrong codes is told so, and comes in with the link', async () => {
  const page = await visit(pageUrl, await freshBrowser())
  await dialog(page).waitFor()
  assert.equal(await dialog(page).getByRole('link').count(), 0, 'a page of its own needs no tab')
  const { code, link: printed } = codes.next()
  for (let wrong = 1; wrong <= 5; wrong++) {
    await dialog(page).evaluate(element => element.getRootNode().host.dataset.seen = 'seen')
    await enter(page, not(code))
    await page.locator('devtools-code:not([data-seen])').waitFor({ state: 'attached' })
  }
  await dialog(page).getByRole('alert').getByText('wrong or has expired').waitFor()
  await enter(page, code)
  await dialog(page).getByRole('alert').getByText(/^Too many wrong codes: try again in \d+ seconds, or open the link/).waitFor()
  await page.goto(`${pageUrl}${new URL(printed).hash}`)
  await isIn(page)
})

check('a page whose trust is taken back says so, and hears nothing more', async () => {
  const page = await byLink.newPage()
  const sockets = []
  page.on('websocket', (socket) => {
    const seen = { frames: [], closed: false }
    socket.on('framereceived', ({ payload }) => seen.frames.push(payload))
    socket.on('close', () => seen.closed = true)
    sockets.push(seen)
  })
  await page.goto(pageUrl)
  await isIn(page)
  const witness = await visit(pageUrl, byCode)
  await isIn(witness)

  const revoking = await visit(pageUrl, byLink)
  await revoking.evaluate(async () => {
    const { connect } = await import('/__devtools/client.js')
    const rpc = await connect()
    await rpc.call('devframe:auth:revoke').catch(() => {}) // told of the revocation before the reply
  })
  for (const out of [page, revoking])
    await isOut(out, 'withdrew its trust')
  assert.equal(await tokenOf(page), null)
  await eventually(() => sockets[0].closed)

  await writeFile(join(root, 'later.txt'), 'news')
  await row(witness, 'later.txt').waitFor()
  assert.equal(await row(page, 'later.txt').count(), 0)
  assert.equal(sockets.length, 1)
  assert.match(sockets[0].frames.at(-1), /devframe:auth:revoked/)

  await page.reload()
  await dialog(page).waitFor()
  await enter(page, codes.next().code)
  await isIn(page)
  await isIn(revoking)
  await row(page, 'later.txt').waitFor()
})

check('nothing complained in the browser', async () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => { elsewhere.close(); return browser.close() } })
