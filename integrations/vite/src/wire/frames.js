/** Reads and writes the text of frames, in both codecs. */

import { decodeClone, encodeClone } from './clone.js'

/** Writes a call. `isJson` is set if the function takes JSON. */
export function requestFrame(name, args, isJson, optional, id) {
  const frame = { m: name, a: args, t: 'q' }
  if (optional)
    frame.o = true
  if (id !== undefined)
    frame.i = id
  if (isJson)
    frame.a = args.slice(0, args.findLastIndex(arg => arg !== undefined) + 1) // trailing ones are left out, because JSON would write null
  return toText(frame, isJson)
}

/** Writes the reply to a call. */
export function replyFrame(id, result, isJson) {
  return toText({ t: 's', i: id, r: result }, isJson)
}

/** Writes the reply to a call that failed. It is never JSON. */
export function errorFrame(id, error) {
  const message = String(error instanceof Error ? error.message : error)
  return toText({ t: 's', i: id, e: new Error(message) }, false)
}

function toText(frame, isJson) {
  return isJson ? toJson(frame) : `s:${JSON.stringify(encodeClone(frame))}`
}

/** Refuses values that JSON would silently write as an empty object. */
function toJson(frame) {
  return JSON.stringify(frame, (key, value) => {
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      throw new TypeError(`"${key}" is a ${value.constructor.name}, which JSON cannot carry`)
    return value
  })
}

export function decodeFrame(text) {
  if (typeof text !== 'string')
    throw new TypeError('the server sent a binary frame')
  const frame = text.startsWith('s:') ? decodeClone(JSON.parse(text.slice(2))) : JSON.parse(text)
  if (typeof frame !== 'object' || frame === null)
    throw new TypeError('the server sent a frame that is not an object')
  return frame
}
