/** Static builds of Vite DevTools hold what the tool has recorded, and are opened from a plain file server. */
import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import process from 'node:process'
import { DevTools } from '@vitejs/devtools'
import { build, createLogger } from 'vite'
import { check, parameters, run } from '../node/checks.mjs'
import devtoolsRuntime from '../../integrations/vite/index.js'
import { closeAll, closeLater, copyProject, describe, openTab } from './servers.mjs'
import { buildByCommand, buildWithViewer, startViewer } from './viewer.mjs'

const [tool] = parameters('TOOL')
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json', '.css': 'text/css', '.svg': 'image/svg+xml' }

/** Serves the files of a folder below a path, as any file server does. */
async function serveFiles(folder, base = '/') {
  const server = createHttpServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    const path = pathname.startsWith(base) ? pathname.slice(base.length) : undefined
    const file = path === undefined ? '' : join(folder, path.endsWith('/') || path === '' ? `${path}index.html` : path)
    try {
      const content = await readFile(file)
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(content)
    }
    catch {
      response.writeHead(404).end()
    }
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  closeLater(() => new Promise(resolve => server.close(resolve)))
  return `http://127.0.0.1:${server.address().port}${base}`
}

/** Opens the interface of a build, and has the panel of the tool call a recorded function. */
async function openPanel(address) {
  const ui = await openTab(`${address}__devtools/`)
  await ui.getByRole('button', { name: 'Vite tool' }).first().click()
  await ui.frameLocator('iframe').getByText('2 squared is 4').waitFor()
  const panel = await openTab(`${address}__vite-tool/`)
  await panel.getByText('2 squared is 4').waitFor()
  return panel
}

/** Reads the records of a build as pages do. */
async function readRecords(address, root) {
  const panel = await openPanel(address)
  const read = await panel.evaluate(async () => {
    const { connect } = await import('./__client.js')
    const rpc = await connect()
    const list = await rpc.sharedState('vite-tool:list')
    return {
      backend: rpc.backend,
      info: await rpc.call('vite-tool:info'),
      square: await rpc.call('vite-tool:get-square', 3),
      repeated: await Promise.all([[], [undefined], [null], [3]].map(times => rpc.call('vite-tool:repeat', 'ab', ...times))),
      missing: await rpc.call('vite-tool:get-square', 9).catch(error => error.message),
      list: list.value(),
    }
  })
  assert.deepEqual(read.info, { mode: 'build', root })
  assert.equal(read.square, 9)
  assert.deepEqual(read.repeated, ['abab', 'abab', 'abab', 'ababab'])
  assert.match(read.missing, /record/)
  assert.deepEqual(read.list, ['first'])
  return read
}

for (const base of ['/', '/app/']) {
  check(`\`vite build\` with \`withApp\` at ${base} holds the tool`, async () => {
    const root = await copyProject()
    await build({
      configFile: false,
      root,
      base,
      logLevel: 'warn',
      plugins: [DevTools({ builtinDevTools: false, build: { withApp: true } }), devtoolsRuntime({ command: tool })],
    })
    const read = await readRecords(await serveFiles(join(root, 'dist'), base), root)
    assert.equal(read.backend, 'static')
  })
}

check('a build of a tool that hangs is ended, and Vite builds all the same', async () => {
  const root = await copyProject()
  const lines = []
  const customLogger = createLogger('error')
  customLogger.error = line => lines.push(line)
  const hanging = { command: process.execPath, buildArgs: ['-e', 'setInterval(() => {}, 1000)', '--'], buildTimeout: 500, name: 'hanging' }
  await build({
    configFile: false,
    customLogger,
    root,
    plugins: [DevTools({ builtinDevTools: false, build: { withApp: true } }), devtoolsRuntime(hanging)],
  })
  assert.match(lines.join('\n'), /\[hanging\] .*holds nothing of the tool: it did not end within 500 ms: look at the option `buildTimeout`/)
  assert.match(await readFile(join(root, 'dist/index.html'), 'utf8'), /<script/)
})

check('`vite-devtools build` holds the tool', async () => {
  const { root, folder } = await buildByCommand(tool)
  const read = await readRecords(await serveFiles(folder), root)
  assert.equal(read.backend, 'static')
})

check('the viewer of `vite-devtools` shows the tool', async () => {
  const { root, address } = await startViewer(tool)
  const read = await readRecords(address, root)
  assert.equal(read.backend, 'websocket')
})

check('the viewer that `vite build` opens with the option `devtools` shows the tool', async () => {
  const { root, address } = await buildWithViewer(tool)
  const read = await readRecords(address, root)
  assert.equal(read.backend, 'websocket')
  assert.match(await readFile(join(root, 'dist/index.html'), 'utf8'), /<script/)
})

await run({ describe, afterEach: closeAll })
