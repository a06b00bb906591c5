/** The hash of arguments, which names the record of a call in a dump. */

/**
 * Returns the hash of arguments, which names their record: 43 characters.
 *
 * @param {any[]} args
 */
export function hashArguments(args) {
  const digest = sha256(new TextEncoder().encode(serialize(args)))
  return btoa(String.fromCharCode(...digest)).replaceAll('+', '-').replaceAll('/', '_').replace('=', '')
}

const isObject = value => typeof value === 'object' && value !== null

/** Writes the text that is hashed, exactly as ohash 2 does. */
export function serialize(root) {
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
