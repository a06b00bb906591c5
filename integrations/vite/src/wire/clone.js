/** Structured-clone text: an encoding for values that JSON does not have. */

/** Reads structured clone: records `[tag, payload]` that refer to each other by index, the first being the value. */
export function decodeClone(records) {
  const seen = new Map()
  return read(0)

  function read(index) {
    if (seen.has(index))
      return seen.get(index)
    const [tag, payload] = list(Number.isInteger(index) ? list(records)[index] : undefined)
    const value = construct(tag, payload)
    seen.set(index, value) // before its members are read, so that cycles work
    switch (tag) {
      case 1:
        for (const member of list(payload))
          value.push(read(member))
        break
      case 6:
        for (const member of list(payload))
          value.add(read(member))
        break
      case 2:
        for (const [name, member] of list(payload)) {
          const key = String(read(name))
          const field = read(member)
          if (key !== '__proto__') // an assignment would change the prototype
            value[key] = field
        }
        break
      case 5:
        for (const [key, member] of list(payload))
          value.set(read(key), read(member))
    }
    return value
  }
}

/** Returns the value of a record, without the members of a container. */
function construct(tag, payload) {
  switch (tag) {
    case -1: return undefined
    case 0: return payload
    case 1: return []
    case 2: return {}
    case 3: return new Date(payload)
    case 4: return new RegExp(payload.source, payload.flags)
    case 5: return new Map()
    case 6: return new Set()
    case 7: return new (ERROR.test(payload.name) ? globalThis[payload.name] : Error)(payload.message)
    case 8: return BigInt(payload)
    case 'BigInt': return Object(BigInt(payload))
    case 'Boolean': case 'Number': case 'String': return new globalThis[tag](payload)
    case 'ArrayBuffer': return new Uint8Array(list(payload)).buffer
    case 'DataView': return new DataView(new Uint8Array(list(payload)).buffer)
  }
  if (!TYPED_ARRAY.test(tag))
    throw new TypeError(`there is no type ${JSON.stringify(tag)}`)
  return new globalThis[tag](list(payload))
}

/**
 * Writes structured clone, byte for byte as the ecosystem's encoder (structured-clone-es) does. Functions and symbols are left
 * out, or are `null` in a list. Throws for values that neither side can read, such as an invalid date.
 */
export function encodeClone(root) {
  const records = []
  const places = new Map() // value → index of its record, so that shared values and cycles work
  write(root)
  return records

  function write(value) {
    return places.get(value) ?? enter(value)
  }

  function enter(value) {
    switch (typeof value) {
      case 'undefined': return add(value, [-1])
      case 'bigint': return add(value, [8, String(value)])
      case 'function': case 'symbol': return add(value, [0, null])
    }
    if (typeof value !== 'object' || value === null)
      return add(value, [0, value])
    const kind = kindOf(value)
    switch (kind) {
      case 'Array': return fill(value, 1, value, write)
      case 'Date': return add(value, [3, value.toISOString()])
      case 'RegExp': return add(value, [4, { source: value.source, flags: value.flags }])
      case 'Map': return fill(value, 5, [...value].filter(entry => entry.every(isData)), writePair)
      case 'Set': return fill(value, 6, [...value].filter(isData), write)
      case 'Boolean': case 'Number': case 'String': return add(value, [kind, value.valueOf()])
      case 'BigInt': return add(value, [kind, String(value)])
      case 'ArrayBuffer': return add(value, [kind, [...new Uint8Array(value)]])
      case 'DataView': return add(value, [kind, [...new Uint8Array(value.buffer)]])
    }
    if (TYPED_ARRAY.test(kind))
      return add(value, [kind, Array.from(value, kind.startsWith('Big') ? String : Number)])
    if (kind.includes('Error'))
      return add(value, [7, { name: kind, message: value.message }])
    if (kind.includes('Array'))
      throw new TypeError(`a ${kind} cannot be sent`)
    if ('toJSON' in value)
      return write(value.toJSON())
    return fill(value, 2, Object.keys(value), key => isData(value[key]) ? writePair([key, value[key]]) : undefined)
  }

  function add(value, record) {
    const place = records.push(record) - 1
    places.set(value, place)
    return place
  }

  /** Adds a container. It has its index before its members are written. */
  function fill(value, tag, members, writeMember) {
    const payload = []
    const place = add(value, [tag, payload])
    for (const member of members) {
      const written = writeMember(member)
      if (written !== undefined)
        payload.push(written)
    }
    return place
  }

  function writePair([key, value]) {
    return [write(key), write(value)]
  }
}

const isData = value => typeof value !== 'function' && typeof value !== 'symbol'

/** Returns the class name of an object, which may come from another page. */
export const kindOf = value => Object.prototype.toString.call(value).slice('[object '.length, -1)

const ERROR = /^(Eval|Range|Reference|Syntax|Type|URI)Error$/
const TYPED_ARRAY = /^(Int8|Uint8|Uint8Clamped|Int16|Uint16|Int32|Uint32|Float16|Float32|Float64|BigInt64|BigUint64)Array$/

/** @returns {any[]} */
export function list(payload) {
  if (!Array.isArray(payload))
    throw new TypeError('a list was expected')
  return payload
}
