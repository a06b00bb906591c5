/** Structured-clone text: what carries the values that JSON cannot. */

/** Reads structured clone: records `[tag, payload]` that refer to each other by index, the first being the value. */
export function decodeClone(records) {
  const seen = new Map()
  return read(0)

  function read(index) {
    if (seen.has(index))
      return seen.get(index)
    const [tag, payload] = list(Number.isInteger(index) ? list(records)[index] : undefined)
    const value = construct(tag, payload)
    seen.set(index, value) // before its members are read, which is what makes cycles work
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

/** The value of a record, but for the members of containers. */
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

const ERROR = /^(Eval|Range|Reference|Syntax|Type|URI)Error$/
const TYPED_ARRAY = /^(Int8|Uint8|Uint8Clamped|Int16|Uint16|Int32|Uint32|Float16|Float32|Float64|BigInt64|BigUint64)Array$/

/** @returns {any[]} */
export function list(payload) {
  if (!Array.isArray(payload))
    throw new TypeError('a list was expected')
  return payload
}
