/** Where the inspector reads from: a live server, or a static dump with the description that its build has written. */

import { connect } from '../client.js'

const SCOPE = 'devtools-runtime:inspector:'

/**
 * @typedef {object} Source
 * @property {import('../client.js').Client} rpc
 * @property {URL} root the folder that the bases of views are relative to
 * @property {boolean} isStatic whether the answers were recorded, so that nothing changes
 * @property {() => Promise<any[]>} functions returns the descriptions of the functions
 * @property {() => Promise<any>} program returns the description of the program
 * @property {(name: string, ...args: any[]) => Promise<any>} ask calls a function of the inspector
 */

/** @returns {Promise<Source>} */
export async function openSource() {
  const rpc = await connect()
  if (rpc.backend === 'static')
    return openStatic(rpc)
  const { base } = await readJson(new URL('../__index.json', import.meta.url))
  return {
    rpc,
    root: rootOf(base),
    isStatic: false,
    functions: () => rpc.call('devtools-runtime:functions'),
    program: () => rpc.call(`${SCOPE}program`),
    ask: (name, ...args) => rpc.call(SCOPE + name, ...args),
    tell: (name, ...args) => rpc.callEvent(SCOPE + name, ...args),
  }
}

async function openStatic(rpc) {
  const { base, functions, program } = await readJson(new URL('inspector.json', import.meta.url))
  const refuse = async (name) => {
    throw new Error(`"${name}" needs a live server`)
  }
  return { rpc, root: rootOf(base), isStatic: true, functions: async () => functions, program: async () => program, ask: refuse, tell() {} }
}

async function readJson(address) {
  const response = await fetch(address)
  if (!response.ok)
    throw new Error(`${address.pathname} could not be read: the status is ${response.status}`)
  return response.json()
}

/** Returns the root of the server or of the dump. `base` is the path of the mount from there. */
function rootOf(base) {
  return new URL('../'.repeat(base.split('/').length - 1), import.meta.url)
}

/** Returns whether a name belongs to the inspector itself. */
export const isOwnName = name => name === 'devtools-runtime:functions' || name.startsWith(SCOPE)

/** Returns whether a function belongs to the protocol and not to the program. */
export const isBuiltIn = name => /^(?:devframe|anonymous:devframe|hub|devtools-runtime|devframes:plugin:(?:inspect|messages)):/.test(name)
