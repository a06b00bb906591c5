// Changes a shared state while others do, and checks that it ends with what the server has.
//
//   node state-converge.mjs BASE
import './browser.mjs'
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run } from './checks.mjs'

const { connectDevframe } = await import('devframe/client')
const [base] = parameters('BASE')

check('all have the same in the end', async () => {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, otpParam: false, simpleAuth: false })
  await rpc.ensureTrusted(5000)
  const state = await rpc.sharedState.get('state:board')
  for (let round = 0; round < 300; round++) {
    state.mutate((draft) => {
      draft.by.js = round
      draft.items = [`js-${round}`]
    })
    await turn()
  }
  await rpc.call('state:wait')
  const same = async () => {
    try {
      assert.deepEqual(state.value(), await rpc.call('state:board'))
      return true
    }
    catch {
      return false
    }
  }
  await eventually(same)
})

await run({ limit: 60_000 })
