/**
 * Measures the cost of a call from a page through Vite to a tool and back, beside a call straight to the tool. The page is the panel of the tool, once on the
 * origin of Vite and once on that of the tool, so the client is the same. It prints medians, and checks nothing. `TOOL` is a release build of `vite-tool`.
 */
import process from 'node:process'
import { parameters } from '../node/checks.mjs'
import { callsOf, closeAll, openPage, openTab, originOf, startTool, startVite, TOKEN } from './servers.mjs'

const [tool] = parameters('TOOL')
const ROUNDS = 11
const SPANS = 20 // of each way in a round
const CALLS = 20 // of each span, one at a time, because the clock of a page has steps of 0.1 ms

const median = values => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const { url, token } = await startTool(tool)
const server = await startVite({ tools: [{ url, token, name: 'vite-tool' }] })
await callsOf(await openPage(server))

/** Opens the panel at an origin. Its only connection has to lead to that origin. */
async function openPanel(origin) {
  const panel = await openTab(`${origin}/__vite-tool/`, TOKEN)
  const socket = panel.waitForEvent('websocket')
  await panel.reload()
  const { host } = new URL((await socket).url())
  if (host !== new URL(origin).host)
    throw new Error(`the panel of ${origin} is connected to ${host}`)
  await panel.getByText('2 squared is 4').waitFor()
  return panel
}

const straight = await openPanel(new URL(url).origin)
const through = await openPanel(originOf(server))
const measure = async panel => median(await panel.evaluate(async ([spans, calls]) => {
  const times = []
  for (let span = 0; span < spans; span++) {
    const begun = performance.now()
    for (let count = 0; count < calls; count++)
      await rpc.call('vite-tool:add', count, span)
    times.push((performance.now() - begun) / calls)
  }
  return times
}, [SPANS, CALLS]))

const ratios = []
for (let round = 0; round <= ROUNDS; round++) {
  // The way that comes first changes, because the speed of the machine does.
  const times = new Map()
  for (const panel of round % 2 ? [through, straight] : [straight, through])
    times.set(panel, await measure(panel))
  if (round === 0)
    continue // to warm up
  const [one, other] = [times.get(straight), times.get(through)]
  ratios.push(other / one)
  console.log(`round ${round}: straight ${(one * 1000).toFixed(0)} µs, through Vite ${(other * 1000).toFixed(0)} µs, ${(other / one).toFixed(2)} times`)
}
console.log(`median of ${ROUNDS} rounds of ${SPANS * CALLS} calls each: ${median(ratios).toFixed(2)} times (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`)
await closeAll()
process.exit()
