/** One panel, with one import, wherever it is mounted: it calls, its docks and redirects lead to it, and links sign it in. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { startHttpProxy } from '../node/client-js/proxies.mjs'
import { serveFolder } from '../node/file-server.mjs'
import { TOKEN, closeAll, closeLater, describe, openTab, originOf, startVite } from './servers.mjs'
import { startViewer } from './viewer.mjs'

const [tool, served] = parameters('TOOL', 'SERVED')
const execute = promisify(execFile)
const SCRIPTS = new URL('../../devtools-runtime/src/panel/', import.meta.url)

async function temporary() {
  const folder = await mkdtemp(join(tmpdir(), 'mounts-'))
  closeLater(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the tool, and returns the address of its functions and all that it prints. */
async function startTool(...args) {
  const child = spawn(tool, args, { env: { ...process.env, DEVTOOLS_RUNTIME_TOKEN: TOKEN, HOME: await temporary() }, stdio: ['ignore', 'pipe', 'pipe'] })
  closeLater(async () => child.kill())
  const started = { printed: '' }
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => started.printed += text)
  started.url = await eventually(() => /^listening on (\S+)/m.exec(started.printed)?.[1])
  return started
}

/** Starts a proxy that takes `/team` off the paths of requests, and the tool behind it. */
async function startBehindProxy(webSocket) {
  const started = await startTool('dev', '--port', '0', '--root-path', '/team')
  const proxy = await startHttpProxy(started.url, { prefix: '/team', webSocket })
  closeLater(async () => proxy.close())
  return { ...started, get printed() { return started.printed }, functions: proxy.base, panel: `${proxy.origin}/team/__vite-tool/` }
}

/** Builds a static dump, and serves it at a path. */
async function serveDump(at, ...args) {
  const folder = await temporary()
  await execute(tool, ['build', '--out', join(folder, 'dump'), ...args])
  const site = await serveFolder(join(folder, 'dump'), { at })
  closeLater(async () => site.close())
  return { panel: `${site.url}__vite-tool/`, functions: `${site.url}__devtools/` }
}

/** Serves the panel in a frame, without metadata of its own, in a page that is connected with the client of the ecosystem. */
async function serveInFrame() {
  const { url } = await startTool('dev', '--port', '0')
  const folder = await temporary()
  await mkdir(join(folder, '__vite-tool'))
  await cp(SCRIPTS, join(folder, '__vite-tool/__client'), { recursive: true })
  await cp(new URL('__client.js', SCRIPTS), join(folder, '__vite-tool/__client.js'))
  const panel = await (await fetch(new URL('/__vite-tool/', url))).text()
  const connection = { connectionMeta: await (await fetch(new URL('__connection.json', url))).json(), metaBaseUrl: new URL('__connection.json', url).href, authToken: TOKEN }
  const hub = `<!doctype html><link rel="icon" href="data:,"><script>__DEVFRAME_CONNECTION__ = ${JSON.stringify(connection)}</script><iframe src="/__vite-tool/"></iframe>`
  const site = await serveFolder(folder, { pages: { '/hub/': hub, '/__vite-tool/': panel } })
  closeLater(async () => site.close())
  return { panel: new URL('/hub/', site.url).href }
}

/** Adds what follows from the address of the functions, if the views are beside the folder at `up`. */
const at = (started, up) => ({ functions: started.url, panel: new URL(`${up}__vite-tool/`, started.url).href, get printed() { return started.printed } })

/**
 * The places. `served` is `live` if the page talks to the tool itself; each half of the table is a program of its own. `dock` is the path of the
 * panel in the entry of the dock. `redirects` is set where the slash at the end of an address may be left out, and `signsIn` where the tool lets
 * pages in, and prints links.
 */
