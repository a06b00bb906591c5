/** A connection to a program: calls in both directions. */

import { Buffer } from 'node:buffer'
import { discoverServer } from './discovery.js'
import { decodeFrame, errorFrame, replyFrame, requestFrame } from './frames.js'
import { openSocket } from './socket.js'

/** The name by which the connections of the plugin introduce themselves. */
const AGENT = 'vite-plugin-devtools-runtime'

/** The error of a call whose connection ended before the reply. */
export class DisconnectedError extends Error {}

/**
 * @typedef {object} Connection
 * @property {(name: string, args: any[], optional?: boolean) => Promise<any>} call calls a function of the program
 * @property {(name: string, args: any[]) => void} send sends an event
 * @property {(reason?: string) => void} close closes the connection; calls in flight fail with the reason
 * @property {Promise<string>} closed resolves with the reason when the connection has ended
 */

/**
 * Opens a connection that the program trusts.
 *
 * @param {string} url the mount of the program's functions
 * @param {object} options
 * @param {string} [options.token]
 * @param {number} options.limit the time in milliseconds until the program trusts the connection
 * @param {string} options.hint what a person can do if there is no program
 * @param {(name: string, args: any[], call: { isEvent: boolean, isOptional: boolean }) => any} options.answer answers what the program calls
 * @returns {Promise<Connection>} rejects if there is no program, or it does not trust the token
 */
export async function connect(url, { token, limit, hint, answer }) {
  const { url: address, frameBytes = Infinity } = await discoverServer(url).catch((error) => {
    const isSilent = [error.cause, ...error.cause?.errors ?? []].some(cause => cause?.name === 'TimeoutError') // it is asked twice
    throw new Error(`${isSilent ? `the program at ${url} does not answer` : error.message}: ${hint}`, { cause: error })
  })
  if (address === undefined)
    throw new Error(`the program at ${url} offers no WebSocket`)
  const query = token ? `?devframe_auth_token=${encodeURIComponent(token)}` : ''
  const socket = await openSocket(address + query, limit)
  const pending = new Map() // id → resolvers of that call
  let lastId = 0
  const closed = new Promise(resolve => socket.onClose = resolve)
  closed.then((reason) => {
    for (const { reject, name } of pending.values())
      reject(new DisconnectedError(`"${name}" got no reply: ${reason}`))
    pending.clear()
  })
  socket.onMessage = (text) => {
    let frame
    try {
      frame = decodeFrame(text)
    }
    catch {
      return // as every peer of the protocol does with a frame that it cannot read
    }
    if (frame.t === 'q')
      reply(frame)
    else
      settle(frame)
  }

  function settle({ i, r, e }) {
    const call = pending.get(i)
    pending.delete(i)
    if (e)
      call?.reject(e instanceof Error ? e : new Error(String(e)))
    else
      call?.resolve(r)
  }

  async function reply({ m, a, o, i }) {
    let text
    try {
      const result = await answer(m, Array.isArray(a) ? a : [], { isEvent: !i, isOptional: o === true })
      text = i && replyFrame(i, result, false)
    }
    catch (error) {
      text = i && errorFrame(i, error)
    }
    if (i)
      write(text)
  }

  function write(text) {
    const size = Buffer.byteLength(text)
    if (size > frameBytes)
      throw new Error(`the request has ${size} bytes, over the limit of ${frameBytes}`)
    socket.send(text)
  }

  function call(name, args, optional = false) {
    return new Promise((resolve, reject) => {
      if (!socket.isOpen)
        throw new DisconnectedError(`"${name}" was not called: the connection is closed`)
      const id = String(++lastId)
      write(requestFrame(name, args, false, optional, id))
      pending.set(id, { resolve, reject, name })
    })
  }

  const introduction = { authToken: token ?? '', ua: AGENT, origin: '' }
  const timer = setTimeout(() => socket.close(tooLate(limit)), limit)
  try {
    const { isTrusted } = await call('anonymous:devframe:auth', [introduction])
    if (!isTrusted)
      throw new Error(token ? 'the program does not trust the token: look at the option `token`' : 'the program wants a token: set the option `token`')
  }
  catch (error) {
    socket.close()
    throw error
  }
  finally {
    clearTimeout(timer)
  }
  return {
    call,
    send(name, args) {
      if (socket.isOpen)
        write(requestFrame(name, args, false, true))
    },
    close: reason => socket.close(reason),
    closed,
  }
}

/** Says that a program has not answered in time. */
export function tooLate(limit) {
  return `the program did not answer within ${limit} ms: look at the option \`startTimeout\``
}
