/** Where a project is served makes no difference: below a base, under another host name, over HTTPS. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { check, parameters, run } from '../node/checks.mjs'
import { callsOf, closeAll, closeBrowser, openPage, originOf, somePort, startTool, startVite, TOKEN } from './servers.mjs'

const [tool] = parameters('TOOL')

/** Returns a port that nobody uses. */
async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Calls from a page of the project, and from the panel in the interface. */
async function use(server, page) {
  const call = await callsOf(page)
  assert.equal(await call('vite-tool:add', 1, 2), 3)
  const ui = await page.context().newPage()
  ui.setDefaultTimeout(30_000)
  await ui.goto(new URL('/__devtools/', page.url()).href)
  await ui.getByRole('button', { name: 'Vite tool' }).first().click()
  await ui.frameLocator('iframe').getByText('2 squared is 4').waitFor()
}

check('below a base', async () => {
  const server = await startVite({ tools: [{ command: tool }], base: '/app/' })
  await use(server, await openPage(server, { path: '/app/' }))
})

check('under the name of another host', async () => {
  const port = await freePort() // Vite DevTools wants the whole origin beforehand
  const origin = `http://lan.test:${port}`
  const server = await startVite({
    tools: [{ command: tool }],
    server: { port, strictPort: true, host: '0.0.0.0', allowedHosts: ['lan.test'] },
    devtools: { clientAuthTokens: [TOKEN], builtinDevTools: false, allowedOrigins: [origin] },
  })
  await use(server, await openPage({ origin }))
})

check('over HTTPS', async () => {
  const pem = await readFile(join(import.meta.dirname, 'localhost.pem'))
  const server = await startVite({ tools: [{ command: tool }], server: { port: somePort(), host: '127.0.0.1', https: { key: pem, cert: pem } } })
  assert.match(originOf(server), /^https:/)
  await use(server, await openPage(server))
})

check('a call through Vite costs about as much as a call straight to the tool', async () => {
  const { url, token } = await startTool(tool)
  const server = await startVite({ tools: [{ url, token, name: 'vite-tool' }], server: { port: somePort(), host: '127.0.0.1', cors: true } })
  const page = await openPage(server)
  await callsOf(page)
  const [straight, through] = await page.evaluate(async ([url, token]) => {
    const direct = await getDevToolsRpcClient({ baseURL: url, authToken: token, cacheOptions: false })
    const medians = []
    for (const client of [direct, rpc]) {
      for (let count = 0; count < 200; count++)
        await client.call('vite-tool:add', count, 1)
      const times = []
      for (let count = 0; count < 1000; count++) {
        const begun = performance.now()
        await client.call('vite-tool:add', count, 1)
        times.push(performance.now() - begun)
      }
      medians.push(times.sort((a, b) => a - b)[500])
    }
    return medians
  }, [url, token])
  console.log(`straight ${(straight * 1000).toFixed(0)} µs, through Vite ${(through * 1000).toFixed(0)} µs: ${(through / straight).toFixed(2)} times`)
  assert.ok(through < straight * 4, `${through} ms, and ${straight} ms straight`) // a busy machine must not fail it
})

await run({ afterEach: closeAll, afterAll: closeBrowser })
