/** Calls in both directions: those to the server that wait for their reply, and those of what the page offers. */

import { list } from './clone.js'
import { lost, thrown } from './errors.js'
import { decodeFrame, errorFrame, replyFrame, requestFrame } from './frames.js'

/**
 * The calls of one client, over one socket after another.
 *
 * @param {number} callTimeout milliseconds until a call without a reply fails; 0 waits for ever
 */
export function createCalls(callTimeout) {
  const functions = new Map() // name → what the server may call
  const pending = new Map() // id → how to settle that call
  let asJson = new Set() // names of functions whose values the server takes as JSON
  let lastId = 0

  function frame(name, args, optional, id) {
    return requestFrame(name, args, asJson.has(name), optional, id)
  }

  function request(socket, name, args, optional) {
    return new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN)
        throw lost()
      const id = String(++lastId)
      socket.send(frame(name, args, optional, id))
      const expire = () => settle(id, () => reject(new Error(`"${name}" did not answer within ${callTimeout} ms`)))
      pending.set(id, { resolve, reject, timer: callTimeout > 0 && setTimeout(expire, callTimeout) })
    })
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
    if (id && from.readyState === from.OPEN)
      from.send(reply)
  }

  return {
    functions,
    /** What the server says of a new connection. */
    begin(jsonMethods) {
      asJson = new Set(jsonMethods)
    },
    /** The text of a call that wants no reply. */
    frame,
    /** Calls the server, and gives the promise of the result. */
    request,
    /** Takes the text of a frame that came `from` a socket. */
    receive,
    /** Fails the calls that still wait. */
    fail(error) {
      for (const id of [...pending.keys()])
        settle(id, ({ reject }) => reject(error))
    },
  }
}
