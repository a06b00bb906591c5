/** Starts real Vite servers with a tool, and opens pages of them. */
import { spawn } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createLogger, createServer, preview } from 'vite'
import devtoolsRuntime from '../../integrations/vite/index.js'
import { eventually } from '../node/checks.mjs'
import { launch } from '../node/chromium.mjs'

/** The token that the pages of tests bring, so that nobody has to type a code. */
export const TOKEN = 'a-token-of-the-tests'

const here = import.meta.dirname
const opened = []
/** The logs of servers, and the complaints of pages, that were opened in a check. */
const records = []

/** Copies a project, so that a test can change its files. */
export async function copyProject(project = join(here, 'project')) {
  const root = await mkdtemp(join(here, '.project-'))
  await cp(project, root, { recursive: true })
  opened.push(() => rm(root, { recursive: true, force: true }))
  return root
}

/**
 * Returns a port to begin with: Vite takes the next one if it is in use. It asks the system for a port 0 and then binds that one, which another
 * program may have taken meanwhile.
 */
export function somePort() {
  return 20_000 + Math.floor(Math.random() * 12_000)
}

/** Starts a server of a project. Its log goes to `server.lines`. */
export async function startVite({ tools, root, ...further }) {
  root ??= await copyProject()
  const { lines, customLogger } = collectLog()
  const server = await createServer({
    configFile: false,
    customLogger,
    root,
    cacheDir: join(root, '.vite'), // servers that share one disturb each other
    server: { port: somePort(), host: '127.0.0.1' },
    devtools: { clientAuthTokens: [TOKEN], builtinDevTools: false },
    ...further,
    plugins: [...further.plugins ?? [], ...tools.map(devtoolsRuntime)],
  })
  opened.push(() => server.close())
  if (!server.config.server.middlewareMode)
    await server.listen()
  return Object.assign(server, { lines })
}

/** Previews the build of a project. Its log goes to `server.lines`. */
export async function previewVite({ tools, ...further }) {
  const { lines, customLogger } = collectLog()
  const server = await preview({
    configFile: false,
    customLogger,
    preview: { port: somePort(), host: '127.0.0.1' },
    ...further,
    plugins: tools.map(devtoolsRuntime),
  })
  opened.push(() => server.close())
  return Object.assign(server, { lines })
}

function collectLog() {
  const lines = []
  records.push(lines)
  const customLogger = createLogger('info', { allowClearScreen: false })
  for (const level of ['info', 'warn', 'error', 'warnOnce'])
    customLogger[level] = message => void lines.push(`${level}: ${message}`)
  return { lines, customLogger }
}

/** Waits for a line in Vite's log. */
export function logged(server, pattern) {
  return eventually(() => server.lines.find(line => pattern.test(line)))
}

/** The browser of the check, once it has opened a page. */
let browser

/**
 * Opens a context of the browser, whose pages have the token if one is given. Each check has a browser of its own, as Chromium does not close a
 * context while one of its pages begins another visit: Vite reloads pages at any time.
 */
async function openContext(token) {
  if (!browser) {
    browser = launch('--host-resolver-rules=MAP lan.test 127.0.0.1')
    opened.push(async () => {
      const ended = browser
      browser = undefined
      await (await ended).close()
    })
  }
  const context = await (await browser).newContext({ ignoreHTTPSErrors: true })
  if (token)
    await context.addInitScript(token => localStorage.setItem('__DEVFRAME_CONNECTION_AUTH_TOKEN__', token), token)
  return context
}

/** Returns the origin of a server, which may be another one after a restart. */
export function originOf(server) {
  return server.origin ?? new URL(server.resolvedUrls.local[0]).origin
}

/** Opens a page of a server, and waits until it is ready: until it has its client, by default. A stranger has no token. */
export async function openPage(server, { isStranger = false, path = '/', isReady = () => globalThis.isReady } = {}) {
  const context = await openContext(isStranger ? undefined : TOKEN)
  const page = await context.newPage()
  page.complaints = []
  records.push(page.complaints)
  page.on('pageerror', error => page.complaints.push(String(error)))
  page.on('console', message => message.type() === 'error' && page.complaints.push(message.text()))
  await eventually(() => server.origin ?? server.resolvedUrls) // a server that restarts has none for a while
  await page.goto(originOf(server) + path)
  await page.waitForFunction(isReady, undefined, { timeout: 60_000 })
  return page
}

/** Opens a page in a tab of its own, which may have a token. */
export async function openTab(address, token) {
  const context = await openContext(token)
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  await page.goto(address)
  return page
}

/** Has something closed at the end of the check. */
export function closeLater(close) {
  opened.push(close)
}

/** What servers and pages have said since the check began. */
export function describe() {
  return records.flat().join('\n')
}

/** Closes everything that was opened. What does not close in time is named by `describe`. */
export async function closeAll() {
  records.length = 0
  for (const close of opened.splice(0).reverse()) {
    records.push([`closing: ${close}`])
    await close().catch(() => {})
    records.pop()
  }
}

/** Waits until the tools of a page's server can be called, and returns a function that calls them. */
export async function callsOf(page) {
  const call = (name, ...args) => page.evaluate(([name, ...args]) => rpc.call(name, ...args), [name, ...args])
  await eventually(() => call('vite-tool:add', 0, 1).catch(() => false))
  return call
}

/** Starts a tool by itself, as its user would. */
export async function startTool(command) {
  const token = TOKEN
  const child = spawn(command, ['dev', '--port', '0'], { env: { ...process.env, DEVTOOLS_RUNTIME_TOKEN: token }, stdio: ['ignore', 'pipe', 'ignore'] })
  opened.push(async () => child.kill())
  let printed = ''
  child.stdout.on('data', data => printed += data)
  const url = await eventually(() => /^listening on (\S+)/m.exec(printed)?.[1])
  return { url, token }
}
