/** The command lines of Vite and of Vite DevTools: static builds, and the viewers that show one. */
import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { eventually } from '../node/checks.mjs'
import { closeLater, copyProject } from './servers.mjs'

const execute = promisify(execFile)
const VITE = join(import.meta.dirname, 'node_modules/vite/bin/vite.js')
const VITE_DEVTOOLS = join(import.meta.dirname, 'node_modules/@vitejs/devtools/bin.js')

/** Returns the root of a project with a tool, configured for the command line. `options` are further options of Vite. */
async function project(tool, options = '') {
  const root = await copyProject()
  const plugin = join(import.meta.dirname, '../../integrations/vite/index.js')
  await writeFile(join(root, 'vite.config.mjs'), `
    import devtoolsRuntime from ${JSON.stringify(plugin)}
    // The command line of Vite DevTools 0.8.0 cannot leave its built-in tools out, and they fail there (DTK0014).
    const withoutBuiltIn = {
      name: 'without-built-in-tools',
      configResolved({ plugins }) {
        const place = plugins.findIndex(({ name }) => name === 'vite:devtools:builtin')
        if (place >= 0)
          plugins.splice(place, 1)
      },
    }
    export default { ${options} plugins: [withoutBuiltIn, devtoolsRuntime({ command: ${JSON.stringify(tool)} })] }
  `)
  return root
}

/** Runs `vite-devtools build`, and returns the folders of the project and of the build. */
export async function buildByCommand(tool) {
  const root = await project(tool)
  await execute(process.execPath, [VITE_DEVTOOLS, 'build', '--root', root, '--outDir', 'dist-devtools'], { cwd: root })
  return { root, folder: join(root, 'dist-devtools') }
}

/** Starts the viewer of `vite-devtools`, and returns the folder of the project and the address of the viewer. */
export async function startViewer(tool) {
  const root = await project(tool)
  return { root, address: await view(root, VITE_DEVTOOLS, '--root', root, '--host', '127.0.0.1', '--no-open') }
}

/** Runs `vite build` with the option `devtools`, which starts a viewer. Returns as `startViewer`. */
export async function buildWithViewer(tool) {
  // Vite starts one viewer for each environment.
  const root = await project(tool, `devtools: { builtinDevTools: false, environments: ['client'] },`)
  return { root, address: await view(root, VITE, 'build') }
}

/** Starts a command that shows a build, and returns the address. */
async function view(root, ...command) {
  const viewer = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  closeLater(async () => viewer.kill())
  let printed = ''
  viewer.stdout.on('data', data => printed += data)
  const address = await eventually(() => /started at.*?(http:\/\/localhost:\d+)/.exec(printed)?.[1], 90_000)
  return `${address}/`
}
