// Uses a server from pages of other origins, in a real browser: one that is allowed, and one that is not.
//
//   node other-origin.mjs BASE
//
// BASE is where the functions are mounted. Pages of panel.example may connect, whatever their port, and its frames may show views.
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { check, parameters, run } from './checks.mjs'
import { launch } from './chromium.mjs'
import { serveFolder } from './file-server.mjs'

const [base] = parameters('BASE')
const view = new URL('../__panel/', base).href
const site = await serveFolder(tmpdir(), { at: '/files/', pages: { '/page.html': '<!doctype html>', '/frame.html': `<!doctype html><iframe src="${view}">` } })
const browser = await launch('--host-resolver-rules=MAP *.example 127.0.0.1')

async function pageOf(hostname, path = '/page.html') {
  const page = await browser.newPage()
  page.setDefaultTimeout(5000)
  const address = new URL(path, site.url)
  address.hostname = hostname
  await page.goto(address.href)
  return page
}

const use = (page, base) => page.evaluate(async (base) => {
  const { connect } = await import(`${base}client.js`)
  const rpc = await connect({ requestCode: false })
  const sum = await rpc.call('e2e:add', 2, 3)
  rpc.close()
  return sum
}, base)

for (const hostname of ['panel.example', 'localhost']) {
  check(`a page of ${hostname} imports client.js, connects and calls`, async () => {
    assert.equal(await use(await pageOf(hostname), base), 5)
  })

  check(`a page of ${hostname} finds the metadata beside a view, and reads events`, async () => {
    const page = await pageOf(hostname)
    const found = await page.evaluate(async (base) => {
      const meta = await (await fetch(new URL('../__panel/__connection.json', base))).json()
      const address = new URL(meta.sse.path, new URL('../__panel/', base))
      const events = await fetch(address)
      const { value } = await events.body.pipeThrough(new TextDecoderStream()).getReader().read()
      const [, session] = value.match(/data: (.*)/)
      const posted = await fetch(address, {
        method: 'POST',
        headers: { 'x-birpc-session': session, 'content-type': 'text/plain' },
        body: JSON.stringify({ m: 'e2e:add', a: [2, 3], t: 'q', i: '1' }),
      })
      return (await posted.json()).r
    }, base)
    assert.equal(found, 5)
  })

  check(`a page of ${hostname} shows a view in a frame`, async () => {
    const page = await pageOf(hostname, '/frame.html')
    await page.frameLocator('iframe').getByText('the panel').waitFor()
  })
}

check('a page of another origin reads nothing and does not connect', async () => {
  const page = await pageOf('evil.example')
  await assert.rejects(use(page, base), /Failed to fetch dynamically imported module/)
  const outcomes = await page.evaluate(async (base) => {
    const read = path => fetch(new URL(path, base)).then(() => 'read', error => error.name)
    const socket = new WebSocket(new URL('__ws', base).href.replace(/^http/, 'ws'))
    const connected = await new Promise((resolve) => {
      socket.onopen = () => resolve('connected')
      socket.onerror = () => resolve('refused')
    })
    // Without permission to read, a script could still be run, and an image shown.
    const embedded = await new Promise((resolve) => {
      const script = Object.assign(document.createElement('script'), { src: new URL('client/attempt.js', base).href })
      script.onload = () => resolve('run')
      script.onerror = () => resolve('refused')
      document.head.append(script)
    })
    return [await read('__connection.json'), await read('client.js'), await read('../__panel/'), connected, embedded]
  }, base)
  assert.deepEqual(outcomes, ['TypeError', 'TypeError', 'TypeError', 'refused', 'refused'])
})

check('a page of another origin shows no view in a frame', async () => {
  const page = await pageOf('evil.example', '/frame.html')
  const frame = page.frames().find(frame => frame !== page.mainFrame())
  assert.match(await frame.evaluate(() => location.href), /^chrome-error:/)
})

await run({
  async afterAll() {
    await browser.close()
    site.close()
  },
})
