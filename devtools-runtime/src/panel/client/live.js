/** The client of a live server, over one connection after another. */

import { attempt } from './attempt.js'
import { createCalls } from './calls.js'
import { CONNECT_LIMIT } from './discovery.js'
import { ConnectionError, lost } from './errors.js'
import { createPulse } from './pulse.js'
import { createStates } from './states.js'
import { createStreams } from './streams.js'
import { ADDRESS, createChoice, OPEN } from './transports.js'
import { createTrust, UnauthorizedError } from './trust.js'

const ALIVE = 'devtools-runtime:alive' // the name of a function that no server has, for the keep-alive request
const TOO_LARGE = 1009 // the WebSocket close code for a frame that is too large
const KEEP_ALIVE = 30_000
const FALLBACK_AFTER = 60_000
const RETRY_FIRST = 500
const RETRY_LIMIT = 10_000

/**
 * Connects to a server.
 *
 * @param {import('./discovery.js').Endpoints} found the endpoints for the first connection
 * @param {() => Promise<import('./discovery.js').Endpoints>} discover finds them for each further one
 * @param {import('../client.js').Options} options
 * @returns {Promise<import('../client.js').Client>}
 */
export async function connectLive(found, discover, options) {
  const { callTimeout = 0, keepAlive = KEEP_ALIVE, connectTimeout = CONNECT_LIMIT, fallbackAfter = FALLBACK_AFTER } = options
  const { authToken, requestCode, transport = 'auto' } = options
  const choice = createChoice(transport, fallbackAfter)
  const calls = createCalls(callTimeout, () => pulse.check(true))
  const { functions } = calls
  const listeners = new Set()
  let status = /** @type {import('../client.js').Status} */ ('connecting')
  let problem = /** @type {Error | undefined} */ (undefined)
  let connection = /** @type {import('./transports.js').Transport | undefined} */ (undefined)
  let backend = /** @type {'websocket' | 'sse'} */ ('websocket')
  let opening = /** @type {AbortController | undefined} */ (undefined)
  let retryTimer
  let closed = false

  const isConnected = () => status === 'connected' || status === 'suspicious'
  const offer = (name, handler) => functions.set(name, handler)
  const streams = createStreams({ send, offer, isConnected })
  const states = createStates({ call: (name, ...args) => call(name, args), isConnected, offer })
  const introduce = (name, args) => calls.request(connection, name, args, false, 0) // the time limit is that of the connection
  const trust = createTrust({ authToken, requestCode, request: introduce, isConnected, onNews: () => status === 'unauthorized' && reopen() })
  const pulse = createPulse(keepAlive, {
    ask: () => calls.write(connection, calls.frame(ALIVE, [], true, ALIVE), 'a keep-alive request'),
    backlog: () => connection.backlog(),
    onDoubt(isSuspicious) {
      if (isConnected())
        update(isSuspicious ? 'suspicious' : 'connected')
    },
    onDead() {
      const error = new Error('the server does not respond')
      disconnect()
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

  async function call(name, args, optional) {
    if (!isConnected())
      throw new ConnectionError(`cannot call "${name}" without a connection (${status})`, false, { cause: problem })
    return calls.request(connection, name, args, optional)
  }

  function send(name, ...args) {
    if (isConnected())
      calls.write(connection, calls.frame(name, args, true), `the event "${name}"`, 'event')
  }

  function failAll(error) {
    calls.fail(error instanceof ConnectionError ? error : new ConnectionError(error.message, true, { cause: error }))
    streams.stopUploads(error)
    trust.fail(error)
  }

  /** Opens a connection and authenticates. `retry` handles the loss of the connection. */
  async function open() {
    const endpoints = found ?? await discover()
    found = undefined
    const problems = []
    for (const via of choice.of(endpoints)) {
      try {
        return await openOver(via, endpoints)
      }
      catch (error) {
        if (!(error instanceof Unheard))
          throw error
        choice.failed(via)
        problems.push(error)
      }
    }
    throw new Error(problems.map(({ message }) => message).join('; '), { cause: problems.at(-1).cause })
  }

  async function openOver(via, endpoints) {
    if (closed)
      throw new Error('the connection was closed')
    const { signal } = opening = new AbortController()
    const limit = setTimeout(() => opening.abort(), connectTimeout)
    let opened, isHeard
    try {
      opened = await OPEN[via](ADDRESS[via](endpoints), { onFrame, onClose, onRefusal }, signal)
      connection = opened
      backend = via
      calls.begin(endpoints.jsonMethods, endpoints.frameBytes)
      pulse.start()
      await trust.earn(endpoints.token, () => clearTimeout(limit))
      update('connected')
      streams.resume()
      states.sync()
    }
    catch (error) {
      if (opened === connection)
        disconnect()
      throw isHeard || closed ? error : new Unheard(error.message, { cause: error })
    }
    finally {
      clearTimeout(limit)
    }

    function onFrame(transport, text) {
      isHeard = true
      choice.heard(via)
      pulse.heard()
      attempt(() => calls.receive(text, transport))
    }
  }

  function onClose(transport, { code, reason }) {
    if (transport !== connection)
      return // this side has closed it
    pulse.stop()
    if (code === TOO_LARGE)
      calls.refuse(reason)
    failAll(lost(true))
    if (isConnected())
      retry()
  }

  function onRefusal(frame, status) {
    attempt(() => calls.refused(frame, status))
  }

  /** Closes the connection, if there is one. */
  function disconnect() {
    pulse.stop()
    const closing = connection
    connection = undefined
    closing?.close()
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
    disconnect()
    opening?.abort()
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
    get backend() {
      return backend
    },
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
        calls.write(connection, calls.frame(name, args), `the event "${name}"`, 'event')
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

/** The error of a connection over which nothing was heard. */
class Unheard extends Error {}
