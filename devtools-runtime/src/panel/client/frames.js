/** The text of frames: read in both codecs, and written as JSON, but for errors. */

import { decodeClone } from './clone.js'

export function requestFrame(name, args, optional, id) {
  const end = args.findLastIndex(arg => arg !== undefined) + 1 // left out rather than null
  return toJson({ m: name, a: args.slice(0, end), t: 'q', o: optional, i: id })
}

/** JSON would write these as an empty object without a word. */
export function toJson(frame) {
  return JSON.stringify(frame, (key, value) => {
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      throw new TypeError(`"${key}" is a ${value.constructor.name}, which JSON cannot carry`)
    return value
  })
}

/** Errors are never JSON on this wire, so this one is spelled out in structured-clone text. */
export function errorFrame(id, error) {
  const message = String(error instanceof Error ? error.message : error)
  return `s:${JSON.stringify([[2, [[1, 2], [3, 4], [5, 6]]], [0, 't'], [0, 's'], [0, 'i'], [0, id], [0, 'e'], [7, { name: 'Error', message }]])}`
}

export function decodeFrame(text) {
  if (typeof text !== 'string')
    throw new TypeError('the server sent a binary frame')
  const frame = text.startsWith('s:') ? decodeClone(JSON.parse(text.slice(2))) : JSON.parse(text)
  if (typeof frame !== 'object' || frame === null)
    throw new TypeError('the server sent a frame that is no object')
  return frame
}
