/**
 * The backend of `client.js` for static dumps: it answers calls with the results that were recorded when the dump was written.
 * `client.js` imports this file when the metadata names a static dump. Files are fetched when a call needs them, and cached as
 * text, so that every call gets a value of its own.
 */

import { hashArguments, serialize } from './client/arguments.js'
import { decodeClone } from './client/clone.js'
import { thrown } from './client/errors.js'
import { createStates } from './client/states.js'

const MANIFEST = '__rpc-dump/index.json'
const FILES_KEPT = 1000
const SHOWN = 200 // the characters of arguments that a message shows

/**
 * @param {URL} folder the folder that the manifest's paths are relative to
 * @param {import('./client.js').Options} options
 * @returns {Promise<import('./client.js').Client>} rejects if the folder has no manifest
 */
export async function openDump(folder, { callTimeout = 0 }) {
  const manifest = JSON.parse(await read(MANIFEST))
  const files = new Map() // path → promise of its text
  const functions = new Set() // registered functions, which nobody calls
  const listeners = new Set()
  let status = /** @type {import('./client.js').Status} */ ('connected')
  const states = createStates({ call: (name, ...args) => call(name, args, true), isConnected: () => status === 'connected' })

  async function call(name, args, optional) {
    if (status !== 'connected')
      throw new Error(`cannot call "${name}": the dump was closed`)
    if (!Object.hasOwn(manifest, name)) {
      if (optional)
        return undefined
      throw new Error(`the static dump has no function "${name}", called with ${show(args)}: it needs a live server`)
    }
    const entry = manifest[name]
    if (entry?.type === 'query' && isObject(entry.records)) {
      const hash = hashArguments(args)
      const path = Object.hasOwn(entry.records, hash) ? entry.records[hash] : entry.fallback
      if (!path)
        throw unrecorded(name, args)
      return outcome(await load(path, entry.serialization))
    }
    if (args.some(arg => arg != null))
      throw unrecorded(name, args)
    if (entry?.type !== 'static' || typeof entry.path !== 'string')
      return entry // older dumps have the value here
    const value = await load(entry.path, entry.serialization)
    return isObject(value) && ('output' in value || 'error' in value) ? outcome(value) : value
  }

  function register(name) {
    if (functions.has(name))
      throw new Error(`"${name}" is already registered`)
    functions.add(name)
    return () => functions.delete(name)
  }

  function outcome(record) {
    if (record.error)
      throw revive(record.error)
    return record.output
  }

  // ---- files ----

  async function load(path, serialization) {
    const value = JSON.parse(await text(path))
    const content = isObject(value) && 'serialization' in value && 'data' in value ? value.data : value // older dumps wrap the value
    return serialization === 'structured-clone' && Array.isArray(content) ? decodeClone(content) : content
  }

  function text(path) {
    const known = files.get(path)
    if (known)
      return known
    if (files.size >= FILES_KEPT)
      files.delete(files.keys().next().value)
    const reading = read(path)
    files.set(path, reading)
    reading.catch(() => files.get(path) === reading && files.delete(path)) // the next call tries again
    return reading
  }

  async function read(path) {
    const address = new URL(path, folder)
    try {
      return await fetchText(address)
    }
    catch (cause) {
      // Most hosts decode the address before they look for the file, but the file name contains escapes.
      const again = new URL(path.replaceAll('%', '%25'), folder)
      if (again.href !== address.href) {
        try {
          return await fetchText(again)
        }
        catch {}
      }
      throw new Error(`cannot read ${address.href}`, { cause })
    }
  }

  async function fetchText(address) {
    const signal = callTimeout > 0 ? AbortSignal.timeout(callTimeout) : undefined
    const response = await fetch(address, { cache: 'no-cache', signal }) // a new dump has the same file names
    if (!response.ok)
      throw new Error(`the host answered with status ${response.status}`)
    const content = await response.text()
    if (/^\s*</.test(content)) // some hosts answer with an HTML page if there is no file
      throw new Error('the host answered with an HTML page')
    return content
  }

  return {
    backend: 'static',
    get status() {
      return status
    },
    error: undefined,
    call: (name, ...args) => call(name, args),
    callOptional: (name, ...args) => call(name, args, true),
    callEvent() {},
    register,
    client: { register: ({ name }) => register(name) },
    streaming: { subscribe: noStream, upload: noStream },
    sharedState: states.open,
    on(event, listener) {
      if (event !== 'status')
        throw new Error(`there is no event "${event}"`)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      if (status === 'disconnected')
        return
      status = 'disconnected'
      files.clear()
      for (const listener of listeners) {
        try {
          listener(status, undefined)
        }
        catch (error) {
          console.error('[devtools]', error)
        }
      }
    },
  }
}

const isObject = value => typeof value === 'object' && value !== null

function noStream(channel) {
  throw new Error(`a static dump has no streams, and none of the channel "${channel}": it needs a live server`)
}

function unrecorded(name, args) {
  return new Error(`the static dump has no record of "${name}" with the arguments ${show(args)}, and no fallback: it needs a live server`)
}

function show(args) {
  let text
  try {
    text = serialize(args)
  }
  catch {
    text = '[…]'
  }
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

/** Creates an error from its record in a dump, which has more of it than a live reply. */
function revive(stored) {
  if (!isObject(stored))
    return new Error(String(stored))
  const { name, message, cause, ['__proto__']: _, ...own } = stored
  const error = thrown(new Error(message))
  if (cause !== undefined) {
    const isError = isObject(cause) && !(cause instanceof Error) && typeof cause.name === 'string' && typeof cause.message === 'string'
    Object.defineProperty(error, 'cause', { value: isError ? revive(cause) : cause, configurable: true, writable: true })
  }
  if (name !== undefined)
    Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true })
  return Object.assign(error, own)
}