const PLACES = [
  { served: 'live', name: 'at the address of the tool', start: async () => at(await startTool('dev', '--port', '0'), '../'), backend: 'websocket', dock: '/__vite-tool/', redirects: true, signsIn: true },
  { served: 'live', name: 'with a base', start: async () => at(await startTool('dev', '--port', '0', '--base', '/x/y/'), '../../'), backend: 'websocket', dock: '/__vite-tool/', redirects: true, signsIn: true },
  { served: 'live', name: 'nested in an application', start: async () => at(await startTool('nested', '/tools/lens'), './'), backend: 'websocket', dock: '/tools/lens/__vite-tool/', redirects: true },
  { served: 'live', name: 'behind a proxy, below a path', start: () => startBehindProxy('pass'), backend: 'websocket', dock: '/team/__vite-tool/', redirects: true, signsIn: true },
  { served: 'live', name: 'behind a proxy without WebSockets', start: () => startBehindProxy('refuse'), backend: 'sse', dock: '/team/__vite-tool/', redirects: true, signsIn: true },
  {
    served: 'elsewhere',
    name: 'on the origin of Vite',
    async start() {
      const origin = originOf(await startVite({ tools: [{ command: tool }] }))
      const panel = `${origin}/__vite-tool/`
      await eventually(async () => (await fetch(`${panel}__client.js`)).headers.get('content-type')?.includes('javascript'))
      return { panel, functions: `${origin}/__devtools/` }
    },
    backend: 'websocket',
    dock: '/__vite-tool/',
    redirects: true,
  },
  {
    served: 'elsewhere',
    name: 'in the viewer of a static build of Vite DevTools',
    async start() {
      const { address } = await startViewer(tool)
      return { panel: `${address}__vite-tool/`, functions: `${address}__devtools/` }
    },
    backend: 'websocket',
    dock: '/__vite-tool/',
  },
  { served: 'elsewhere', name: 'in a static dump', start: () => serveDump('/'), backend: 'static', dock: '/__vite-tool/' },
  { served: 'elsewhere', name: 'in a static dump below a path', start: () => serveDump('/user/repo/'), backend: 'static', dock: '/user/repo/__vite-tool/' },
  { served: 'elsewhere', name: 'in a static dump for its path', start: () => serveDump('/repo/', '--base', '/repo/'), backend: 'static', dock: '/repo/__vite-tool/' },
  { served: 'live', name: 'in a frame of a connected page', start: serveInFrame, backend: 'websocket', inFrame: true },
]

/** Has the panel call, and returns the addresses of the docks that it sees. */
async function use({ panel }, { backend, inFrame }) {
  const page = await openTab(panel, TOKEN)
  const frame = inFrame ? await eventually(() => page.frames()[1]) : page.mainFrame()
  await frame.getByText('2 squared is 4').waitFor()
  assert.equal(await frame.evaluate(() => rpc.backend), backend)
  return frame.evaluate(async () => (await rpc.sharedState('devframe:docks')).value().map(({ url }) => url).filter(Boolean))
}

/** Checks that an address leads to another one. */
async function leads(from, to) {
  const { url, status } = await fetch(from)
  assert.deepEqual([url, status], [to, 200], from)
}

for (const place of PLACES.filter(place => place.served === served)) {
  check(place.name, async () => {
    const started = await place.start()
    const { panel, functions } = started
    const docks = await use(started, place)
    if (place.dock) {
      // Interfaces resolve addresses against the metadata. That of a dump leads to its root.
      const root = place.backend === 'static' ? new URL('../', functions) : functions
      const paths = docks.map(url => new URL(url, root).pathname)
      assert.deepEqual([paths.includes(place.dock), new URL(panel).pathname], [true, place.dock], paths.join(' '))
    }
    if (place.redirects)
      await leads(`${panel.slice(0, -1)}?tab=1`, `${panel}?tab=1`)
    if (place.signsIn) {
      await leads(functions.slice(0, -1), functions)
      await leads(new URL('../', panel).href, panel) // there is no other view
      await openTab(panel)
      const link = await eventually(() => new RegExp(`${panel}#devframe_otp=\\S+`).exec(started.printed)?.[0])
      await (await openTab(link)).getByText('2 squared is 4').waitFor()
    }
  })
}

await run({ describe, afterEach: closeAll })
