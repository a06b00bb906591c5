/** The scripts that the library has for pages, imported into Node as they lie in its source. */
import { rmSync } from 'node:fs'
import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export const PANEL = new URL('../../devtools-runtime/src/panel/', import.meta.url)

const folder = await mkdtemp(join(tmpdir(), 'panel-'))
process.on('exit', () => rmSync(folder, { recursive: true }))
await cp(PANEL, folder, { recursive: true })
await writeFile(join(folder, 'package.json'), '{"type":"module"}')
const load = file => import(pathToFileURL(join(folder, file)).href)

export const { connect, asRpcError } = await load('client.js')
export const { hashArguments } = await load('client/arguments.js')
