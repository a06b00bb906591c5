// Uses the inspector panel of the ecosystem, `@devframes/plugin-inspect` 1.0.0, unmodified, in a real browser.
//
//   node inspect-panel.mjs PAGE_URL BASE SCREENSHOT
import assert from 'node:assert/strict'
import { check, parameters, run, servedScript } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [pageUrl, base, screenshot] = parameters('PAGE_URL', 'BASE', 'SCREENSHOT')
const browser = await launch()
const page = await (await browser.newContext({ viewport: { width: 1200, height: 800 } })).newPage()
const complaints = []
collectComplaints(page, complaints)
await page.route('**/favicon*', route => route.fulfill({ status: 204 }))
const rpc = await (await servedScript(base)).connect({ base })
const inspect = (name, ...args) => rpc.call(`devframes:plugin:inspect:${name}`, ...args)

check('the panel lists the functions', async () => {
  await page.goto(pageUrl)
  await page.getByText('panels-e2e:collections').first().waitFor()
  await page.screenshot({ path: screenshot })
})

check('a function is described as the engine describes it', async () => {
  const functions = await inspect('list-functions')
  const add = functions.find(({ name }) => name === 'panels-e2e:add')
  const { argsSchema, returnsSchema, ...facts } = add
  assert.deepEqual(facts, {
    name: 'panels-e2e:add',
    type: 'query',
    jsonSerializable: true,
    snapshot: false,
    cacheable: false,
    hasArgs: true,
    hasReturns: true,
    hasDump: false,
    hasSetup: false,
    hasHandler: true,
    invokable: true,
    agent: { description: 'Adds two numbers.', safety: 'read' },
  })
  assert.equal(argsSchema.prefixItems.length, 2)
  assert.equal(argsSchema.prefixItems[0].type, 'integer')
  assert.equal(returnsSchema.type, 'integer')
  assert.equal(functions.find(({ name }) => name === 'panels-e2e:clear').invokable, false)
})

check('a call keeps the types of structured clone', async () => {
  const { ok, result, durationMs } = await inspect('invoke', 'panels-e2e:collections', [])
  assert.equal(ok, true)
  assert.deepEqual(result, new Map([['big', 2n ** 70n]]))
  assert.ok(durationMs >= 0)
  assert.equal((await inspect('invoke', 'panels-e2e:add', [2, 3])).result, 5)
})

check('a failure is told, and what changes something is not called', async () => {
  const failed = await inspect('invoke', 'panels-e2e:add', [2 ** 53 - 1, 'x'])
  assert.equal(failed.ok, false)
  assert.match(failed.error.message, /argument 2/)
  assert.match((await inspect('invoke', 'nope', [])).error.message, /nope/)
  assert.match((await inspect('invoke', 'panels-e2e:clear', [])).error.message, /changes something/)
})

check('states, agents and commands are listed, and a command runs', async () => {
  assert.deepEqual((await inspect('list-state-keys')).filter(key => key.startsWith('panels-e2e:')), ['panels-e2e:state'])
  const { tools, resources } = await inspect('describe-agent')
  assert.deepEqual(tools.map(({ id }) => id), ['panels-e2e:add'])
  assert.deepEqual(resources, [])
  assert.equal((await inspect('invoke-agent-tool', 'panels-e2e:add', { a: 1, b: 2 })).result, 3)
  const failed = await inspect('read-agent-resource', 'panels-e2e:add')
  assert.equal(failed.ok, false)
  assert.deepEqual(await inspect('list-commands'), [{ id: 'panels-e2e:greet', title: 'Greet', description: 'Greets', hasHandler: true }])
  assert.equal((await inspect('execute-command', 'panels-e2e:greet', ['Ada'])).result, 'Hello, Ada')
  assert.match((await inspect('execute-command', 'nope')).error.message, /no command `nope`/)
})

check('the panel shows states, agents and commands', async () => {
  for (const [tab, text] of [['State', 'panels-e2e:state'], ['Agent', 'panels-e2e:add'], ['Commands', 'Greet']]) {
    await page.getByRole('button', { name: tab }).or(page.getByRole('tab', { name: tab })).first().click()
    await page.getByText(text).first().waitFor()
  }
  assert.deepEqual(complaints, [])
})

await run({ afterAll: () => browser.close() })
