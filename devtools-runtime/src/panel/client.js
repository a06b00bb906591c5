/**
 * A small client for panels that have no bundler. It lies beside the metadata, of a server and of a static dump alike:
 *
 *     import { connect } from '../__devtools/client.js' // or '../client.js', where an application has mounted the service
 *     const rpc = await connect()
 *     const file = await rpc.call('my-plugin:read-file', 'src/main.rs')
 *
 * It calls functions, offers some to the server, reads streams and uploads, follows values that the server shares, and comes
 * back by itself after a lost connection. On a static dump, whose `rpc.backend` is `'static'`, calls are answered with what was
 * recorded, and nothing can be changed. `asRpcError` says what an error is that a function failed with.
 */

/**
 * `suspicious` means that the server has not answered for a while: calls still go out, and either it answers after all, or the
 * connection is given up. `disconnected` and `error` are followed by another attempt, unless `close` was called. `unauthorized`
 * lasts until another page of this origin earns trust, or this one is sent to a link with a code.
 *
 * @typedef {'connecting' | 'connected' | 'suspicious' | 'disconnected' | 'error' | 'unauthorized'} Status
 *
 * @typedef {(wrong: number, signal: AbortSignal, reason?: string) => Promise<string | null>} RequestCode asks for the one-time
 *   code that the server shows; `null` gives up. `wrong` counts the codes that were not right; `signal` aborts when none is needed
 *   any more; `reason` says in words why the last code was not even looked at, if it was not
 *
 * @typedef {object} Options
 * @property {string | URL} [base] where the metadata is: where the server is mounted, or a folder of a dump; by default the
 *   folder of this file
 * @property {number} [callTimeout] milliseconds until a call without a reply fails; 0, the default, waits for ever
 * @property {number} [keepAlive] milliseconds of silence after which the server is asked for a sign of life; 30,000 by default, and
 *   0 asks only where there is a reason: a call without a reply, or a page that was asleep
 * @property {string} [authToken] proof of trust; by default the one an earlier visit left in `localStorage`
 * @property {false | RequestCode} [requestCode] how the user is asked for a code when the server does not trust the page; by
 *   default with a dialog, but not in a frame of a page of the same origin, which asks for both; `false` asks nobody
 *
 * @typedef {object} Client
 * @property {'websocket' | 'static'} backend what answers: a server, or the files of a static dump
 * @property {Status} status always `connected` on a dump, until it is closed
 * @property {Error | undefined} error why there is no connection, in words for the user; `undefined` while there is one
 * @property {(name: string, ...args: any[]) => Promise<any>} call calls a function of the server. Arguments and results may be
 *   all that structured clone carries, such as a `Map`, a `Date` or a `BigInt`, where the function takes more than JSON;
 *   rejects with the function's error (see `asRpcError`), with a `ConnectionError` whose `mayHaveRun` is false if there is no
 *   connection or the request is too large, and true if the connection was lost before the reply came, or if the dump has no
 *   record for these arguments and no fallback
 * @property {(name: string, ...args: any[]) => Promise<any>} callOptional gives `undefined` if there is no such function
 * @property {(name: string, ...args: any[]) => void} callEvent wants no reply; lost while there is no connection, and on a
 *   dump
 * @property {(name: string, handler: (...args: any[]) => any) => () => void} register offers a function to the server,
 *   over reconnections too, until the returned function is called
 * @property {(key: string, initial?: any) => Promise<SharedState>} sharedState a value that the server shares, kept in step
 *   over reconnections too; rejects if the server has none of this key and there is no initial value. On a dump it begins with
 *   what was recorded, and changes stay in the page
 * @property {(event: 'status', listener: (status: Status, error?: Error) => void) => () => void} on listens until the
 *   returned function is called
 * @property {Streaming} streaming the streams of the server; a dump has none, and both functions throw
 * @property {() => void} close ends the connection for good; calls in flight fail
 *
 * @typedef {object} Streaming
 * @property {(channel: string, id: string) => StreamReader} subscribe reads a stream of the server, over reconnections too
 * @property {(channel: string, id: string) => Upload} upload uploads to a stream that the server has opened; lost with
 *   the connection
 *
 * @typedef {AsyncIterable<any> & { cancel: () => void, readonly missed: number }} StreamReader what the server sends; throws the
 *   error that the stream ends with. Leaving the loop cancels it. `missed` counts the chunks that were lost on the way
 *   because this side was slow or away
 *
 * @typedef {object} Upload
 * @property {AbortSignal} signal aborts when the server wants no more, or the connection is lost
 * @property {(chunk: any) => void} write sends a chunk
 * @property {(error?: Error) => void} close says that this was all, or what went wrong
 */

