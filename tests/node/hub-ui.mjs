// Opens the interface of the hub, `@devframes/hub-ui` 1.2.5, in a real browser, served beside the docks of a server.
//
//   node hub-ui.mjs BASE PAGE_URL SCREENSHOT
import './browser.mjs'
import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { check, eventually, parameters, run, servedScript } from './checks.mjs'
import { collectComplaints, launch } from './chromium.mjs'

const [base, pageUrl, screenshot] = parameters('BASE', 'PAGE_URL', 'SCREENSHOT')
const browser = await launch()
const rpc = await (await servedScript(base)).connect({ base })
const complaints = []
const page = await (await browser.newContext({ viewport: { width: 1000, height: 700 } })).newPage()
collectComplaints(page, complaints)
// Icons are fetched from elsewhere, which a test does not.
await page.route('https://api.iconify.design/**', route => route.fulfill({ contentType: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="100%" viewBox="0 0 18 18"><circle r="9" cx="9" cy="9"/></svg>' }))
await page.route('**/favicon*', route => route.fulfill({ status: 204 }))
const entry = name => page.getByRole('navigation').getByRole('button', { name })

check('the interface lists the entries', async () => {
  await page.goto(pageUrl)
  for (const name of ['Start', 'Act', 'Modules'])
    await entry(name).waitFor()
  assert.equal(await entry('Modules').innerText(), '3')
})

check('the interface has the name of the program', async () => {
  await eventually(async () => (await page.title()).includes('Lens'))
})

check('a message is a toast', async () => {
  // The messages that the interface gets with its first list, a moment after its entries, are not shown as toasts.
  await eventually(async () => {
    await rpc.call('hub:messages:add', { message: 'the build is ready', level: 'success', notify: true })
    return await page.getByText('the build is ready').count() > 0
  })
})

check('an entry opens its page', async () => {
  await entry('Modules').click()
  await page.frameLocator('iframe[src*="/__modules/"]').getByText('the modules').waitFor()
  await page.screenshot({ path: screenshot })
  assert((await stat(screenshot)).size > 1000)
})

check('the server opens an entry, whose button runs a command', async () => {
  await rpc.call('docks:open', 'start')
  await page.getByRole('heading', { name: 'Start' }).waitFor()
  await page.getByRole('button', { name: 'Launch' }).click()
  await eventually(async () => (await rpc.call('docks:opened')).includes('launched'))
})

check('a view that is described in JSON is rendered, and follows its state', async () => {
  await entry('Report').click()
  await page.getByText('no problem').waitFor()
  await rpc.call('docks:report', '3 problems')
  await page.getByText('3 problems').waitFor()
})

check('entries come and go while the interface is open', async () => {
  await rpc.call('docks:add', 'late')
  await entry('Late').waitFor()
  await rpc.call('docks:badge', 'late', '7')
  await entry('Late').getByText('7').waitFor()
  await rpc.call('docks:remove', 'late')
  await entry('Late').waitFor({ state: 'detached' })
})

check('an action runs its script, which the server calls', async () => {
  // A moment after the click, so it is told until it hears.
  const told = page.waitForEvent('console', message => message.text() === 'src/main.ts has changed')
  await entry('Follow files').click()
  let heard = false
  told.then(() => heard = true, () => {})
  await eventually(async () => {
    await rpc.call('docks:touch', 'src/main.ts')
    return heard
  })
  await told
})

check('nothing complained in the browser', () => {
  assert.deepEqual(complaints, [])
})

await run({
  afterAll() {
    rpc.close()
    return browser.close()
  },
})
