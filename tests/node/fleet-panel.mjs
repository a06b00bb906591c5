// Opens the panels of two gateways of the fleet example, which has the workers "one", "two" and "three".
//
//   node fleet-panel.mjs PAGE_URL OTHER_PAGE_URL
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [pageUrl, otherUrl] = parameters('PAGE_URL', 'OTHER_PAGE_URL')
const browser = await launch()
const complaints = []

async function visit(address) {
  const page = await browser.newPage()
  collectComplaints(page, complaints)
  await page.goto(address)
  await page.getByRole('status').getByText('connected', { exact: true }).waitFor()
  return page
}

/** The jobs of each worker that a panel shows. */
async function jobs(page) {
  const rows = await page.getByRole('row').evaluateAll(rows => rows.map(row => [...row.cells].map(cell => cell.textContent)))
  return Object.fromEntries(rows.map(([worker, count]) => [worker, Number.parseInt(count)]))
}

const sum = counts => Object.values(counts).reduce((a, b) => a + b, 0)

check('jobs are balanced over the workers, and the panels of both gateways show each of them', async () => {
  const [page, other] = [await visit(pageUrl), await visit(otherUrl)]
  // The gateway lists a worker once it has met it.
  await eventually(async () => {
    const before = sum(await jobs(page))
    await page.getByRole('button', { name: 'Start 30 jobs' }).click()
    await eventually(async () => sum(await jobs(page)) === before + 30)
    const counts = await jobs(page)
    return ['one', 'two', 'three'].every(name => name in counts)
  })
  const counts = await jobs(page)
  assert.deepEqual(Object.keys(counts).filter(name => !name.startsWith('failed')).sort(), ['one', 'three', 'two'])
  await eventually(async () => sum(await jobs(other)) === sum(counts))
  assert.deepEqual(await jobs(other), counts)
})

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