/**
 * @typedef {object} SharedState
 * @property {() => any} value the value at this moment, which is not to be changed in place
 * @property {(change: (draft: any) => any) => void} mutate has a copy of the value changed, or another returned, and tells
 *   everybody; what the server refuses is taken back
 * @property {(value: any) => void} set takes another value, and tells everybody
 * @property {(listener: (value: any) => void) => () => void} on listens to changes, by anybody, until the returned function is
 *   called
 */

import { attempt } from './client/attempt.js'
import { createCalls } from './client/calls.js'
import { CONNECT_LIMIT, discover, discoverServer } from './client/discovery.js'
import { ConnectionError, lost } from './client/errors.js'
import { createPulse } from './client/pulse.js'
import { createStates } from './client/states.js'
import { createStreams } from './client/streams.js'
import { createTrust, UnauthorizedError } from './client/trust.js'

export { asRpcError, ConnectionError } from './client/errors.js'

const ALIVE = 'devtools-runtime:alive' // a function that no server has, for an optional call
const TOO_LARGE = 1009 // the code of a WebSocket that was closed because of it
const KEEP_ALIVE = 30_000
const RETRY_FIRST = 500
const RETRY_LIMIT = 10_000

/**
 * Connects to the server, and waits until it trusts this page or it is clear that it will not; or opens the static dump.
 *
 * @param {Options} [options]
 * @returns {Promise<Client>} `connected` or `unauthorized`; rejects if there is neither a server nor a dump
 */
export async function connect(options = {}) {
  const base = options.base ?? new URL('.', import.meta.url)
  const found = await discover(base)
  if (!found.dump)
    return connectLive(base, found, options)
  const { openDump } = await import('./static.js') // pages of a live server need not load it
  return openDump(found.dump, options)
}

