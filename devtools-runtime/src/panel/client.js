/**
 * A small client for panels without a bundler. It lies beside the metadata, on a server as in a static dump:
 *
 *     import { connect } from '../__devtools/client.js' // or '../client.js', if an application mounts the service
 *     const rpc = await connect()
 *     const file = await rpc.call('my-plugin:read-file', 'src/main.rs')
 *
 * It calls functions, registers functions for the server, reads and writes streams, follows shared states, and reconnects by
 * itself. On a static dump, `rpc.backend` is `'static'`: calls are answered with recorded results, and nothing can be changed.
 * `asRpcError` returns code and data of the error of a function.
 */

/**
 * `suspicious` means that the server has not answered for a while. Calls are still sent; then either the server answers, or the
 * connection is closed. After `disconnected` and `error` the client connects again, unless `close` was called. `unauthorized`
 * lasts until another page of this origin becomes trusted, or this page opens a link with a code.
 *
 * @typedef {'connecting' | 'connected' | 'suspicious' | 'disconnected' | 'error' | 'unauthorized'} Status
 *
 * @typedef {(wrong: number, signal: AbortSignal, reason?: string) => Promise<string | null>} RequestCode asks the user for the
 *   one-time code that the server shows; `null` gives up. `wrong` is the number of wrong codes so far; `signal` aborts when no code
 *   is needed any more; `reason` is a message if the server refused to check the last code
 *
 * @typedef {object} Options
 * @property {string | URL} [base] the folder of the metadata: the mount of the server, or a folder of a dump; by default the
 *   folder of this file
 * @property {number} [callTimeout] milliseconds until a call without a reply fails; 0, the default, waits forever
 * @property {number} [keepAlive] milliseconds of silence after which the client sends a keep-alive request; 30,000 by default; with
 *   0 it sends one only after a call without a reply, or when the page was asleep
 * @property {string} [authToken] the token of the page; by default the one that an earlier visit stored in `localStorage`
 * @property {false | RequestCode} [requestCode] asks the user for a code when the server does not trust the page; by default
 *   with a dialog, but not in a frame of a page of the same origin, which asks for both; `false` never asks
 *
 * @typedef {object} Client
 * @property {'websocket' | 'static'} backend the source of answers: a server, or the files of a static dump
 * @property {Status} status always `connected` on a dump, until it is closed
 * @property {Error | undefined} error the reason, for the user, why there is no connection; `undefined` while there is one
 * @property {(name: string, ...args: any[]) => Promise<any>} call calls a function of the server. Arguments and results may be
 *   structured-clone values such as a `Map`, a `Date` or a `BigInt`, if the function does not use plain JSON;
 *   rejects with the function's error (see `asRpcError`), with a `ConnectionError` whose `mayHaveRun` is false if there is no
 *   connection or the request is too large, and true if the connection was lost before the reply came, or if the dump has no
 *   record for these arguments and no fallback
 * @property {(name: string, ...args: any[]) => Promise<any>} callOptional calls a function, and returns `undefined` if the server does not have it
 * @property {(name: string, ...args: any[]) => void} callEvent sends an event, which gets no reply; it is lost without a connection, and on
 *   a dump
 * @property {(name: string, handler: (...args: any[]) => any) => () => void} register lets the server call a function,
 *   also after reconnections, until the returned function is called
 * @property {{ register: (definition: { name: string, type?: string, handler: (...args: any[]) => any }) => () => void }} client
 *   registers a function in the form of the kit's client; `type` is not needed
 * @property {(key: string, initial?: any) => Promise<SharedState>} sharedState follows a shared state of the server, also
 *   after reconnections; rejects if the server has no state with this key and there is no initial value. On a dump it begins with
 *   the recorded value, and changes stay in the page
 * @property {(event: 'status', listener: (status: Status, error?: Error) => void) => () => void} on adds a listener,
 *   until the returned function is called
 * @property {Streaming} streaming the streams of the server; a dump has none, and both functions throw
 * @property {() => void} close closes the connection finally; calls in flight fail
 *
 * @typedef {object} Streaming
 * @property {(channel: string, id: string) => StreamReader} subscribe reads a stream of the server, also after reconnections
 * @property {(channel: string, id: string) => Upload} upload uploads to a stream that the server has opened; it is lost
 *   with the connection
 *
 * @typedef {AsyncIterable<any> & { cancel: () => void, readonly missed: number }} StreamReader the chunks of a stream; throws the
 *   error that the stream ends with. Leaving the loop cancels it. `missed` is the number of chunks that were lost because
 *   this side was slow or disconnected
 *
 * @typedef {object} Upload
 * @property {AbortSignal} signal aborts when the server stops the upload, or the connection is lost
 * @property {(chunk: any) => void} write sends a chunk
 * @property {(error?: Error) => void} close ends the upload, with an error if there is one
 */

/**
 * @typedef {object} SharedState
 * @property {() => any} value returns the current value, which must not be changed in place
 * @property {(change: (draft: any) => any) => void} mutate changes a copy of the value, or returns another value, and sends
 *   it to the server; a change that the server refuses is undone
 * @property {(value: any) => void} set replaces the value, and sends it to the server
 * @property {(listener: (value: any) => void) => () => void} on adds a listener for changes by anybody, until the returned
 *   function is called
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

const ALIVE = 'devtools-runtime:alive' // the name of a function that no server has, for the keep-alive request
const TOO_LARGE = 1009 // the WebSocket close code for a frame that is too large
const KEEP_ALIVE = 30_000
const RETRY_FIRST = 500
const RETRY_LIMIT = 10_000

/**
 * Connects to the server, and waits until it trusts or refuses this page. Opens a static dump if the metadata names one.
 *
 * @param {Options} [options]
 * @returns {Promise<Client>} the client, which is `connected` or `unauthorized`; rejects if there is neither a server nor a dump
 */
export async function connect(options = {}) {
  const base = options.base ?? new URL('.', import.meta.url)
  const found = await discover(base)
  if (!found.dump)
    return connectLive(base, found, options)
  const { openDump } = await import('./static.js') // pages of a live server do not load it
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
  let found = first // the content of the metadata, used for one connection
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
      const error = new Error('the server does not respond')
      socket.onclose = socket.onmessage = null // the browser may take a minute to close it
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

  /** Opens a connection and authenticates. `retry` handles the loss of the connection. */
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
          return // it was replaced by a newer connection
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

  function register(name, handler) {
    if (functions.has(name))
      throw new Error(`"${name}" is already registered`)
    functions.set(name, handler)
    return () => functions.get(name) === handler && functions.delete(name)
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
    register,
    client: { register: ({ name, handler }) => register(name, handler) },
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
