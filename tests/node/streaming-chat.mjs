// Reads the channel and the history of the chat with the real client of the ecosystem, `devframe` 1.3.5.
//
//   node streaming-chat.mjs BASE
//
// A story is answered until somebody stops it.
import './browser.mjs'
import assert from 'node:assert/strict'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run } from './checks.mjs'

const { connectDevframe } = await import('devframe/client')
const [base] = parameters('BASE')
const opened = []

async function connect() {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, otpParam: false, simpleAuth: false })
  opened.push(() => rpc.close())
  await rpc.ensureTrusted(5000)
  const history = await rpc.sharedState.get('streaming-chat:history')
  const message = id => history.value().messages.find(message => message.id === id)
  const read = id => rpc.streaming.subscribe('streaming-chat:tokens', id)
  return { rpc, message, read }
}

async function collect(reader) {
  let text = ''
  for await (const token of reader)
    text += token
  return text
}

check('an answer arrives, and stays in the history', async () => {
  const { rpc, message, read } = await connect()
  const id = await rpc.call('streaming-chat:ask', 'Why?')
  const text = await collect(read(id))
  assert.match(text, /You ask: “Why\?”/)
  await eventually(() => message(id)?.state === 'done')
  assert.equal(message(id).text, text)
  assert.equal(message(id).role, 'assistant')
  assert.equal(message(`${id}-question`).text, 'Why?')
})

check('two follow an answer, one of them late, until one stops it', async () => {
  const [one, other] = [await connect(), await connect()]
  const id = await one.rpc.call('streaming-chat:ask', 'Tell me a story')
  let begun = 0
  const first = (async () => {
    let text = ''
    for await (const token of one.read(id)) {
      text += token
      begun++
    }
    return text
  })()
  await eventually(() => begun > 10 && other.message(id)?.state === 'streaming')
  const second = collect(other.read(id))
  assert.equal(await other.rpc.call('streaming-chat:stop', id), true)
  const text = await first
  assert.equal(await second, text)
  await eventually(() => one.message(id).state === 'cancelled')
  assert.equal(one.message(id).text, text)
})

check('a reader that cancels and is the last stops it too', async () => {
  const { rpc, message, read } = await connect()
  const id = await rpc.call('streaming-chat:ask', 'Another story')
  for await (const token of read(id)) {
    if (token)
      break
  }
  await eventually(() => message(id)?.state === 'cancelled')
})

check('a failure has its message', async () => {
  const { rpc, message, read } = await connect()
  const id = await rpc.call('streaming-chat:ask', 'What is 1 divided by zero?')
  await assert.rejects(collect(read(id)), /nothing can be divided by zero/)
  await eventually(() => message(id)?.state === 'failed')
})

check('a question that is none is refused', async () => {
  const { rpc } = await connect()
  await assert.rejects(rpc.call('streaming-chat:ask', ' '), /the question is empty/)
})

await run({ afterEach: () => opened.splice(0).forEach(close => close()) })