/** @returns {Promise<Client>} */
async function connectLive(base, first, { callTimeout = 0, keepAlive = KEEP_ALIVE, authToken, requestCode }) {
  const calls = createCalls(callTimeout, () => pulse.check(true))
  const { functions } = calls
  const listeners = new Set()
  let status = /** @type {Status} */ ('connecting')
  let problem = /** @type {Error | undefined} */ (undefined)
  let socket, retryTimer
  let found = first // of the metadata; for one connection
  let closed = false

  const isConnected = () => status === 'connected' || status === 'suspicious'
  const offer = (name, handler) => functions.set(name, handler)
  const streams = createStreams({ send, offer, isConnected })
  const states = createStates({ call: (name, ...args) => call(name, args), isConnected, offer })
  const trust = createTrust({ authToken, requestCode, request, isConnected, onNews: () => status === 'unauthorized' && reopen() })
  const pulse = createPulse(keepAlive, {
    ask: () => calls.write(socket, calls.frame(ALIVE, [], true, ALIVE)),
    backlog: () => socket.bufferedAmount,
    onDoubt(isSuspicious) {
      if (isConnected())
        update(isSuspicious ? 'suspicious' : 'connected')
    },
    onDead() {
      const error = new Error('the server gives no sign of life')
      socket.onclose = socket.onmessage = null // it may take the browser a minute to close it
      socket.close()
      const was = isConnected()
      failAll(lost(true))
      if (was)
        retry(RETRY_FIRST, 'error', error)
    },
    onWake() {
      if (status === 'disconnected' || status === 'error') {
        clearTimeout(retryTimer)
        reopen()
      }
    },
  })
  offer('devframe:auth:revoked', () => {
    trust.forget()
    leave('unauthorized', new UnauthorizedError('the server withdrew its trust from this page'))
  })

  function update(next, error) {
    status = next
    problem = error
    for (const listener of listeners)
      attempt(() => listener(next, error))
  }

  function request(name, args, optional) {
    return calls.request(socket, name, args, optional)
  }

  async function call(name, args, optional) {
    if (!isConnected())
      throw new ConnectionError(`cannot call "${name}" without a connection (${status})`, false, { cause: problem })
    return request(name, args, optional)
  }

  function send(name, ...args) {
    if (isConnected())
      calls.write(socket, calls.frame(name, args, true), `the event "${name}"`)
  }

  function failAll(error) {
    calls.fail(error instanceof ConnectionError ? error : new ConnectionError(error.message, true, { cause: error }))
    streams.stopUploads(error)
    trust.fail(error)
  }

  /** Opens a connection and earns trust on it. What follows its loss is up to `retry`. */
  async function open() {
    const { url, token, jsonMethods, frameBytes } = found ?? await discoverServer(base)
    found = undefined
    if (closed)
      throw new Error('the connection was closed')
    const opened = socket = new WebSocket(url)
    const limit = setTimeout(() => opened.close(), CONNECT_LIMIT)
    try {
      await new Promise((resolve, reject) => {
        opened.onopen = resolve
        opened.onerror = () => {} // always followed by a close
        opened.onclose = () => reject(new Error(`cannot connect to ${url}`))
      })
      opened.onmessage = ({ data }) => {
        pulse.heard()
        attempt(() => calls.receive(data, opened))
      }
      opened.onclose = ({ code, reason }) => {
        if (opened !== socket)
          return // given up before, for the one that followed
        pulse.stop()
        if (code === TOO_LARGE)
          calls.refuse(reason)
        failAll(lost(true))
        if (isConnected())
          retry()
      }
      calls.begin(jsonMethods, frameBytes)
      pulse.start()
      await trust.earn(token, () => clearTimeout(limit))
      update('connected')
      streams.resume()
      states.sync()
    }
    catch (error) {
      if (opened === socket)
        pulse.stop()
      opened.close()
      throw error
    }
    finally {
      clearTimeout(limit)
    }
  }

  function retry(delay = RETRY_FIRST, reason = 'disconnected', error) {
    // Half of the delay is random, so that many panels do not return in step.
    retryTimer = setTimeout(reopen, delay * (0.5 + Math.random() / 2), delay)
    update(reason, error)
  }

  async function reopen(delay = RETRY_FIRST) {
    update('connecting')
    try {
      await open()
    }
    catch (error) {
      if (closed)
        return
      if (error instanceof UnauthorizedError)
        update('unauthorized', error)
      else
        retry(Math.min(delay * 2, RETRY_LIMIT), 'error', error)
    }
  }

  function leave(last, error) {
    clearTimeout(retryTimer)
    failAll(error)
    streams.endReaders(error)
    pulse.stop()
    socket?.close()
    update(last, error)
  }

  function close() {
    if (closed)
      return
    closed = true
    trust.close()
    pulse.close()
    leave('disconnected', new Error('the connection was closed'))
  }

  try {
    await open()
  }
  catch (error) {
    if (!(error instanceof UnauthorizedError)) {
      close()
      throw error
    }
    update('unauthorized', error)
  }
  return {
    backend: 'websocket',
    get status() {
      return status
    },
    get error() {
      return problem
    },
    call: (name, ...args) => call(name, args),
    callOptional: (name, ...args) => call(name, args, true),
    callEvent(name, ...args) {
      if (isConnected())
        calls.write(socket, calls.frame(name, args), `the event "${name}"`)
    },
    register(name, handler) {
      if (functions.has(name))
        throw new Error(`"${name}" is already registered`)
      functions.set(name, handler)
      return () => functions.get(name) === handler && functions.delete(name)
    },
    streaming: streams.streaming,
    sharedState: states.open,
    on(event, listener) {
      if (event !== 'status')
        throw new Error(`there is no event "${event}"`)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close,
  }
}
