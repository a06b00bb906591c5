/** JSON with the types that only structured clone has: an object whose only key begins with `$` stands for such a value. */

/** Examples of each form, for people. */
export const FORMS = [
  ['BigInt', '{"$bigint": "12345678901234567890"}'],
  ['Date', '{"$date": "2026-01-31T12:00:00.000Z"}'],
  ['Map', '{"$map": [["key", 1]]}'],
  ['Set', '{"$set": [1, 2]}'],
  ['bytes (Uint8Array)', '{"$bytes": "aGVsbG8="} in Base64'],
  ['another typed array', '{"$array": ["Float64Array", [1, 2]]}'],
  ['RegExp', '{"$regexp": ["a+", "gi"]}'],
  ['Error', '{"$error": ["TypeError", "no number"]}'],
  ['undefined', '{"$undefined": true}'],
  ['an object whose only key begins with $', '{"$object": [["$key", 1]]}'],
]

const ARRAYS = [Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array]

const READ = {
  $bigint: text => BigInt(text),
  $date(text) {
    const date = new Date(text)
    if (Number.isNaN(Number(date)))
      throw new TypeError(`${JSON.stringify(text)} is not a date`)
    return date
  },
  $map: pairs => new Map(pairs.map(([key, value]) => [read(key), read(value)])),
  $set: members => new Set(members.map(read)),
  $bytes: text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)),
  $array([name, members]) {
    const type = ARRAYS.find(type => type.name === name)
    if (!type)
      throw new TypeError(`there is no typed array ${JSON.stringify(name)}`)
    return type.from(members, name.startsWith('Big') ? BigInt : Number)
  },
  $regexp: ([source, flags]) => new RegExp(source, flags),
  $error: ([name, message]) => Object.assign(new Error(message), { name }),
  $undefined: () => undefined,
  $object: pairs => Object.fromEntries(pairs.map(([key, value]) => [key, read(value)])),
}

/** Parses a text. Throws if it is not JSON, or has a form that does not exist. */
export function parseTagged(text) {
  return read(JSON.parse(text))
}

function read(json) {
  if (typeof json !== 'object' || json === null)
    return json
  if (Array.isArray(json))
    return json.map(read)
  const [key, ...others] = Object.keys(json)
  if (!others.length && key?.startsWith('$'))
    return readTag(key, json[key])
  return Object.fromEntries(Object.entries(json).map(([key, member]) => [key, read(member)]))
}

function readTag(tag, content) {
  if (!Object.hasOwn(READ, tag))
    throw new TypeError(`there is no form ${tag}; an object with this key is {"$object": [["${tag}", …]]}`)
  try {
    return READ[tag](content)
  }
  catch (error) {
    throw new TypeError(`${tag}: ${error.message}`)
  }
}

/** Writes a value as such a text. */
export function writeTagged(value, indent) {
  return JSON.stringify(write(value, []), undefined, indent)
}

function write(value, above) {
  if (value === undefined)
    return { $undefined: true }
  if (typeof value === 'bigint')
    return { $bigint: String(value) }
  if (typeof value !== 'object' || value === null)
    return value
  if (above.includes(value))
    throw new TypeError('the value contains itself, which cannot be written as JSON')
  const inside = member => write(member, [...above, value])
  if (Array.isArray(value))
    return value.map(inside)
  if (value instanceof Date)
    return { $date: value.toISOString() }
  if (value instanceof Map)
    return { $map: [...value].map(pair => pair.map(inside)) }
  if (value instanceof Set)
    return { $set: [...value].map(inside) }
  if (value instanceof RegExp)
    return { $regexp: [value.source, value.flags] }
  if (value instanceof Error)
    return { $error: [value.name, value.message] }
  if (value instanceof ArrayBuffer || value instanceof Uint8Array || value instanceof DataView)
    return { $bytes: btoa(Array.from(bytesOf(value), byte => String.fromCharCode(byte)).join('')) }
  if (ArrayBuffer.isView(value))
    return { $array: [value.constructor.name, Array.from(value, member => typeof member === 'bigint' ? String(member) : member)] }
  const pairs = Object.entries(value).map(([key, member]) => [key, inside(member)])
  return pairs.length === 1 && pairs[0][0].startsWith('$') ? { $object: pairs } : Object.fromEntries(pairs)
}

function bytesOf(value) {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
}
