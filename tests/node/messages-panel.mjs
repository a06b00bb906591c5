// Uses the messages panel of the ecosystem, unmodified, in a real browser.
//
//   node messages-panel.mjs PAGE_URL BASE
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [pageUrl, base] = parameters('PAGE_URL', 'BASE')
const browser = await launch()
const page = await browser.newPage()
const complaints = []
collectComplaints(page, complaints)
await page.route('**/favicon*', route => route.fulfill({ status: 204 }))

async function call(name, ...args) {
  const answer = await fetch(new URL(`__call/${name}`, base), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(args) })
  assert.ok(answer.ok, await answer.clone().text())
  return answer.status === 204 ? undefined : answer.json()
}

const shown = text => page.getByText(text).first().waitFor()
const gone = text => page.getByText(text).waitFor({ state: 'hidden' })

check('messages from before the page opened are listed', async () => {
  await call('messages-e2e:warn', '`lodash` is imported twice')
  await page.goto(pageUrl)
  await shown('`lodash` is imported twice')
})

check('a message that is added, changed or removed is so in the panel', async () => {
  const id = await call('messages-e2e:warn', 'a second one')
  await shown('a second one')
  await call('messages-e2e:rename', id, 'the second one, renamed')
  await shown('the second one, renamed')
  await call('messages-e2e:remove', id)
  await gone('the second one, renamed')
})

check('the button of a message runs its command', async () => {
  await page.getByText('`lodash` is imported twice').first().click()
  await shown('Two versions of it are in the bundle.')
  await page.getByRole('button', { name: 'Use one version' }).click()
  await eventually(async () => await call('messages-e2e:deduped') === 1)
})

check('what the user dismisses is gone from the program too', async () => {
  await page.getByRole('button', { name: /dismiss|remove|delete/i }).first().click()
  await eventually(async () => (await call('messages-e2e:count')) === 0)
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
