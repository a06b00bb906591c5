/** The route answers agents of this machine that have a token of the gate. */
import assert from 'node:assert/strict'
import { check, parameters, run } from '../node/checks.mjs'
import { connectHttp, connectModernHttp, endAll, serve } from './agents.mjs'

const [tool] = parameters('TOOL')
const gated = await serve(tool)
const open = await serve(tool, ['--auth', 'none'])
const text = result => result.content[0].text

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })
async function post(served, headers) {
  const body = { method: 'POST', body: ping, headers: { 'accept': 'application/json, text/event-stream', 'content-type': 'application/json', ...headers } }
  return fetch(new URL('__mcp', served.url), body)
}

check('without a token there is no way in', async () => {
  for (const headers of [{}, { authorization: 'Bearer nope' }, { authorization: 'Basic plain-token' }]) {
    const refused = await post(gated, headers)
    assert.equal(refused.status, 401)
    assert.equal(refused.headers.get('www-authenticate'), 'Bearer')
  }
  assert.match(await (await post(gated, {})).text(), /send the header `Authorization: Bearer TOKEN`/)
  await assert.rejects(connectHttp(gated.url), /401|Unauthorized|needs a token/)
})

check('a token of the gate lets in', async () => {
  assert.equal((await post(gated, { authorization: 'Bearer plain-token' })).status, 200)
  for (const connect of [connectHttp, (url, token) => connectModernHttp(url, 'auto', token)]) {
    const agent = await connect(gated.url, 'plain-token')
    assert.equal(text(await agent.callTool({ name: 'mcp-tool_add', arguments: { a: 1, b: 2 } })), '3')
  }
})

check('a call has the roles of its token', async () => {
  const call = async token => (await connectHttp(gated.url, token)).callTool({ name: 'mcp-tool_administer', arguments: {} })
  const refused = await call('plain-token')
  assert.equal(refused.isError, true)
  assert.match(text(refused), /admin/)
  assert.equal(text(await call('admin-token')), 'administered')
  const anybody = await (await connectHttp(open.url)).callTool({ name: 'mcp-tool_administer', arguments: {} })
  assert.equal(anybody.isError, true, 'without a gate there are no roles')
})

check('foreign pages are refused, with a token and without', async () => {
  for (const served of [gated, open]) {
    for (const origin of ['https://evil.example', 'null']) {
      const refused = await post(served, { origin, authorization: 'Bearer plain-token' })
      assert.equal(refused.status, 403)
      assert.equal(refused.headers.get('access-control-allow-origin'), null)
    }
  }
})

check('pages of this machine need the token too', async () => {
  const origin = 'http://localhost:5173'
  assert.equal((await post(gated, { origin })).status, 401)
  const answered = await post(gated, { origin, authorization: 'Bearer plain-token' })
  assert.equal(answered.status, 200)
  assert.equal(answered.headers.get('access-control-allow-origin'), origin)
  assert.equal((await post(open, { origin })).status, 200)
})

check('a preflight of a page of this machine passes', async () => {
  const asks = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization, mcp-protocol-version' }
  const preflight = async origin => fetch(new URL('__mcp', gated.url), { method: 'OPTIONS', headers: { origin, ...asks } })
  const allowed = await preflight('http://localhost:5173')
  assert.equal(allowed.status, 204)
  assert.equal(allowed.headers.get('access-control-allow-headers'), 'authorization, mcp-protocol-version')
  assert.match(allowed.headers.get('access-control-allow-methods'), /POST/)
  assert.equal((await preflight('https://evil.example')).status, 403)
})

check('there are no sessions', async () => {
  for (const method of ['GET', 'DELETE']) {
    const refused = await fetch(new URL('__mcp', open.url), { method, headers: { accept: 'text/event-stream' } })
    assert.equal(refused.status, 405)
    assert.equal(refused.headers.get('allow'), 'POST')
  }
})

await run({ afterAll: endAll })
