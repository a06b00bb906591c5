// Reads a dump that the library has written, and the server that it was written of, with the clients in Node.
//
//   node static-site.mjs FOLDER BASE
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { visit } from './browser.mjs'
import { check, parameters, run, servedScripts } from './checks.mjs'
import { serveFolder } from './file-server.mjs'
import { changeState, readDump, readLive } from './site-rows.mjs'
import { IN_NODE } from './static-clients.mjs'

const [folder, base] = parameters('FOLDER', 'BASE')
const sites = []
const serve = async (options) => {
  const site = await serveFolder(folder, options)
  sites.push(site)
  return site
}

check('the metadata says that the backend is static, and the manifest has an entry per function', async () => {
  const { url } = await serve()
  const json = async path => (await fetch(new URL(path, url))).json()
  const meta = await json('__connection.json')
  assert.equal(meta.backend, 'static')
  assert.ok(meta.jsonSerializableMethods.includes('site:get-user'))
  assert.ok(!meta.jsonSerializableMethods.includes('site:get-kinds'))
  const manifest = await json('__rpc-dump/index.json')
  assert.deepEqual(manifest['site:get-config'], { type: 'static', path: '__rpc-dump/site~get-config.static.json', serialization: 'json' })
  assert.equal(manifest['site:find-user'].fallback, '__rpc-dump/site~find-user.fallback.json')
  assert.equal('fallback' in manifest['site:get-user'], false)
  for (const name of ['site:live', 'site:touch', 'site:note'])
    assert.equal(name in manifest, false)
})

for (const client of Object.keys(IN_NODE)) {
  check(`${client} reads the dump`, async () => {
    for (const at of ['/', '/a/folder/']) {
      const site = await serve({ at })
      const rpc = await IN_NODE[client](site.url)
      await readDump(rpc, { isOurs: client === 'client.js' })
      await changeState(rpc, { isOurs: client === 'client.js' })
      rpc.close()
    }
  })

  check(`${client} finds the dump from the folder of each page`, async () => {
    const site = await serve({ at: '/a/folder/' })
    for (const page of ['__devtools/', '__site/', '__site/index.html']) {
      const rpc = await IN_NODE[client](new URL(page, site.url))
      assert.deepEqual(await rpc.call('site:find-user', 'Ada'), { id: 1, name: 'Ada' })
      rpc.close()
    }
  })

  check(`${client} is given the same by the server`, async () => {
    visit(base)
    const rpc = await IN_NODE[client](base)
    await rpc.ensureTrusted?.(5000)
    await readLive(rpc, { isOurs: client === 'client.js' })
    rpc.close()
  })
}

check('what pages import is what a server hands out', async () => {
  const scripts = await servedScripts(base)
  assert.ok(scripts.has('static.js'))
  for (const [path, { text }] of scripts)
    assert.equal(await readFile(join(folder, '__devtools', path), 'utf8'), text)
})

await run({
  limit: 60_000,
  afterEach() {
    for (const site of sites.splice(0))
      site.close()
  },
})
