/** The parts that the programs of this folder share: they run checks one by one, print a line for each, and end with a count. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const checks = []

/** Adds a check. `title` starts with the ids of the acceptance list it shows, where there are any. */
export function check(title, body) {
  checks.push({ title, body })
}

/** How long what was opened may take to close, in milliseconds. What closes later ends with the process. */
const CLOSING = 20_000

/** Runs the checks in order and ends the process; `afterEach` and `afterAll` also run after failures. `describe` says more of one that failed. */
export async function run({ describe = () => '', afterEach = () => {}, afterAll = () => {}, limit = 120_000 } = {}) {
  process.on('unhandledRejection', () => {}) // a closed client rejects what nobody waits for
  let [passed, failed] = [0, 0]
  const attempt = async (title, body, limit) => {
    const late = sleep(limit, undefined, { ref: false }).then(() => assert.fail(`no end within ${limit} ms`))
    try {
      await Promise.race([body(), late])
      return true
    }
    catch (error) {
      console.log(`FAIL ${title}: ${String(error?.message ?? error).replace(/\s*\n\s*/g, ' | ')}`)
      console.log(describe())
      failed++
      return false
    }
  }
  for (const { title, body } of checks) {
    if (await attempt(title, body, limit)) {
      console.log(`ok ${title}`)
      passed++
    }
    await attempt(`closing after ${title}`, async () => afterEach(), CLOSING)
  }
  await attempt('closing', async () => afterAll(), CLOSING)
  console.log(`${passed} passed, ${failed} failed`)
  process.exit(failed ? 1 : 0)
}

/** Waits until `probe` gives something truthy. The limit is long, as a machine may be busy: what has not come by then does not come. */
export async function eventually(probe, ms = 30_000) {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) {
    const value = await probe()
    if (value)
      return value
  }
  assert.fail(`not within ${ms} ms: ${probe}`)
}

/** The arguments of the program, or its usage. */
export function parameters(...names) {
  const values = process.argv.slice(2)
  if (values.length !== names.length) {
    console.error(`usage: node ${process.argv[1].split(/[\\/]/).at(-1)} ${names.join(' ')}`)
    process.exit(2)
  }
  return values
}

/** The scripts that the server hands out for pages, by their paths: `client.js`, and all that it imports. */
export async function servedScripts(base) {
  const scripts = new Map()
  const folder = new URL('.', base).href
  const addresses = [new URL('client.js', folder).href]
  for (const address of addresses) { // it grows meanwhile
    const path = address.slice(folder.length)
    if (scripts.has(path))
      continue
    const response = await fetch(address)
    assert.equal(response.status, 200, address)
    const text = await response.text()
    scripts.set(path, { headers: response.headers, text })
    for (const [, imported] of text.matchAll(/(?:^(?:import|export) .*from |import\()'(\.[^']+\.js)'(?!\)\.[A-Z])/gm))
      addresses.push(new URL(imported, address).href)
  }
  return scripts
}

/** The script that the server hands out for pages. */
export async function servedScript(base) {
  const folder = await mkdtemp(join(tmpdir(), 'served-'))
  process.on('exit', () => rmSync(folder, { recursive: true }))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  for (const [path, { text }] of await servedScripts(base)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  return import(pathToFileURL(join(folder, 'client.js')).href)
}
