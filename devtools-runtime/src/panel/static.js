/**
 * The backend of `client.js` for static dumps: it answers calls with the results that were recorded when the dump was written.
 * `client.js` imports this file when the metadata names a static dump. Files are fetched when a call needs them, and cached as
 * text, so that every call gets a value of its own.
 */

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

// ---- the argument hash ----------------------------------------------------------------------

/**
 * Returns the hash of arguments, which names their record: 43 characters.
 *
 * @param {any[]} args
 */
export function hashArguments(args) {
  const digest = sha256(new TextEncoder().encode(serialize(args)))
  return btoa(String.fromCharCode(...digest)).replaceAll('+', '-').replaceAll('/', '_').replace('=', '')
}

/** Writes the text that is hashed, exactly as ohash 2 does. */
function serialize(root) {
  const known = new Map() // object → its text, or its number while it is written
  return write(root)

  function write(value) {
    switch (typeof value) {
      case 'string': return `'${value}'`
      case 'bigint': return `${value}n`
      case 'function': throw new TypeError('a function cannot be an argument')
    }
    if (!isObject(value))
      return String(value)
    if (!known.has(value)) {
      known.set(value, `#${known.size}`)
      known.set(value, writeObject(value))
    }
    return known.get(value)
  }

  function writeObject(value) {
    const type = Object.prototype.toString.call(value).slice('[object '.length, -1)
    switch (type) {
      case 'Object': return writePlain(value)
      case 'Array': return writeList(value)
      case 'Set': return `Set${writeList([...value].sort(byKey))}`
      case 'Map': return writeEntries('Map', value)
      case 'Date': return `Date(${Number.isNaN(value.getTime()) ? null : value.toISOString()})`
      case 'Error': case 'RegExp': case 'URL': return `${type}(${value})`
      case 'ArrayBuffer': return `ArrayBuffer[${new Uint8Array(value)}]`
      case 'BigInt64Array': case 'BigUint64Array': return `${type}${writeList(value)}`
    }
    if (INTEGERS_AND_FLOATS.test(type))
      return `${type}[${value.join()}]`
    if (typeof value.entries === 'function')
      return writeEntries(type, value.entries())
    throw new TypeError(`a ${type} cannot be an argument`)
  }

  function writePlain(value) {
    const { constructor } = value
    const name = constructor === Object || constructor === undefined ? '' : constructor.name
    if (name !== '' && globalThis[name] === constructor)
      throw new TypeError(`a ${name} cannot be an argument`)
    if (typeof value.toJSON === 'function') {
      const json = value.toJSON()
      return isObject(json) ? `${name}${write(json)}` : `${name}(${write(json)})`
    }
    const members = Object.keys(value).sort(compareText).map(key => `${key}:${write(value[key])}`)
    return `${name}{${members}}`
  }

  function writeList(values) {
    return `[${Array.from(values, write)}]` // holes are undefined
  }

  function writeEntries(type, entries) {
    const sorted = [...entries].sort(([a], [b]) => byKey(a, b))
    return `${type}{${sorted.map(([key, value]) => `${unquoted(key)}:${write(value)}`)}}`
  }

  function byKey(a, b) {
    return typeof a === 'number' && typeof b === 'number' ? a - b : compareText(unquoted(a), unquoted(b))
  }

  function unquoted(key) {
    return typeof key === 'string' ? key : write(key)
  }
}

const INTEGERS_AND_FLOATS = /^(Int8|Uint8|Uint8Clamped|Int16|Uint16|Int32|Uint32|Float32|Float64)Array$/
const ORDER = ' _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz'

function weight(text, i) {
  const rank = ORDER.indexOf(text[i]) + 1 || (/[A-Z]/.test(text[i]) && ORDER.indexOf(text[i].toLowerCase()) + 1)
  return rank || text.charCodeAt(i) + 128
}

/** Compares keys: punctuation, digits, letters ignoring case, everything else; if equal, lower case comes first. */
function compareText(a, b) {
  const shared = Math.min(a.length, b.length)
  let tie = 0
  for (let i = 0; i < shared; i++) {
    const difference = a[i] === b[i] ? 0 : weight(a, i) - weight(b, i)
    if (difference)
      return difference
    tie ||= b.charCodeAt(i) - a.charCodeAt(i)
  }
  return a.length - b.length || tie
}

// `crypto.subtle` exists only in secure contexts, and a dump may be hosted anywhere.

const PRIMES = [2]
for (let n = 3; PRIMES.length < 64; n += 2) {
  if (PRIMES.every(prime => n % prime))
    PRIMES.push(n)
}
const fraction = number => (number % 1) * 2 ** 32 | 0
const ROUNDS = PRIMES.map(prime => fraction(Math.cbrt(prime)))
const START = PRIMES.slice(0, 8).map(prime => fraction(Math.sqrt(prime)))

/** Computes SHA-256, with the names of FIPS 180-4. */
function sha256(bytes) {
  const message = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / 64) * 64))
  new Uint8Array(message.buffer).set(bytes)
  message.setUint8(bytes.length, 0x80)
  message.setBigUint64(message.byteLength - 8, BigInt(bytes.length) * 8n)
  const state = Int32Array.from(START)
  const w = new Int32Array(64)
  const rotate = (word, by) => word >>> by | word << 32 - by
  for (let block = 0; block < message.byteLength; block += 64) {
    let [a, b, c, d, e, f, g, h] = state
    for (let t = 0; t < 64; t++) {
      const [x, y] = [w[t - 15], w[t - 2]]
      w[t] = t < 16
        ? message.getInt32(block + t * 4)
        : (rotate(y, 17) ^ rotate(y, 19) ^ y >>> 10) + w[t - 7] + (rotate(x, 7) ^ rotate(x, 18) ^ x >>> 3) + w[t - 16]
      const one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (e & f ^ ~e & g) + ROUNDS[t] + w[t]
      const two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + (a & b ^ a & c ^ b & c)
      ;[h, g, f, e, d, c, b, a] = [g, f, e, d + one | 0, c, b, a, one + two | 0]
    }
    ;[a, b, c, d, e, f, g, h].forEach((word, i) => state[i] += word)
  }
  const digest = new DataView(new ArrayBuffer(32))
  state.forEach((word, i) => digest.setInt32(i * 4, word))
  return new Uint8Array(digest.buffer)
}
