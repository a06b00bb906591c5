// Takes the picture of the README: the panel of the file explorer, with a file of the template open.
//
//   node picture.mjs ADDRESS FILE
import { check, eventually, parameters, run } from './checks.mjs'
import { launch } from './chromium.mjs'

const [address, file] = parameters('ADDRESS', 'FILE')
const browser = await launch()

check('the panel shows a file', async () => {
  const page = await browser.newPage({ viewport: { width: 840, height: 400 }, colorScheme: 'light', reducedMotion: 'reduce' })
  await page.goto(address)
  const row = path => page.locator(`[data-testid="file"][data-path="${path}"]`)
  await row('src/rpc/add_entry.rs').click()
  await eventually(async () => (await page.getByTestId('editor').inputValue()).includes('rpc_function'))
  await page.screenshot({ path: file, animations: 'disabled' })
})

await run({ afterAll: () => browser.close() })
