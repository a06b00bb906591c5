/** Chooses between WebSocket and server-sent events, for one connection after another. */

import { openEventStream } from './event-stream.js'
import { openWebSocket } from './websocket.js'

/**
 * The connection that frames go through.
 *
 * @typedef {object} Transport
 * @property {boolean} isOpen
 * @property {() => number} backlog returns a number that shrinks while frames are being sent
 * @property {(text: string, kind?: 'call' | 'event') => void} send sends a frame. Replies have no kind, and never wait
 * @property {() => void} close ends it
 *
 * @typedef {object} Listeners
 * @property {(transport: Transport, text: string) => void} onFrame
 * @property {(transport: Transport, how: { code?: number, reason?: string }) => void} onClose is called once when an open transport ends
 * @property {(text: string, status: number) => void} onRefusal is called when the server has answered a frame of this side with an HTTP
 *   status other than success, and goes on
 */

/** @type {Record<string, (url: string, listeners: Listeners, signal: AbortSignal) => Promise<Transport>>} */
export const OPEN = { websocket: openWebSocket, sse: openEventStream }

/** @type {Record<string, (found: import('./discovery.js').Endpoints) => string | undefined>} */
export const ADDRESS = { websocket: found => found.url, sse: found => found.sse }

/**
 * @param {'auto' | 'websocket' | 'sse'} wanted
 * @param {number} fallbackAfter milliseconds for which WebSockets have to fail until the event stream is tried, once one has worked
 */
export function createChoice(wanted, fallbackAfter) {
  if (wanted !== 'auto' && !Object.hasOwn(OPEN, wanted))
    throw new TypeError(`\`transport\` is ${JSON.stringify(wanted)}, and has to be 'auto', 'websocket' or 'sse'`)
  let current = 'websocket' // the transport that is tried first
  let hasWorked = false // whether the server was heard over a WebSocket
  let failingSince // the time of the first failure after that

  const isPatient = () => hasWorked && (failingSince === undefined || performance.now() - failingSince < fallbackAfter)

  return {
    /** Returns the transports to try, in order. */
    of(found) {
      if (wanted !== 'auto') {
        if (!ADDRESS[wanted](found))
          throw new Error(`the server offers no ${wanted === 'sse' ? 'event stream' : 'WebSocket'}: choose another \`transport\``)
        return [wanted]
      }
      if (!found.sse)
        return ['websocket']
      if (!found.url || found.prefersSse)
        return ['sse']
      if (current === 'sse')
        return ['sse', 'websocket']
      return isPatient() ? ['websocket'] : ['websocket', 'sse']
    },
    /** Notes that the server was heard over a transport. */
    heard(transport) {
      current = transport
      if (transport === 'websocket') {
        hasWorked = true
        failingSince = undefined
      }
    },
    /** Notes that the server was not heard over a transport. */
    failed(transport) {
      if (transport === 'websocket')
        failingSince ??= performance.now()
    },
  }
}
