// Earns the trust of a gated server of the e2e fixture, and loses it, with the real client of the ecosystem, `devframe` 1.3.5.
//
//   node auth-client.mjs BASE CODES TRANSPORT
//
// CODES is the file that the server writes the latest code to: not more than ten in a minute. TRANSPORT is websocket or sse.
import './browser.mjs'
import assert from 'node:assert/strict'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run } from './checks.mjs'
import { codesIn, not } from './codes.mjs'

const { connectDevframe } = await import('devframe/client')
console.warn = console.error = () => {} // the client reports there what these checks expect to fail

const [base, codesFile, transport] = parameters('BASE', 'CODES', 'TRANSPORT')
const codes = codesIn(codesFile)
const opened = []

/** A client that does nothing for trust by itself, on a page of the server. */
async function connect(options) {
  visit(base)
  return dial({ otpParam: false, simpleAuth: false, ...options })
}

async function dial(options) {
  const rpc = await connectDevframe({ baseURL: base, transport, ...options })
  opened.push(() => rpc.close())
  return rpc
}

const becomes = (rpc, status) => eventually(() => rpc.status === status)

/** A client that has a code, and the token that it has from then on. */
async function enter() {
  const rpc = await connect()
  await becomes(rpc, 'unauthorized')
  await rpc.requestAuthCode()
  assert.equal(await rpc.requestTrustWithCode(codes.next().code), true)
  return { rpc, token: rpc.connection.authToken }
}

/** A client whose token is not that of any other. */
async function enterOnce() {
  if (kept)
    return connect({ authToken: kept })
  const { rpc, token } = await enter()
  kept = token
  return rpc
}
let kept

function listen(rpc) {
  const heard = []
  rpc.client.register({ name: 'e2e:message', type: 'event', handler: message => void heard.push(message) })
  return heard
}

check('a stranger is unauthorized, calls nothing and hears nothing', async () => {
  const rpc = await connect()
  const heard = listen(rpc)
  await becomes(rpc, 'unauthorized')
  assert.equal(rpc.transport, transport)
  assert.equal(rpc.isTrusted, false)
  await assert.rejects(rpc.call('e2e:add', 2, -5), { kind: 'auth' })
  const trusted = await enterOnce()
  assert.equal(await trusted.call('e2e:broadcast', 'for the trusted'), 1)
  assert.equal(await rpc.requestTrustWithToken('wrong'), false)
  // Events of a trusted client come after everything that it was sent before.
  assert.equal(await rpc.requestTrustWithToken(kept), true)
  assert.equal(await trusted.call('e2e:broadcast', 'for both'), 2)
  await eventually(() => heard.length)
  assert.deepEqual(heard, ['for both'])
})

check('a wrong code leaves it so, the right one opens the gate, and is good once', async () => {
  const rpc = await connect()
  await becomes(rpc, 'unauthorized')
  await rpc.requestAuthCode()
  const { code } = codes.next()
  assert.equal(await rpc.requestTrustWithCode(not(code)), false)
  assert.equal(rpc.status, 'unauthorized')
  await assert.rejects(rpc.call('e2e:add', 2, -5), { kind: 'auth' })
  assert.equal(await rpc.requestTrustWithCode(code), true)
  assert.deepEqual([rpc.status, rpc.isTrusted], ['connected', true])
  assert.match(rpc.connection.authToken, /^[0-9a-f]{32}$/)
  assert.equal(await rpc.call('e2e:add', 2, -5), -3)

  const other = await connect()
  await becomes(other, 'unauthorized')
  assert.equal(await other.requestTrustWithCode(code), false)
})

check('a code is shown once, unless a new one is wanted', async () => {
  const rpc = await connect()
  await rpc.requestAuthCode()
  const { code } = codes.next()
  await rpc.requestAuthCode()
  assert.throws(() => codes.next(), /no code was shown/)
  await rpc.requestAuthCode({ reissue: true })
  const next = codes.next()
  assert.equal(await rpc.requestTrustWithCode(code), false)
  assert.equal(await rpc.requestTrustWithCode(next.code), true)
})

check('who returns with a token is trusted from the start', async () => {
  const { rpc, token } = await enter()
  rpc.close()
  const again = await connect({ authToken: token })
  assert.equal(await again.call('e2e:add', 1, 1), 2)
  assert.equal(again.status, 'connected')
  // One that says its token later is trusted then.
  const late = await connect()
  await becomes(late, 'unauthorized')
  assert.equal(await late.requestTrustWithToken(token), true)
  assert.equal(await late.call('e2e:add', 1, 1), 2)
})

check('the link of a code connects without a question', async () => {
  const asking = await connect()
  await asking.requestAuthCode()
  visit(new URL(`#devframe_otp=${codes.next().code}`, base))
  const rpc = await dial()
  assert.equal(await rpc.ensureTrusted(5000), true)
  assert.equal(await rpc.call('e2e:add', 2, 2), 4)
})

check('the question of the client itself is answered by what the server shows', async () => {
  globalThis.window = { get self() { return this }, get top() { return this } }
  const answers = [code => not(code), code => code]
  let code
  globalThis.prompt = () => answers.shift()(code ??= codes.next().code)
  try {
    visit(base)
    const rpc = await dial()
    assert.equal(await rpc.ensureTrusted(5000), true)
    assert.deepEqual(answers, [])
    assert.equal(await rpc.call('e2e:add', 2, 3), 5)
  }
  finally {
    delete globalThis.window
    delete globalThis.prompt
  }
})

check('a client that gives its trust up is unauthorized, with all that have its token, and hears nothing more', async () => {
  const { rpc, token } = await enter()
  const same = await connect({ authToken: token })
  const other = await enterOnce()
  const [heard, heardBySame, heardByOther] = [rpc, same, other].map(listen)
  await Promise.all([same, other].map(rpc => rpc.ensureTrusted(5000)))
  assert.equal(await other.call('e2e:broadcast', 'before'), 3)
  await eventually(() => [heard, heardBySame, heardByOther].every(list => list.length === 1))

  // Over a WebSocket it is told of it before the reply, which then counts no more.
  await rpc.call('devframe:auth:revoke').catch(error => assert.equal(error.kind, 'auth'))
  for (const out of [rpc, same]) {
    await becomes(out, 'unauthorized')
    assert.equal(out.isTrusted, false)
    await assert.rejects(out.call('e2e:add', 1, 1), { kind: 'auth' })
    assert.equal(await out.requestTrustWithToken(token), false)
  }
  assert.equal(await other.call('e2e:broadcast', 'after'), 1)
  const late = await connect({ authToken: token })
  await becomes(late, 'unauthorized')

  // The way back is a new code.
  await rpc.requestAuthCode()
  assert.equal(await rpc.requestTrustWithCode(codes.next().code), true)
  assert.equal(await rpc.call('e2e:add', 1, 1), 2)
  assert.equal(await same.requestTrustWithToken(rpc.connection.authToken), true)
  assert.equal(await other.call('e2e:broadcast', 'again'), 3)
  await eventually(() => heardByOther.length === 3)
  await eventually(() => [heard, heardBySame].every(list => list.length >= 2))
  assert.deepEqual([heard, heardBySame, heardByOther], [['before', 'again'], ['before', 'again'], ['before', 'after', 'again']])
})

await run({
  afterEach() {
    for (const close of opened.splice(0))
      close()
  },
})
