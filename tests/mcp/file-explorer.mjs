/** The file explorer: an agent lists and reads, and the user of the panel confirms what it writes. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { collectComplaints, launch } from '../node/chromium.mjs'
import { connectStdio, endAll } from './agents.mjs'

const [tool] = parameters('TOOL')
const folder = mkdtempSync(join(tmpdir(), 'mcp-files-'))
writeFileSync(join(folder, 'hello.txt'), 'hello\n')

const agent = await connectStdio(tool, { HOME: folder, DEVFRAME_DISABLE_INSTANCE_REGISTRY: '1' }, ['--port', '0', folder])
const browser = await launch()
const user = await browser.newContext() // its pages share what the sign-in has stored
const complaints = []
let isTrusted = false

async function open() {
  const url = await eventually(() => agent.errors().match(/panels: (\S+)/)?.[1])
  const page = await user.newPage()
  collectComplaints(page, complaints)
  // The link trusts one page, and the token that it stores trusts the others.
  await page.goto(isTrusted ? new URL('/__file-explorer/', url).href : url)
  await eventually(async () => await page.getByTestId('status').innerText() === 'connected')
  isTrusted = true
  return page
}

const call = (name, args) => agent.callTool({ name: `file-explorer_${name}`, arguments: args })
const text = result => result.content[0].text
const write = content => call('write-file', { path: 'hello.txt', content })
const onDisk = () => readFileSync(join(folder, 'hello.txt'), 'utf8')

check('the tools are listed', async () => {
  const { tools } = await agent.listTools()
  const hints = Object.fromEntries(tools.map(({ name, annotations }) => [name, annotations.readOnlyHint]))
  assert.deepEqual(hints, { 'file-explorer_get-info': true, 'file-explorer_list-files': true, 'file-explorer_read-file': true, 'file-explorer_write-file': false })
  assert.equal(tools.at(-1).annotations.destructiveHint, true)
  assert.deepEqual(Object.keys(tools.at(-1).inputSchema.properties), ['content', 'path'])
})

check('an agent lists and reads', async () => {
  assert.ok(JSON.parse(text(await call('list-files', {}))).some(({ path }) => path === 'hello.txt'))
  assert.deepEqual((await call('read-file', { path: 'hello.txt' })).structuredContent, { path: 'hello.txt', content: 'hello\n', size: 6 })
})

check('without a panel nothing is written', async () => {
  const refused = await write('no')
  assert.equal(refused.isError, true)
  assert.match(text(refused), /no panel is open/)
  assert.equal(onDisk(), 'hello\n')
})

check('the user sees what is to be written, and refuses', async () => {
  const page = await open()
  const written = write('from an agent\n')
  const dialog = page.getByTestId('agent')
  await dialog.waitFor()
  assert.match(await dialog.innerText(), /An agent asks: Write a file\?/)
  assert.equal(await page.getByTestId('agent-path').innerText(), 'hello.txt')
  assert.equal(await page.getByTestId('agent-content').textContent(), 'from an agent\n')
  assert.ok(await page.getByTestId('agent-refuse').evaluate(button => button === document.activeElement), 'the focus refuses')
  await page.keyboard.press('Enter')
  assert.match(text(await written), /the user refused the call/)
  const again = write('from an agent\n')
  await dialog.waitFor()
  await page.keyboard.press('Escape')
  assert.match(text(await again), /the user refused the call/)
  assert.equal(onDisk(), 'hello\n')
  await page.close()
})

check('the user allows it in one of two panels, and the question leaves the other', async () => {
  const [one, two] = [await open(), await open()]
  const written = write('from an agent\n')
  await Promise.all([one, two].map(page => page.getByTestId('agent').waitFor()))
  await one.getByTestId('agent-allow').click()
  assert.deepEqual((await written).structuredContent, { path: 'hello.txt', size: 14 })
  assert.equal(onDisk(), 'from an agent\n')
  await two.getByTestId('agent').waitFor({ state: 'hidden' })
  await Promise.all([one.close(), two.close()])
})

check('questions come one after the other', async () => {
  const page = await open()
  const both = [write('first\n'), write('second\n')]
  const content = page.getByTestId('agent-content')
  for (let asked = 0; asked < 2; asked++) {
    await page.getByTestId('agent').waitFor()
    const shown = await content.textContent()
    await page.getByTestId('agent-allow').click()
    await eventually(() => onDisk() === shown)
    await eventually(async () => await content.textContent() !== shown || !await page.getByTestId('agent').isVisible())
  }
  assert.ok((await Promise.all(both)).every(result => !result.isError))
  assert.deepEqual(complaints, [])
})

await run({ afterAll: async () => {
  await browser.close()
  await endAll()
  rmSync(folder, { recursive: true, force: true })
} })
