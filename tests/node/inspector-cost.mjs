/**
 * Measures how responsive the page of the inspector stays while a server answers many calls: the time between two timers and two frames of the page, with the tab of
 * the traffic open and with the tab of the functions. It prints a line for each round, and checks nothing. INSPECTOR is the address that
 * `cargo bench -p bench-server --bench inspector -- --serve` prints.
 */
import process from 'node:process'
import { parameters } from './checks.mjs'
import { launch } from './chromium.mjs'

const [inspector] = parameters('INSPECTOR')
const ROUNDS = 5
const LENGTH = 4000 // milliseconds of a measurement

const browser = await launch()
const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
await page.goto(inspector)
await page.getByRole('tab', { name: 'Traffic' }).waitFor()

/** Measures the times between the turns of a timer, and between frames. */
const measure = () => page.evaluate(async (length) => {
  const gaps = { timer: [], frame: [] }
  const end = performance.now() + length
  const follow = (kind, next) => new Promise((resolve) => {
    let before = performance.now()
    const step = () => {
      const now = performance.now()
      gaps[kind].push(now - before)
      before = now
      now < end ? next(step) : resolve()
    }
    next(step)
  })
  const { port1, port2 } = new MessageChannel() // a timer would wait 4 ms at least
  await Promise.all([
    follow('timer', (step) => {
      port1.onmessage = step
      port2.postMessage(null)
    }),
    follow('frame', requestAnimationFrame),
  ])
  const of = values => ({ longest: values.reduce((longest, value) => Math.max(longest, value), 0), late: values.filter(value => value > 50).reduce((sum, value) => sum + value - 50, 0) })
  return { timer: of(gaps.timer), frame: of(gaps.frame), frames: gaps.frame.length, rows: document.querySelector('.traffic .total')?.textContent }
}, LENGTH)

for (let round = 1; round <= ROUNDS; round++) {
  for (const tab of round % 2 ? ['Functions', 'Traffic'] : ['Traffic', 'Functions']) {
    await page.getByRole('tab', { name: tab }).click()
    await page.waitForTimeout(1000)
    const { timer, frame, frames, rows } = await measure()
    console.log(`round ${round}, ${tab}: the longest wait for the page is ${timer.longest.toFixed(0)} ms, between frames ${frame.longest.toFixed(0)} ms; waits over 50 ms add up to ${timer.late.toFixed(0)} of ${LENGTH} ms; ${(frames / LENGTH * 1000).toFixed(0)} frames/s${tab === 'Traffic' ? `; ${rows}` : ''}`)
  }
}
await browser.close()
process.exit()
