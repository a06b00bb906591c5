/** Calls in both directions: pending calls to the server, and calls of functions that the page has registered. */

import { list } from './clone.js'
import { ConnectionError, lost, thrown, TooLargeError } from './errors.js'
import { decodeFrame, errorFrame, replyFrame, requestFrame } from './frames.js'

/**
 * The calls of one client, over one transport after another.
 *
 * @param {number} callTimeout milliseconds until a call without a reply fails; 0 waits forever
 * @param {() => void} onTimeout is called when a call has timed out
 */
export function createCalls(callTimeout, onTimeout) {
  const functions = new Map() // name → function that the server may call
  const pending = new Map() // id → resolvers of that call
  const answering = new Map() // id → what ends the handler of that call of the server
  let asJson = new Set() // names of functions that take JSON
  let lastId = 0
  let limit = Infinity // the largest frame that the server accepts, in bytes
  let largest = 0 // the largest frame that was sent over this connection, in bytes

  function frame(name, args, optional, id) {
    return requestFrame(name, args, asJson.has(name), optional, id)
  }

  function request(transport, name, args, optional, limit = callTimeout) {
    return new Promise((resolve, reject) => {
      if (!transport?.isOpen)
        throw lost(false)
      const id = String(++lastId)
      const text = frame(name, args, optional, id)
      write(transport, text, `the request of "${name}"`, 'call')
      const expire = () => {
        settle(id, () => reject(new ConnectionError(`"${name}" did not answer within ${limit} ms`, true)))
        onTimeout()
      }
      pending.set(id, { resolve, reject, name, size: sizeOf(text), timer: limit > 0 && setTimeout(expire, limit) })
    })
  }

  /** Sends a frame. Throws if the server would refuse it as too large, because that would close the whole connection. */
  function write(transport, frame, subject, kind) {
    const size = sizeOf(frame)
    if (size > limit)
      throw new TooLargeError(subject, size, limit)
    largest = Math.max(largest, size)
    transport.send(frame, kind)
  }

  function settle(id, how) {
    const entry = pending.get(id)
    if (!entry)
      return // it timed out, or is unknown
    pending.delete(id)
    clearTimeout(entry.timer)
    how(entry)
  }

  function receive(text, from) {
    const { t, m, a, o, i, r, e } = decodeFrame(text)
    if (t === 'q' && m === CANCEL)
      answering.get(a?.[0])?.abort(new ConnectionError('the caller does not wait any more', true))
    else if (t === 'q')
      answer(from, m, a, o, i)
    else if (e) // a falsy one means success
      settle(i, ({ reject }) => reject(thrown(e)))
    else
      settle(i, ({ resolve }) => resolve(r))
  }

  async function answer(from, name, args, optional, id) {
    let reply
    const over = new AbortController()
    if (id)
      answering.set(id, over)
    try {
      const handler = functions.get(name)
      if (!handler && !optional)
        throw new Error(`[birpc] function "${name}" not found`)
      const result = await handler?.apply({ signal: over.signal }, list(args ?? []))
      reply = id && replyFrame(id, result, asJson.has(name))
    }
    catch (error) {
      if (!id && functions.has(name))
        console.error(`[devtools] "${name}" failed`, error)
      reply = id && errorFrame(id, error)
    }
    answering.delete(id)
    if (!id || !from.isOpen)
      return
    try {
      write(from, reply, `the reply of "${name}"`)
    }
    catch (error) {
      write(from, errorFrame(id, error), 'an error')
    }
  }

  return {
    functions,
    /** Returns the text of a call without a reply. */
    frame,
    /** Calls the server, and returns a promise of the result. The time limit is that of calls, unless another one is given. */
    request,
    /** Sends a frame over a transport. `subject` describes it in errors. */
    write,
    /** Begins a new connection, with the functions that take JSON, and the largest frame in bytes. */
    begin(jsonMethods, frameBytes) {
      asJson = new Set(jsonMethods)
      limit = frameBytes ?? Infinity
      largest = 0
    },
    /** Handles the text of a frame that came `from` a transport. */
    receive,
    /** Fails all pending calls. */
    fail(error) {
      for (const id of [...pending.keys()])
        settle(id, ({ reject }) => reject(error))
      for (const over of answering.values())
        over.abort(error)
      answering.clear()
    },
    /** Fails the call whose frame was answered with an HTTP status other than success. Throws if the frame was no call. */
    refused(frame, status) {
      const { m: name, i: id } = decodeFrame(frame)
      const [subject, size] = [`the request of "${name}"`, sizeOf(frame)]
      const error = status === TOO_LARGE
        ? new TooLargeError(subject, size, undefined, `status ${status}`)
        : new ConnectionError(`${subject} was answered with status ${status}`, true)
      if (!pending.has(id))
        throw error
      settle(id, ({ reject }) => reject(error))
    },
    /** Fails the calls whose frame was refused as too large: those with the largest frame. */
    refuse(detail) {
      for (const [id, { name, size }] of [...pending]) {
        if (size === largest)
          settle(id, ({ reject }) => reject(new TooLargeError(`the request of "${name}"`, size, undefined, detail)))
      }
    },
  }
}

/** Returns the length of a text in bytes. For a small text it is an estimate. */
const sizeOf = text => text.length < SMALL ? text.length : new TextEncoder().encode(text).length

const CANCEL = 'devtools-runtime:cancel' // the event of a server that does not wait for a reply any more
const TOO_LARGE = 413 // the HTTP status for a body that is too large
const SMALL = 300 // below this, the estimate cannot exceed any limit of a server
