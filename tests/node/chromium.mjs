/** The browser of the programs that need a real one. */
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { chromium } from 'playwright-core'

export async function launch(...further) {
  return chromium.launch({
    executablePath: await findBrowser(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...further],
  })
}

/** Collects what goes wrong in a page and is not seen in it. */
export function collectComplaints(page, complaints) {
  page.on('console', message => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('requestfailed', (request) => {
    const problem = request.failure()?.errorText
    // A page that leads to another one at once may be left before all of it was read. A visit that fails rejects by itself.
    if (!(request.isNavigationRequest() && problem === 'net::ERR_ABORTED'))
      complaints.push(`${request.url()}: ${problem}`)
  })
  page.setDefaultTimeout(30_000)
}

/** The browser named by CHROMIUM, else the first of the usual names that is on the PATH. */
async function findBrowser() {
  if (process.env.CHROMIUM)
    return process.env.CHROMIUM
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name)
      if (await access(path).then(() => true, () => false))
        return path
    }
  }
  console.error('no Chromium found: name one in CHROMIUM')
  process.exit(2)
}
