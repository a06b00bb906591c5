// Gives a project the packages that `npm install --save-dev vite typescript` would install, without a network: those of the lock files of the tests.
//
//   node packages.mjs PROJECT
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { parameters } from '../node/checks.mjs'

const [project] = parameters('PROJECT')
const modules = join(project, 'node_modules')
const vite = join(import.meta.dirname, 'node_modules/vite')
const typescript = join(import.meta.dirname, '../node/node_modules/typescript-6')

await mkdir(join(modules, '.bin'), { recursive: true })
for (const [name, target] of [
  ['vite', vite],
  ['typescript', typescript],
  ['.bin/vite', join(vite, 'bin/vite.js')],
  ['.bin/tsc', join(typescript, 'bin/tsc')],
])
  await symlink(target, join(modules, name))
