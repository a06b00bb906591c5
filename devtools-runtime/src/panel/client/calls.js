/** Calls in both directions: those to the server that wait for their reply, and those of what the page offers. */

import { list } from './clone.js'
import { ConnectionError, lost, thrown, TooLargeError } from './errors.js'
import { decodeFrame, errorFrame, replyFrame, requestFrame } from './frames.js'

/**
 * The calls of one client, over one socket after another.
 *
 * @param {number} callTimeout milliseconds until a call without a reply fails; 0 waits for ever
 * @param {() => void} onTimeout such a call has failed
 */
export function createCalls(callTimeout, onTimeout) {
  const functions = new Map() // name → what the server may call
  const pending = new Map() // id → how to settle that call
  let asJson = new Set() // names of functions whose values the server takes as JSON
  let lastId = 0
  let limit = Infinity // bytes of a frame, as far as the server has said
  let largest = 0 // bytes of the largest frame that was sent over this connection

  function frame(name, args, optional, id) {
    return requestFrame(name, args, asJson.has(name), optional, id)
  }

  function request(socket, name, args, optional) {
    return new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN)
        throw lost(false)
      const id = String(++lastId)
      const text = frame(name, args, optional, id)
      write(socket, text, `the request of "${name}"`)
      const expire = () => {
        settle(id, () => reject(new ConnectionError(`"${name}" did not answer within ${callTimeout} ms`, true)))
        onTimeout()
      }
      pending.set(id, { resolve, reject, name, size: sizeOf(text), timer: callTimeout > 0 && setTimeout(expire, callTimeout) })
    })
  }

  /** Sends a frame, unless it is larger than the server takes: that would end the connection, and all that goes on over it. */
  function write(socket, frame, subject = 'a frame') {
    const size = sizeOf(frame)
    if (size > limit)
      throw new TooLargeError(subject, size, limit)
    largest = Math.max(largest, size)
    socket.send(frame)
  }

  function settle(id, how) {
    const entry = pending.get(id)
    if (!entry)
      return // it timed out, or was never ours
    pending.delete(id)
    clearTimeout(entry.timer)
    how(entry)
  }

  function receive(text, from) {
    const { t, m, a, o, i, r, e } = decodeFrame(text)
    if (t === 'q')
      answer(from, m, a, o, i)
    else if (e) // a falsy one means success
      settle(i, ({ reject }) => reject(thrown(e)))
    else
      settle(i, ({ resolve }) => resolve(r))
  }

  async function answer(from, name, args, optional, id) {
    let reply
    try {
      const handler = functions.get(name)
      if (!handler && !optional)
        throw new Error(`[birpc] function "${name}" not found`)
      const result = await handler?.(...list(args ?? []))
      reply = id && replyFrame(id, result, asJson.has(name))
    }
    catch (error) {
      if (!id && functions.has(name))
        console.error(`[devtools] "${name}" failed`, error)
      reply = id && errorFrame(id, error)
    }
    if (!id || from.readyState !== from.OPEN)
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
    /** The text of a call that wants no reply. */
    frame,
    /** Calls the server, and gives the promise of the result. */
    request,
    /** Sends a frame: `subject` says in an error what it is. */
    write,
    /** There is a new connection, over which the server takes these functions as JSON, and frames of so many bytes. */
    begin(jsonMethods, frameBytes) {
      asJson = new Set(jsonMethods)
      limit = frameBytes ?? Infinity
      largest = 0
    },
    /** Takes the text of a frame that came `from` a socket. */
    receive,
    /** Fails the calls that still wait. */
    fail(error) {
      for (const id of [...pending.keys()])
        settle(id, ({ reject }) => reject(error))
    },
    /** Fails the calls that caused the server to refuse a frame as too large: the largest that was sent. */
    refuse(detail) {
      for (const [id, { name, size }] of [...pending]) {
        if (size === largest)
          settle(id, ({ reject }) => reject(new TooLargeError(`the request of "${name}"`, size, undefined, detail)))
      }
    },
  }
}

/** How many bytes a text has. Where that cannot matter, it is a guess. */
const sizeOf = text => text.length < SMALL ? text.length : new TextEncoder().encode(text).length

const SMALL = 300 // no limit of a server is three times as low
