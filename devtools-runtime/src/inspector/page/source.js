/** Where the inspector reads from: a live server, or a static dump with the description that its build has written. */

import { connect } from '../client.js'

const SCOPE = 'devtools-runtime:inspector:'

/**
 * @typedef {object} Source
 * @property {import('../client.js').Client} rpc
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
  return {
    rpc,
    isStatic: false,
    functions: () => rpc.call('devtools-runtime:functions'),
    program: () => rpc.call(`${SCOPE}program`),
    ask: (name, ...args) => rpc.call(SCOPE + name, ...args),
    tell: (name, ...args) => rpc.callEvent(SCOPE + name, ...args),
  }
}

async function openStatic(rpc) {
  const response = await fetch(new URL('inspector.json', import.meta.url))
  if (!response.ok)
    throw new Error(`the description of the program could not be read: status ${response.status}`)
  const { functions, program } = await response.json()
  const refuse = async (name) => {
    throw new Error(`"${name}" needs a live server`)
  }
  return { rpc, isStatic: true, functions: async () => functions, program: async () => program, ask: refuse, tell() {} }
}

/** Returns whether a name belongs to the inspector itself. */
export const isOwnName = name => name === 'devtools-runtime:functions' || name.startsWith(SCOPE)

/** Returns whether a function belongs to the protocol and not to the program. */
export const isBuiltIn = name => /^(?:devframe|anonymous:devframe|hub|devtools-runtime):/.test(name)
