/** Connections that are lost, silent, or closed because of a frame. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { structuredCloneParse } from 'devframe/utils/structured-clone'
import { check, eventually } from '../checks.mjs'
import { answer, closeLater, connect, ConnectionError, startProxy, startServer, watchStatus } from './setup.mjs'

check('a lost connection comes back, and offers its functions again', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base })
  const statuses = watchStatus(rpc)
  rpc.register('e2e:answer', question => `${question}: back`)
  const waiting = rpc.call('e2e:sleep', 5000)
  await proxy.stop()
  await assert.rejects(waiting, /lost/)
  await assert.rejects(rpc.call('e2e:add', 1, 1), /e2e:add/)
  await eventually(() => statuses.includes('error'))
  await proxy.start()
  await eventually(() => rpc.status === 'connected')
  assert.equal(await rpc.call('e2e:ask-client', 'who'), 'who: back')
  assert.deepEqual(statuses.slice(0, 3), ['disconnected', 'connecting', 'error'])
  assert.deepEqual(statuses.slice(-2), ['connecting', 'connected'])
})

check('a connection that swallows everything is suspicious, then given up', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base, keepAlive: 100 })
  const statuses = watchStatus(rpc)
  await sleep(500) // silent, but for the answers
  assert.deepEqual(statuses, [])
  const waiting = rpc.call('e2e:sleep', 60_000)
  proxy.swallow()
  await assert.rejects(waiting, error => error instanceof ConnectionError && error.mayHaveRun && /lost/.test(error.message))
  assert.match(rpc.error.message, /the server does not respond/)
  assert.deepEqual(statuses, ['suspicious', 'error'])
  await eventually(() => rpc.status === 'connected')
  assert.equal(await rpc.call('e2e:add', 1, 2), 3)
  assert.deepEqual(statuses, ['suspicious', 'error', 'connecting', 'connected'])
})

check('a call that times out makes the client suspicious; an answer ends that', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base, callTimeout: 1000, keepAlive: 4000 })
  const statuses = watchStatus(rpc)
  const late = error => error instanceof ConnectionError && error.mayHaveRun && /did not answer within 1000 ms/.test(error.message)
  await assert.rejects(rpc.call('e2e:sleep', 60_000), late)
  await eventually(() => rpc.status === 'connected')
  assert.deepEqual(statuses, ['suspicious', 'connected'])
  proxy.swallow()
  await assert.rejects(rpc.call('e2e:add', 1, 2), late)
  assert.equal(rpc.status, 'suspicious')
  await eventually(() => rpc.status === 'connected')
  assert.deepEqual(statuses.slice(2), ['suspicious', 'error', 'connecting', 'connected'])
  assert.equal(await rpc.call('e2e:add', 1, 2), 3)
})

check('a page that wakes up looks after its connection, or makes a new one at once', async () => {
  globalThis.window = new EventTarget()
  window.parent = window
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  closeLater(() => {
    delete globalThis.window
    delete globalThis.document
  })
  const server = await startServer({ reply: (frame, socket) => answer(socket, frame) })
  const rpc = await connect({ base: server.base, keepAlive: 0 })
  const asked = () => server.frames.filter(({ m }) => m === 'devtools-runtime:alive').length
  document.dispatchEvent(new Event('visibilitychange'))
  await sleep(50)
  assert.equal(asked(), 0) // it was hidden
  document.visibilityState = 'visible'
  for (const [target, event] of [[document, 'visibilitychange'], [window, 'online'], [window, 'pageshow']]) {
    const before = asked()
    target.dispatchEvent(new Event(event))
    await eventually(() => asked() === before + 1)
    await rpc.call('any')
  }
  assert.equal(rpc.status, 'connected')
  server.cut()
  await eventually(() => rpc.status === 'disconnected')
  window.dispatchEvent(new Event('online'))
  assert.equal(rpc.status, 'connecting')
  await eventually(() => rpc.status === 'connected')
  rpc.close()
  window.dispatchEvent(new Event('online'))
  assert.equal(rpc.status, 'disconnected')
})

check('the server of the ecosystem gives a sign of life', async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../devframe-server.mjs', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] })
  closeLater(() => child.stdin.end())
  let said = ''
  for await (const text of child.stdout.setEncoding('utf8')) {
    said += text
    if (/http\S+\/\s/.test(said))
      break
  }
  const rpc = await connect({ base: /http\S+\//.exec(said)[0], keepAlive: 100, callTimeout: 2000 })
  const statuses = watchStatus(rpc)
  await sleep(700)
  assert.equal(await rpc.call('e2e:add', 1, 2), 3)
  assert.deepEqual(statuses, [])
})

check('what is too large for the server is not sent', async () => {
  const meta = { backend: 'websocket', websocket: { path: '__ws' }, frameBytes: 1000 }
  const server = await startServer({ meta, reply: (frame, socket) => frame.m === 'wait' || answer(socket, frame) })
  const rpc = await connect({ base: server.base })
  rpc.register('c:letters', count => 'x'.repeat(count))
  const waiting = rpc.call('wait')
  waiting.catch(() => {})
  const tooLarge = error => error instanceof ConnectionError && error.mayHaveRun === false && error.limit === 1000 && error.size > 1000
  await assert.rejects(rpc.call('a:b', 'x'.repeat(1000)), tooLarge)
  await assert.rejects(rpc.call('a:b', 'é'.repeat(500)), tooLarge)
  assert.throws(() => rpc.callEvent('a:b', 'x'.repeat(1000)), tooLarge)
  await rpc.call('a:b', 'x'.repeat(800))
  server.texts.length = 0
  server.send({ m: 'c:letters', a: [1000], t: 'q', i: 'X' })
  await eventually(() => server.texts.length)
  assert.match(structuredCloneParse(server.texts[0].slice(2)).e.message, /over the limit of the server of 1000/)
  assert.equal(rpc.status, 'connected')
})

check('a frame that the server refuses as too large fails its own call; others are told that theirs may have run', async () => {
  const server = await startServer({
    reply(frame, socket) {
      if (frame.m === 'large')
        socket.close(1009, 'too much')
    },
  })
  const rpc = await connect({ base: server.base })
  const outcomes = await Promise.allSettled([rpc.call('wait'), rpc.call('large', 'x'.repeat(5000))])
  const [small, large] = outcomes.map(({ reason }) => reason)
  assert.ok(small instanceof ConnectionError && small.mayHaveRun)
  assert.match(small.message, /lost/)
  assert.ok(large instanceof ConnectionError && !large.mayHaveRun)
  assert.match(large.message, /"large" has 5\d\d\d bytes, over the limit of the server \(too much\)/)
  await assert.rejects(rpc.call('any'), error => error instanceof ConnectionError && !error.mayHaveRun)
  await eventually(() => rpc.status === 'connected')
})

check('close ends the attempts to come back', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base })
  const statuses = watchStatus(rpc)
  await proxy.stop()
  await eventually(() => rpc.status === 'disconnected')
  rpc.close()
  await proxy.start()
  await sleep(1500)
  assert.deepEqual([...new Set(statuses)], ['disconnected'])
})
