// Opens the dock entries of dumps below paths that their builds did not know, and of one whose build knew it, with the client of
// the hub, and with the interface of an earlier version in a real browser.
//
//   node static-docks.mjs ANYWHERE BELOW
//
// BELOW was built for the path `/repo/`.
import './browser.mjs'
import assert from 'node:assert/strict'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run } from './checks.mjs'
import { launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'

globalThis.document ??= undefined
const { createDevframeClientRuntime, resolveDockIcon, resolveDockUrl } = await import('@devframes/hub/client')
const [anywhere, below] = parameters('ANYWHERE', 'BELOW')
const SITES = [[anywhere, '/'], [anywhere, '/repo/'], [anywhere, '/user/repo/docs/'], [below, '/repo/']]
/** As large as it is shown. */
const IMAGE = '<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%" viewBox="0 0 18 18"><circle r="9" cx="9" cy="9"/></svg>'
const opened = []

/** Opens a page in a browser of its own: one whose frames still load can always be closed with it. */
async function open() {
  const browser = await launch()
  opened.push(() => browser.close())
  return browser.newPage({ viewport: { width: 1000, height: 700 } })
}

async function serve(folder, at) {
  const site = await serveFolder(folder, { at })
  opened.push(() => site.close())
  return site
}

/** The entries as the client of the hub has them, connected as a page of the dump connects. */
async function entries(page) {
  visit(page)
  delete globalThis.__DEVFRAME_HUB_CLIENT_CONTEXT__
  delete globalThis.__DEVFRAME_CONNECTION__
  delete globalThis.__DEVFRAME_CONNECTION_META__
  const { context, dispose } = await createDevframeClientRuntime({ connect: { baseURL: page, otpParam: false, simpleAuth: false }, loadClientScripts: false })
  opened.push(() => (dispose(), context.rpc.close()))
  const { connection } = context.rpc
  const all = await context.rpc.sharedState.get('devframe:docks')
  await eventually(() => all.value()?.length)
  return { connection, entry: id => all.value().find(entry => entry.id === id) }
}

for (const [folder, at] of SITES) {
  const name = `${folder === below ? 'a dump for its path' : 'a dump'} at ${at}`
  for (const page of ['', '__hub/', '__devtools/']) {
    check(`${name}: the client of the hub at /${page} finds pages and images`, async () => {
      const site = await serve(folder, at)
      const { connection, entry } = await entries(new URL(page, site.url).href)
      const { url, icon } = entry('pictured')
      const resolved = new URL(resolveDockUrl(url, connection), site.url)
      assert.equal(resolved.href, new URL('__modules/?tab=1', site.url).href)
      assert.match(await (await fetch(resolved)).text(), /the modules/)
      assert.equal(new URL(resolveDockIcon(icon, connection), site.url).href, new URL('__images/icon.svg', site.url).href)
      assert.equal(resolveDockIcon(entry('modules').icon, connection), 'ph:cube')
    })
  }

  check(`${name}: the interface opens the page of an entry`, async () => {
    const site = await serve(folder, at)
    const page = await open()
    await page.route('https://api.iconify.design/**', route => route.fulfill({ contentType: 'image/svg+xml', body: IMAGE }))
    await page.goto(new URL('__hub/', site.url).href)
    for (const entry of ['Modules', 'Pictured']) {
      await page.getByRole('navigation').getByRole('button', { name: entry }).click()
      const frame = page.frameLocator(`iframe[title="${entry}"]`)
      await frame.getByText('the modules').waitFor()
    }
    assert.equal((await page.request.get(new URL(folder === below ? '__images/icon.svg' : '__hub/__images/icon.svg', site.url).href)).status(), 200)
    const frames = page.frames().map(frame => frame.url())
    assert.ok(frames.includes(new URL('__modules/?tab=1', site.url).href), frames.join(' '))
  })
}

check('a script is found below the path that the build was told', async () => {
  const site = await serve(below, '/repo/')
  const { entry } = await entries(site.url)
  const script = new URL(entry('scripted').action.importFrom, site.url)
  assert.equal(script.href, new URL('__images/act.js', site.url).href)
  assert.match(await (await fetch(script)).text(), /export default/)
})

await run({
  limit: 60_000,
  afterEach: () => Promise.all(opened.splice(0).map(close => close())),
})
