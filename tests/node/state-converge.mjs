// Changes a shared state while others do, and checks that it ends with what the server has.
//
//   node state-converge.mjs BASE
import './browser.mjs'
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run, servedScript } from './checks.mjs'

const { connectDevframe } = await import('devframe/client')
const [base] = parameters('BASE')

check('all have the same in the end', async () => {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, otpParam: false, simpleAuth: false })
  await rpc.ensureTrusted(5000)
  const small = await (await servedScript(base)).connect({ base })
  const state = await rpc.sharedState.get('state:board')
  const other = await small.sharedState('state:board')
  for (let round = 0; round < 300; round++) {
    state.mutate((draft) => {
      draft.by.js = round
      draft.items = [`js-${round}`]
    })
    other.mutate((draft) => {
      draft.by.small = round
      draft.items = [`small-${round}`]
    })
    await turn()
  }
  await rpc.call('state:wait')
  const same = async () => {
    try {
      const truth = await rpc.call('state:board')
      assert.deepEqual(state.value(), truth)
      assert.deepEqual(other.value(), truth)
      return true
    }
    catch {
      return false
    }
  }
  await eventually(same)
  small.close()
})

await run()
