// A page of a server that encrypts its connections, in a browser.
//
//   node tls-page.mjs URL
import './browser.mjs'
import assert from 'node:assert/strict'
import { check, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [url] = parameters('URL')
// The certificate was signed by nobody that the browser knows.
const browser = await launch('--ignore-certificate-errors')
const page = await browser.newPage()
const complaints = []
const sockets = []
collectComplaints(page, complaints)
page.on('websocket', socket => sockets.push(socket.url()))
await page.goto(url)

check('a page calls over an encrypted WebSocket', async () => {
  const answer = await page.evaluate(async () => {
    const { connect } = await import('./__client.js')
    const rpc = await connect()
    return rpc.call('e2e:add', 40, 2)
  })
  assert.equal(answer, 42)
  assert.deepEqual(sockets.map(socket => new URL(socket).protocol), ['wss:'])
})

check('a page calls over server-sent events', async () => {
  const answer = await page.evaluate(async () => {
    const { connect } = await import('./__client.js')
    const rpc = await connect({ transport: 'sse' })
    return rpc.call('e2e:greet', 'Ada')
  })
  assert.equal(answer, 'Hello, Ada!')
  assert.equal(sockets.length, 1)
})

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
