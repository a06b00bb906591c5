// Uses the page of the chat in a real browser: two of them.
//
//   node streaming-chat-page.mjs PAGE_URL
//
// A story is answered until somebody stops it.
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [pageUrl] = parameters('PAGE_URL')
const browser = await launch()
const complaints = []

async function open() {
  const page = await browser.newPage()
  collectComplaints(page, complaints)
  return page
}

const status = page => page.getByTestId('status').innerText()
const connected = page => eventually(async () => await status(page) === 'connected')
const answers = page => page.getByTestId('assistant')
const text = async answer => await answer.getByTestId('text').textContent()
const is = (answer, state) => eventually(async () => await answer.getAttribute('data-state') === state)

/** Waits until there is more of an answer. */
async function grows(answer) {
  const before = (await text(answer)).length
  await eventually(async () => (await text(answer)).length > before)
}

const one = await open()
const other = await open()
const sockets = []
let isDown = false
await one.routeWebSocket(/./, (socket) => {
  if (isDown)
    return socket.close()
  sockets.push(socket)
  socket.connectToServer()
})

check('a page asks, and sees the tokens arrive', async () => {
  await one.goto(pageUrl)
  await connected(one)
  await one.getByLabel('Question').fill('Tell me a story')
  await one.keyboard.press('Enter')
  await one.getByTestId('user').getByText('Tell me a story').waitFor()
  await is(answers(one), 'streaming')
  await grows(answers(one))
  await grows(answers(one))
  await eventually(async () => /You ask: “Tell me a story”/.test(await text(answers(one))))
  assert.equal(await one.getByLabel('Question').inputValue(), '')
})

check('a second page follows, from the beginning', async () => {
  await other.goto(pageUrl)
  await is(answers(other), 'streaming')
  await grows(answers(other))
  const beginning = (await text(answers(one))).slice(0, 100)
  await eventually(async () => (await text(answers(other))).startsWith(beginning))
})

check('a page that loses its connection says so, and goes on', async () => {
  isDown = true
  sockets.at(-1).close()
  await eventually(async () => await status(one) !== 'connected')
  await eventually(async () => !await one.getByTestId('ask').isEnabled())
  await eventually(async () => !await one.getByTestId('stop').isEnabled())
  assert.notEqual(await text(answers(one)), '') // what there was is still shown
  isDown = false
  await eventually(async () => await status(one) === 'connected')
  await grows(answers(one))
  await eventually(() => one.getByTestId('stop').isEnabled())
})

check('a page that is loaded anew has the answer so far', async () => {
  const before = await text(answers(one))
  await one.reload()
  await is(answers(one), 'streaming')
  await eventually(async () => (await text(answers(one))).startsWith(before))
})

check('a page stops it, for both', async () => {
  await other.getByTestId('stop').click()
  await is(answers(other), 'cancelled')
  await is(answers(one), 'cancelled')
  await answers(one).getByTestId('state').getByText('stopped').waitFor()
  await eventually(async () => await text(answers(one)) === await text(answers(other)))
  await eventually(async () => await one.getByTestId('stop').count() === 0)
})

check('the keyboard stops it too', async () => {
  await one.getByLabel('Question').fill('Another story')
  await one.getByTestId('ask').click()
  await is(answers(one).nth(1), 'streaming')
  await one.keyboard.press('Escape')
  await is(answers(one).nth(1), 'cancelled')
})

check('an answer ends by itself, or fails', async () => {
  await one.getByLabel('Question').fill('Why?')
  await one.keyboard.press('Enter')
  await is(answers(one).nth(2), 'done')
  await one.getByLabel('Question').fill('What is 1 divided by zero?')
  await one.keyboard.press('Enter')
  await is(answers(one).nth(3), 'failed')
  await answers(one).nth(3).getByText(/nothing can be divided by zero/).waitFor()
})

check('the history survives a reload', async () => {
  const before = await one.getByTestId('messages').innerText()
  await one.reload()
  await eventually(async () => await answers(one).count() === 4)
  await eventually(async () => await one.getByTestId('messages').innerText() === before)
})

check('nothing is executed that somebody asks', async () => {
  await one.getByLabel('Question').fill('<img src=x onerror="document.title = \'no\'"> divided by zero')
  await one.keyboard.press('Enter')
  await is(answers(one).nth(4), 'failed')
  assert.equal(await one.locator('img').count(), 0)
})

check('it is shown in the colours that the user prefers', async () => {
  const colour = async (colorScheme) => {
    await one.emulateMedia({ colorScheme })
    return one.evaluate(() => getComputedStyle(document.body).backgroundColor)
  }
  assert.notEqual(await colour('light'), await colour('dark'))
})

check('nothing complained in the browser', async () => {
  assert.deepEqual(complaints.filter(complaint => !/WebSocket/.test(complaint)), []) // those were cut
})

await run({ afterAll: () => browser.close() })
