/** The Vite projects of the examples: their panels follow the project in the interface of Vite DevTools. */
import assert from 'node:assert/strict'
import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { closeAll, copyProject, describe, openPage, originOf, startVite } from './servers.mjs'

const [name, tool] = parameters('EXAMPLE', 'TOOL')
const repository = join(import.meta.dirname, '../..')
process.env.PATH = `${dirname(tool)}${delimiter}${process.env.PATH}` // the project finds the tool there

/** Starts the project of the example with its own configuration. */
async function startExample() {
  const root = await copyProject(join(repository, 'examples', name, 'vite'))
  await mkdir(join(root, 'node_modules'))
  await symlink(join(repository, 'integrations/vite'), join(root, 'node_modules/vite-plugin-devtools-runtime'), 'junction')
  return startVite({ root, configFile: join(root, 'vite.config.js'), tools: [] })
}

/** Opens the dock of this title in the interface, and returns its panel. */
async function openDock(server, page, title) {
  const ui = await page.context().newPage()
  ui.setDefaultTimeout(30_000)
  await ui.goto(`${originOf(server)}/__devtools/`)
  await ui.getByRole('button', { name: title }).first().click()
  const panel = ui.frameLocator('iframe')
  await panel.getByRole('status').getByText('connected', { exact: true }).waitFor()
  return panel
}

const checks = {
  async 'analytics'() {
    const server = await startExample()
    await server.transformRequest('/src/greeting.js') // before the tool is there
    const page = await openPage(server, { isReady: () => document.querySelector('#greeting').textContent === 'hello' })
    const panel = await openDock(server, page, 'Analytics')
    const main = join(server.config.root, 'src/main.js')
    const greeting = join(server.config.root, 'src/greeting.js')
    const row = (id, size) => panel.getByRole('row', { name: size === undefined ? id : `${id} ${size}`, exact: true })
    await panel.getByRole('cell', { name: main, exact: true }).waitFor()
    await row(greeting, `export const greeting = 'hello'\n`.length).waitFor()

    const text = `export const greeting = 'hello, Vite'\n`
    await writeFile(greeting, text)
    await row(greeting, text.length).waitFor()
    await page.getByText('hello, Vite').waitFor()

    await writeFile(join(server.config.root, 'src/later.js'), '')
    await appendFile(main, `import './later.js'\n`)
    await row(join(server.config.root, 'src/later.js'), 0).waitFor()
  },
  async 'file-explorer'() {
    const server = await startExample()
    const page = await openPage(server, { isReady: () => document.querySelector('#greeting').textContent === 'hello' })
    const panel = await openDock(server, page, 'File Explorer')
    await eventually(async () => await panel.getByTestId('root').textContent() === server.config.root)
    await panel.getByRole('treeitem', { name: 'greeting.js' }).or(panel.getByRole('button', { name: 'greeting.js' })).first().click()
    const editor = panel.getByTestId('editor')
    await eventually(async () => await editor.inputValue() === `export const greeting = 'hello'\n`)

    await writeFile(join(server.config.root, 'src/greeting.js'), `export const greeting = 'from outside'\n`)
    await eventually(async () => await editor.inputValue() === `export const greeting = 'from outside'\n`)
    await page.getByText('from outside').waitFor()

    await editor.fill(`export const greeting = 'from the panel'\n`)
    await panel.getByTestId('save').click()
    await page.getByText('from the panel').waitFor()
  },
}

assert.ok(name in checks, `there is no example "${name}"`)
check(`the panel of ${name} follows the project`, checks[name])

await run({ describe, afterEach: closeAll })
