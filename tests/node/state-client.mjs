// Checks shared state with the real client of the ecosystem, `devframe` 1.3.5.
//
//   node state-client.mjs BASE
import './browser.mjs'
import assert from 'node:assert/strict'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run, servedScript } from './checks.mjs'

const { connectDevframe } = await import('devframe/client')
const [base] = parameters('BASE')
const opened = []

async function connect() {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, otpParam: false, simpleAuth: false })
  opened.push(() => rpc.close())
  await rpc.ensureTrusted(5000)
  return rpc
}

const truth = rpc => rpc.call('state:board')

check('a value of the server, and its changes', async () => {
  const rpc = await connect()
  const state = await rpc.sharedState.get('state:board')
  const { count } = state.value()
  await rpc.call('state:add', 'first')
  await eventually(() => state.value().count === count + 1)
  assert.deepEqual(state.value(), await truth(rpc))
})

check('a change by one client reaches the server and the other', async () => {
  const [one, other] = [await connect(), await connect()]
  const [mine, theirs] = await Promise.all([one, other].map(rpc => rpc.sharedState.get('state:board')))
  mine.mutate((draft) => {
    draft.items.push('by a client')
  })
  await eventually(() => theirs.value().items.at(-1) === 'by a client')
  assert.deepEqual(await truth(other), theirs.value())
})

check('changes in quick succession are all there', async () => {
  const [one, other] = [await connect(), await connect()]
  const [mine, theirs] = await Promise.all([one, other].map(rpc => rpc.sharedState.get('state:board')))
  const { count } = mine.value()
  for (let i = 0; i < 50; i++) {
    mine.mutate((draft) => {
      draft.count++
    })
  }
  assert.equal(mine.value().count, count + 50)
  await eventually(() => theirs.value().count === count + 50)
  assert.equal(mine.value().count, count + 50)
})

check('what does not fit is taken back', async () => {
  const rpc = await connect()
  const state = await rpc.sharedState.get('state:board')
  const before = state.value()
  state.mutate((draft) => {
    draft.count = 'many'
  })
  await eventually(() => state.value().count === before.count)
  assert.deepEqual(await truth(rpc), before)
})

check('patches of the server', async () => {
  const rpc = await connect()
  const state = await rpc.sharedState.get('state:patched')
  for (const item of ['a', 'b', 'c'])
    await rpc.call('state:add', item)
  await eventually(() => state.value().items.slice(-3).join() === 'a,b,c')
  const { items } = state.value()
  await rpc.call('state:shift')
  await eventually(() => state.value().items.join() === items.slice(1).join())
})

check('an initial value is completed by that of the server', async () => {
  const rpc = await connect()
  const state = await rpc.sharedState.get('state:board', { initialValue: { local: true, count: -1 } })
  assert.equal(state.value().local, true)
  await eventually(() => Array.isArray(state.value().items))
  assert.equal(state.value().local, true)
})

check('a state that a client makes', async () => {
  const [one, other] = [await connect(), await connect()]
  assert.equal(await one.call('devframe:rpc:server-state:get', 'state:made'), undefined)
  const mine = await one.sharedState.get('state:made', { initialValue: { count: 0 } })
  mine.mutate((draft) => {
    draft.count = 7
  })
  await eventually(async () => (await other.call('devframe:rpc:server-state:get', 'state:made'))?.count === 7)
})

check('settings', async () => {
  const rpc = await connect()
  const settings = await rpc.sharedState.get('devframe:settings:project:state')
  assert.deepEqual(settings.value(), {})
  settings.mutate((draft) => {
    draft.theme = 'dark'
  })
  await eventually(async () => (await rpc.call('devframe:rpc:server-state:get', 'devframe:settings:project:state')).theme === 'dark')
})

check('the client that the server serves shares too', async () => {
  const { connect: connectTo } = await servedScript(base)
  const [rpc, other] = [await connectTo({ base }), await connect()]
  opened.push(() => rpc.close())
  const mine = await rpc.sharedState('state:board')
  const theirs = await other.sharedState.get('state:board')
  assert.deepEqual(mine.value(), theirs.value())
  let heard
  const off = mine.on(value => heard = value)
  mine.mutate((draft) => {
    draft.items = ['by the small client']
  })
  assert.equal(heard.items[0], 'by the small client')
  await eventually(() => theirs.value().items[0] === 'by the small client')
  theirs.mutate((draft) => {
    draft.items.push('by the large one')
  })
  await eventually(() => mine.value().items.length === 2)
  off()
  mine.set({ ...mine.value(), count: 'many' })
  await eventually(() => typeof mine.value().count === 'number')

  const patched = await rpc.sharedState('state:patched')
  await rpc.call('state:add', 'patch')
  await eventually(() => patched.value().items.at(-1) === 'patch')
  const started = await rpc.sharedState('state:board', { local: true })
  assert.equal(started, mine)
  await assert.rejects(rpc.sharedState('state:nothing'), /there is no shared state "state:nothing"/)
  const begun = await rpc.sharedState('state:begun', { n: 0 })
  begun.set({ n: 1 })
  await eventually(async () => (await other.call('devframe:rpc:server-state:get', 'state:begun'))?.n === 1)
})

await run({ afterEach: () => opened.splice(0).forEach(close => close()) })
