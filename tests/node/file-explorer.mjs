// Uses the panel of the file explorer in a real browser.
//
//   node file-explorer.mjs PAGE_URL ROOT_DIR live|replay
//
// ROOT_DIR is the folder that the server shows: hello.txt, src/main.rs and a binary blob.bin. It is written to. A server that replays a recording of
// these checks shows no folder, and saves nothing: with `replay`, what the panel saves is written here.
import assert from 'node:assert/strict'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [pageUrl, root, server] = parameters('PAGE_URL', 'ROOT_DIR', 'live|replay')
const file = path => join(root, ...path.split('/'))
const readFile = fs.readFile

const browser = await launch()
const page = await browser.newPage()
const complaints = []
collectComplaints(page, complaints)

// A recording has to say when somebody changed the disk, or its replay could only guess: the page sends an event, which no server knows.
await page.addInitScript(() => {
  const sockets = window.sockets = []
  window.WebSocket = class extends WebSocket {
    constructor(...options) {
      super(...options)
      sockets.push(this)
    }
  }
})
let changes = 0
const changeDisk = change => page.evaluate((change) => {
  window.sockets.at(-1).send(JSON.stringify({ m: 'file-explorer-test:change-disk', a: [change], t: 'q' }))
}, ++changes)

async function writeFile(path, content) {
  await changeDisk()
  await fs.writeFile(path, content)
}

async function rm(path) {
  await changeDisk()
  await fs.rm(path, { force: server === 'replay' })
}

if (server === 'replay') {
  page.on('websocket', socket => socket.on('framesent', async ({ payload }) => {
    const { m: name, a: [path, content] } = payload.startsWith('{') ? JSON.parse(payload) : { a: [] }
    if (name === 'file-explorer:write-file')
      await fs.writeFile(file(path), content)
  }))
}

const part = id => page.getByTestId(id)
const row = path => page.locator(`[data-testid="file"][data-path="${path}"]`)
const shows = text => eventually(async () => await part('editor').inputValue() === text)
const type = text => part('editor').fill(text)

async function open(path) {
  await row(path).click()
  await eventually(async () => await row(path).getAttribute('aria-selected') === 'true')
}

check('the page connects and shows the tree', async () => {
  await page.goto(pageUrl)
  await row('hello.txt').waitFor()
  await row('src/main.rs').waitFor()
  await eventually(async () => await part('status').innerText() === 'connected')
  assert.notEqual(await part('root').innerText(), '')
})

check('a folder closes and opens, by mouse and by keyboard', async () => {
  const folder = page.locator('[data-testid="folder"][data-path="src"]')
  await folder.click()
  await row('src/main.rs').waitFor({ state: 'detached' })
  await folder.press('ArrowRight')
  await row('src/main.rs').waitFor()
  await folder.press('ArrowDown')
  await page.keyboard.press('Enter')
  await shows(await readFile(file('src/main.rs'), 'utf8'))
})

check('a file opens with its content', async () => {
  await open('hello.txt')
  await shows(await readFile(file('hello.txt'), 'utf8'))
  assert.equal(await part('dirty').isVisible(), false)
  assert.equal(await part('save').isEnabled(), false)
})

check('an edit is saved with Ctrl+S', async () => {
  await type('edited in the panel\n')
  assert.equal(await part('dirty').isVisible(), true)
  await part('editor').press('Control+s')
  await eventually(async () => await readFile(file('hello.txt'), 'utf8') === 'edited in the panel\n')
  await part('dirty').waitFor({ state: 'hidden' })
})

check('an edit is saved with the button', async () => {
  await type('edited again\n')
  await part('save').click()
  await part('dirty').waitFor({ state: 'hidden' })
  // In a replay, it is this program that writes what the page sends.
  await eventually(async () => await readFile(file('hello.txt'), 'utf8') === 'edited again\n')
})

check('a save of ours is no change of somebody else', async () => {
  await page.waitForTimeout(500) // the watcher's report of it
  assert.equal(await part('changed-bar').isVisible(), false)
  assert.equal(await part('message').isVisible(), false)
})

check('a change on disk arrives in the editor by itself', async () => {
  await writeFile(file('hello.txt'), 'from the disk\n')
  await shows('from the disk\n')
  assert.equal(await part('dirty').isVisible(), false)
})

check('a new file arrives in the tree by itself, and leaves it', async () => {
  await writeFile(file('src/new.rs'), '// new\n')
  await row('src/new.rs').waitFor()
  await rm(file('src/new.rs'))
  await row('src/new.rs').waitFor({ state: 'detached' })
})

check('edits survive a change on disk: keep', async () => {
  await type('mine\n')
  await writeFile(file('hello.txt'), 'theirs\n')
  await part('changed-bar').waitFor()
  assert.equal(await part('editor').inputValue(), 'mine\n')
  await part('changed-bar').getByRole('button', { name: 'Keep' }).click()
  await part('changed-bar').waitFor({ state: 'hidden' })
  assert.equal(await part('dirty').isVisible(), true)
  await part('editor').press('Control+s')
  await eventually(async () => await readFile(file('hello.txt'), 'utf8') === 'mine\n')
})

check('edits survive a change on disk: reload', async () => {
  await part('dirty').waitFor({ state: 'hidden' })
  await type('mine again\n')
  await writeFile(file('hello.txt'), 'theirs again\n')
  await part('changed-bar').getByRole('button', { name: 'Reload' }).click()
  await shows('theirs again\n')
  assert.equal(await part('dirty').isVisible(), false)
})

check('edits survive a look at another file', async () => {
  await type('a draft\n')
  await open('src/main.rs')
  await shows(await readFile(file('src/main.rs'), 'utf8'))
  assert.equal(await part('dirty').isVisible(), false)
  await open('hello.txt')
  await shows('a draft\n')
  assert.equal(await part('dirty').isVisible(), true)
  await part('editor').press('Control+s')
  await part('dirty').waitFor({ state: 'hidden' })
})

check('line ends stay as they are', async () => {
  await writeFile(file('crlf.txt'), 'one\r\ntwo\r\n')
  await open('crlf.txt')
  await shows('one\ntwo\n')
  await type('one\ntwo\nthree\n')
  await part('editor').press('Control+s')
  await eventually(async () => await readFile(file('crlf.txt'), 'utf8') === 'one\r\ntwo\r\nthree\r\n')
  await part('dirty').waitFor({ state: 'hidden' })
})

check('a file that vanishes leaves its text, and saving brings it back', async () => {
  await rm(file('crlf.txt'))
  await part('message').waitFor()
  assert.equal(await part('editor').inputValue(), 'one\ntwo\nthree\n')
  await part('save').click()
  await eventually(() => readFile(file('crlf.txt'), 'utf8').catch(() => ''))
  await part('message').waitFor({ state: 'hidden' })
  await rm(file('crlf.txt'))
  await part('message').waitFor()
})

check('a binary file is refused with a message', async () => {
  await open('blob.bin')
  await eventually(async () => (await part('message').innerText()).length > 0)
  assert.match(await part('message').innerText(), /binary|text|utf-?8/i)
  assert.equal(await part('editor').isEnabled(), false)
  await open('hello.txt')
  await part('message').waitFor({ state: 'hidden' })
  await shows('a draft\n')
})

check('the filter narrows the tree', async () => {
  await page.getByLabel('Filter files').fill('main')
  await row('hello.txt').waitFor({ state: 'detached' })
  await row('src/main.rs').waitFor()
  await page.getByLabel('Filter files').fill('')
  await row('hello.txt').waitFor()
})

check('nothing complained in the browser', async () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
