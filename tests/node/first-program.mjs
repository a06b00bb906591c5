// Opens the address that the first program of the README prints, and uses its panel.
//
//   node first-program.mjs ADDRESS
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [address] = parameters('ADDRESS')
const browser = await launch()
const complaints = []

check('the panel calls the program, and hears of what it broadcasts', async () => {
  const page = await (await browser.newContext()).newPage()
  collectComplaints(page, complaints)
  // Browsers ask for one by themselves, and complain that there is none.
  await page.route('**/favicon.ico', route => route.fulfill({ status: 204 }))
  await page.goto(address)
  const log = page.locator('#log')
  await eventually(async () => (await log.textContent()).includes('/src/main.ts has 1024 bytes\n'))
  await page.getByRole('button', { name: 'Reload' }).click()
  await eventually(async () => (await log.textContent()).includes('reloaded: /src/main.ts\n'))
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
