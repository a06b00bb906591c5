/**
 * A small client for panels that have no bundler. It lies beside the metadata, of a server and of a static dump alike:
 *
 *     import { connect } from '/__devtools/client.js'
 *     const rpc = await connect()
 *     const file = await rpc.call('my-plugin:read-file', 'src/main.rs')
 *
 * It calls functions, offers some to the server, reads streams and uploads, follows values that the server shares, and comes
 * back by itself after a lost connection. On a static dump, whose `rpc.backend` is `'static'`, calls are answered with what was
 * recorded, and nothing can be changed. `asRpcError` says what an error is that a function failed with.
 */

/**
 * `disconnected` and `error` are followed by another attempt, unless `close` was called. `unauthorized` lasts until another
 * page of this origin earns trust, or this one is sent to a link with a code.
 *
 * @typedef {'connecting' | 'connected' | 'disconnected' | 'error' | 'unauthorized'} Status
 *
 * @typedef {(wrong: number, signal: AbortSignal) => Promise<string | null>} RequestCode asks for the one-time code that the
 *   server shows; `null` gives up. `wrong` counts the codes that were not right; `signal` aborts when none is needed any more
 *
 * @typedef {object} Options
 * @property {string | URL} [base] where the metadata is: where the server is mounted, or a folder of a dump; by default the
 *   folder of this file
 * @property {number} [callTimeout] milliseconds until a call without a reply fails; 0, the default, waits for ever
 * @property {string} [authToken] proof of trust; by default the one an earlier visit left in `localStorage`
 * @property {false | RequestCode} [requestCode] how the user is asked for a code when the server does not trust the page; by
 *   default with a dialog, but not in a frame; `false` asks nobody
 *
 * @typedef {object} Client
 * @property {'websocket' | 'static'} backend what answers: a server, or the files of a static dump
 * @property {Status} status always `connected` on a dump, until it is closed
 * @property {Error | undefined} error why there is no connection, in words for the user; `undefined` while there is one
 * @property {(name: string, ...args: any[]) => Promise<any>} call calls a function of the server with JSON arguments;
 *   rejects with the function's error (see `asRpcError`), or at once while there is no connection, or if the dump has no
 *   record for these arguments and no fallback
 * @property {(name: string, ...args: any[]) => Promise<any>} callOptional gives `undefined` if there is no such function
 * @property {(name: string, ...args: any[]) => void} callEvent wants no reply; lost while there is no connection, and on a
 *   dump
 * @property {(name: string, handler: (...args: any[]) => any) => () => void} register offers a function to the server,
 *   over reconnections too, until the returned function is called
 * @property {(key: string, initial?: any) => Promise<SharedState>} sharedState a value that the server shares, kept in step
 *   over reconnections too; rejects if the server has none of this key and there is no initial value
 * @property {(event: 'status', listener: (status: Status, error?: Error) => void) => () => void} on listens until the
 *   returned function is called
 * @property {Streaming} streaming the streams of the server
 * @property {() => void} close ends the connection for good; calls in flight fail
 *
 * @typedef {object} Streaming
 * @property {(channel: string, id: string) => StreamReader} subscribe reads a stream of the server, over reconnections too
 * @property {(channel: string, id: string) => Upload} upload uploads to a stream that the server has opened, as JSON; lost
 *   with the connection
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

const TOKEN_KEY = '__DEVFRAME_CONNECTION_AUTH_TOKEN__' // these three are shared with the ecosystem's own client
const TOKEN_CHANNEL = 'devframe-auth'
const CODE_PARAM = 'devframe_otp'
const CONNECT_LIMIT = 10_000
const RETRY_FIRST = 500
const RETRY_LIMIT = 10_000
const ROOM = { items: 256, bytes: 16 * 1024 * 1024 } // of a stream, that may wait here to be read

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
  return openDump(found.dump, { decodeClone, thrown, callTimeout: options.callTimeout })
}

/** @returns {Promise<Client>} */
async function connectLive(base, first, { callTimeout = 0, authToken, requestCode }) {
  const functions = new Map() // name → what the server may call
  const pending = new Map() // id → how to settle that call
  const listeners = new Set()
  const readers = new Map() // channel and id → who reads that stream
  const uploads = new Map() // channel and id → how to stop that upload
  const ask = requestCode ?? (isTopLevel() && askInDialog)
  let status = /** @type {Status} */ ('connecting')
  let problem = /** @type {Error | undefined} */ (undefined)
  let code = takeCode()
  let trustedBy = '' // the token
  let declined = false // the user was asked for a code, and has none
  let interrupt // ends the question for a code, while there is one
  let socket, retryTimer
  let lastId = 0
  let found = first // of the metadata; for one connection
  let closed = false

  function update(next, error) {
    status = next
    problem = error
    for (const listener of listeners)
      attempt(() => listener(next, error))
  }

  // ---- calls to the server ----

  function request(name, args, optional) {
    return new Promise((resolve, reject) => {
      if (socket.readyState !== socket.OPEN)
        throw lost()
      const id = String(++lastId)
      socket.send(requestFrame(name, args, optional, id))
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

  function failAll(error) {
    for (const id of [...pending.keys()])
      settle(id, ({ reject }) => reject(error))
    for (const stop of [...uploads.values()])
      stop(error)
    interrupt?.(Promise.reject(error))
  }

  async function call(name, args, optional) {
    if (status !== 'connected')
      throw new Error(`cannot call "${name}" without a connection (${status})`, { cause: problem })
    return request(name, args, optional)
  }

  // ---- frames from the server ----

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
      reply = id && toJson({ t: 's', i: id, r: result })
    }
    catch (error) {
      if (!id && functions.has(name))
        console.error(`[devtools] "${name}" failed`, error)
      reply = id && errorFrame(id, error)
    }
    if (id && from.readyState === from.OPEN)
      from.send(reply)
  }

  function send(name, ...args) {
    if (status === 'connected')
      socket.send(requestFrame(name, args, true))
  }

  // ---- streams ----

  function subscribe(channel, id) {
    const key = streamKey(channel, id)
    if (readers.has(key))
      throw new Error(`the stream "${id}" is read already`)
    const number = Math.trunc(Math.random() * 2 ** 32) // by which the server knows the reader again
    const chunks = []
    let last = 0 // the number of the last chunk that came
    let taken = 0 // since it was subscribed to
    let missed = 0
    let ended = false
    let failure, wake
    const end = (error) => {
      readers.delete(key)
      ended = true
      failure = error
      wake?.()
    }
    const cancel = () => {
      if (ended)
        return
      send('devframe:streaming:cancel', channel, id)
      end()
    }
    const reader = {
      subscribe() {
        taken = 0
        const room = { ...ROOM, items: Math.max(ROOM.items - chunks.length, 0) }
        send('devframe:streaming:subscribe', channel, id, { afterSeq: last, room, reader: number })
      },
      begin(after, seq) {
        if (seq > last)
          missed += seq - last
        if (seq > last || seq < after) // the server was started again, and counts anew
          last = seq
      },
      push(seq, chunk) {
        if (seq <= last)
          return
        missed += seq - last - 1
        last = seq
        chunks.push(chunk)
        wake?.()
      },
      end,
    }
    readers.set(key, reader)
    reader.subscribe()
    return {
      get missed() {
        return missed
      },
      cancel,
      async* [Symbol.asyncIterator]() {
        try {
          for (; ;) {
            while (chunks.length) {
              if (++taken % (ROOM.items / 8) === 0)
                send('devtools-runtime:streaming:taken', channel, id, taken, last)
              yield chunks.shift()
            }
            if (failure)
              throw failure
            if (ended)
              return
            await new Promise(resolve => wake = resolve)
          }
        }
        finally {
          cancel()
        }
      },
    }
  }

  function upload(channel, id) {
    const key = streamKey(channel, id)
    if (uploads.has(key))
      throw new Error(`there is an upload to "${id}" already`)
    const stopped = new AbortController()
    let seq = 0
    const stop = (reason) => {
      uploads.delete(key)
      stopped.abort(reason)
    }
    uploads.set(key, stop)
    if (status !== 'connected')
      stop(lost())
    return {
      signal: stopped.signal,
      write(chunk) {
        stopped.signal.throwIfAborted()
        send('devframe:streaming:upload-chunk', channel, id, ++seq, chunk)
      },
      close(error) {
        if (stopped.signal.aborted)
          return
        uploads.delete(key)
        const failure = error && { name: error.name ?? 'Error', message: String(error.message ?? error) }
        send('devframe:streaming:upload-end', channel, id, failure)
      },
    }
  }

  functions.set('devframe:streaming:chunk', (channel, id, seq, chunk) => readers.get(streamKey(channel, id))?.push(seq, chunk))
  functions.set('devtools-runtime:streaming:from', (channel, id, after, seq) => readers.get(streamKey(channel, id))?.begin(after, seq))
  functions.set('devframe:streaming:end', (channel, id, error) => readers.get(streamKey(channel, id))?.end(error && streamError(error)))
  functions.set('devframe:streaming:upload-cancel', (channel, id) => {
    uploads.get(streamKey(channel, id))?.(new Error('the server cancelled the upload'))
  })

  // ---- the connection ----

  /** Opens a connection and earns trust on it. What follows its loss is up to `retry`. */
  async function open() {
    const { url, token } = found ?? await discoverServer(base)
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
      opened.onmessage = ({ data }) => attempt(() => receive(data, opened))
      opened.onclose = () => {
        if (opened !== socket)
          return // given up before, for the one that followed
        failAll(lost())
        if (status === 'connected')
          retry()
      }
      trustedBy = await authorize(token, () => clearTimeout(limit))
      declined = false
      code = undefined
      update('connected')
      for (const reader of readers.values())
        reader.subscribe()
      states.sync()
    }
    catch (error) {
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
    for (const reader of [...readers.values()])
      reader.end(error)
    socket?.close()
    update(last, error)
  }

  function close() {
    if (closed)
      return
    closed = true
    channel?.close()
    globalThis.removeEventListener?.('hashchange', follow)
    leave('disconnected', new Error('the connection was closed'))
  }

  // ---- trust ----

  /**
   * Shows the server what this page has, and what it comes by meanwhile, until the server trusts it.
   *
   * @returns {Promise<string>} the token that did it
   */
  async function authorize(published, takeTime) {
    const self = { ua: globalThis.navigator?.userAgent ?? '', origin: globalThis.location?.origin ?? '' }
    const shown = new Set()
    const hasNews = () => code || (authToken && !shown.has(authToken)) // from a link, or of another page
    for (let wrong = 0; ;) {
      const tokens = [authToken, published, storedToken()].filter(Boolean)
      for (const token of tokens.length ? tokens : ['']) { // the handshake comes first in any case
        if (shown.has(token))
          continue
        shown.add(token)
        if ((await request('anonymous:devframe:auth', [{ authToken: token, ...self }])).isTrusted)
          return token
      }
      if (code) {
        const offer = { code, ...self }
        code = undefined // good for one try
        const given = await request('anonymous:devframe:auth:exchange', [offer])
        if (given.authToken)
          return keep(given.authToken)
        wrong++
      }
      if (hasNews())
        continue
      if (!ask || declined)
        throw new UnauthorizedError('the server does not trust this page')
      takeTime() // people are slow
      await request('anonymous:devframe:auth:request-code', [self]) // shows it once, so it does no harm to repeat
      if (hasNews())
        continue
      const entered = await question(ask, wrong)
      declined = entered === null
      code = entered || code
    }
  }

  /** Asks the user; `undefined` if something came in between. */
  async function question(ask, wrong) {
    const over = new AbortController()
    const interrupted = new Promise(resolve => interrupt = resolve)
    try {
      return await Promise.race([ask(wrong, over.signal), interrupted])
    }
    finally {
      interrupt = undefined
      over.abort()
    }
  }

  function keep(token) {
    authToken = token
    quietly(() => localStorage.setItem(TOKEN_KEY, token))
    channel?.postMessage({ type: 'auth-update', authToken: token })
    return token
  }

  /** Another page has earned trust. */
  function hear({ data }) {
    if (data?.type !== 'auth-update' || typeof data.authToken !== 'string' || status === 'connected')
      return
    authToken = data.authToken
    tryAgain()
  }

  /** The page was sent to a link that differs in its fragment, which does not load it anew. */
  function follow() {
    const given = takeCode()
    if (!given || status === 'connected')
      return
    code = given
    tryAgain()
  }

  function tryAgain() {
    interrupt?.()
    if (status === 'unauthorized')
      reopen()
  }

  functions.set('devframe:auth:revoked', () => {
    authToken = undefined
    if (storedToken() === trustedBy)
      quietly(() => localStorage.removeItem(TOKEN_KEY))
    leave('unauthorized', new UnauthorizedError('the server withdrew its trust from this page'))
  })
  const states = sharedStates((name, ...args) => call(name, args), () => status === 'connected')
  functions.set('devframe:rpc:client-state:updated', states.told)
  functions.set('devframe:rpc:client-state:patch', states.changed)
  const channel = quietly(() => new BroadcastChannel(TOKEN_CHANNEL))
  if (channel)
    channel.onmessage = hear
  globalThis.addEventListener?.('hashchange', follow)

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
      if (status === 'connected')
        socket.send(requestFrame(name, args))
    },
    register(name, handler) {
      if (functions.has(name))
        throw new Error(`"${name}" is already registered`)
      functions.set(name, handler)
      return () => functions.get(name) === handler && functions.delete(name)
    },
    streaming: { subscribe, upload },
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

/** Neither of the two may hold the character between them. */
const streamKey = (channel, id) => `${channel}\u001F${id}`

/** The error that a stream ends with: here it has its real name. */
function streamError({ name, message }) {
  const error = thrown(new Error(message))
  error.name = name
  return error
}

const lost = () => new Error('the connection to the server was lost')

/** Nothing the server sends, and no listener, may stop the client. */
function attempt(body) {
  try {
    body()
  }
  catch (error) {
    console.error('[devtools]', error)
  }
}

// ---- shared state ---------------------------------------------------------------------------

/**
 * The states of one client. The server has the order of changes: what it told last counts, unless a change made here is
 * still to come after it.
 */
function sharedStates(call, isConnected) {
  const states = new Map()
  const prefix = `~${Math.random().toString(36).slice(2)}-` // says that this client keeps to the server's order
  let lastId = 0

  function create(key, initial) {
    const listeners = new Set()
    let value = initial
    let confirmed // what the server told last
    let pending = [] // ids of own changes that it has not told back
    let news = 0 // counts what it told

    function take(next) {
      if (isSame(next, value))
        return
      value = next
      for (const listener of listeners)
        attempt(() => listener(next))
    }

    function told(next, id) {
      news++
      pending.splice(0, pending.indexOf(id) + 1)
      confirmed = { value: next }
      if (!pending.length)
        take(complete(initial, next))
    }

    async function send(id) {
      const sent = value
      try {
        await call('devframe:rpc:server-state:set', key, sent, id)
        if (pending.includes(id))
          told(sent, id)
      }
      catch (error) {
        if (!isConnected())
          return // the next connection sees to it
        console.warn(`[devtools] a change of "${key}" is taken back`, error)
        pending = pending.filter(other => other !== id)
        if (confirmed && !pending.length)
          take(complete(initial, confirmed.value))
      }
    }

    /** Asks for the value, over a connection that `isNew`: changes may have been lost with the one before. */
    async function read(isNew) {
      const [before, known] = [confirmed, news]
      const next = await call('devframe:rpc:server-state:get', key)
      if (news !== known)
        return // it is newer than the answer
      if (isNew && before && pending.length) {
        const isUntouched = next === undefined || isSame(next, before.value)
        pending = isUntouched ? [prefix + ++lastId] : []
        if (isUntouched)
          send(pending[0])
      }
      if (next !== undefined)
        told(next)
    }

    const state = {
      value: () => value,
      mutate(change) {
        const draft = structuredClone(value)
        const result = change(draft)
        state.set(result === undefined ? draft : result)
      },
      set(next) {
        if (isSame(next, value))
          return
        const id = prefix + ++lastId
        pending.push(id)
        take(next)
        send(id)
      },
      on(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
    async function sync() {
      await call('devframe:rpc:server-state:subscribe', key)
      await read(true)
    }
    return { state, told, read, sync, isThere: () => value !== undefined }
  }

  return {
    async open(key, initial) {
      let entry = states.get(key)
      if (!entry) {
        states.set(key, entry = create(key, initial))
        entry.first = entry.sync()
      }
      if (initial === undefined)
        await entry.first
      else
        entry.first.catch(() => {}) // the next connection tries again
      if (!entry.isThere()) {
        states.delete(key)
        throw new Error(`there is no shared state "${key}"`)
      }
      return entry.state
    },
    /** There is a connection again. */
    sync() {
      for (const entry of states.values())
        entry.sync().catch(() => {})
    },
    told: (key, value, id) => states.get(key)?.told(value, id),
    /** Something is different: what it is now is asked for. */
    changed: key => states.get(key)?.read().catch(() => {}),
  }
}

/** `{...initial, ...value}` if both are objects, as in the ecosystem's own client. */
function complete(initial, value) {
  const isObject = it => typeof it === 'object' && it !== null && !Array.isArray(it)
  return isObject(initial) && isObject(value) ? { ...initial, ...value } : value
}

function isSame(one, other) {
  return one === other || quietly(() => JSON.stringify(one) === JSON.stringify(other))
}

// ---- errors -----------------------------------------------------------------------------------

/** An error that a function of the server failed with, if it has a code there. */
class RpcError extends Error {
  constructor({ code, data, message }) {
    super(message)
    this.code = code
    this.data = data
  }
}

/**
 * What a call failed with: `code` and `data` are undefined if the error has none. It reads the errors of this client and of
 * `devframe/client`, which delivers both in the message alone, as its last line.
 *
 * @param {unknown} error
 * @returns {{ code: string | undefined, data: any, message: string }}
 */
export function asRpcError(error) {
  if (error instanceof RpcError)
    return { code: error.code, data: error.data, message: error.message }
  const text = String(error?.message ?? error)
  const [, message, code, data] = CODED.exec(text) ?? []
  try {
    if (code)
      return { code, data: data && JSON.parse(data), message }
  }
  catch {} // it only looked like one
  return { code: undefined, data: undefined, message: text }
}

const CODED = /^([^]*)\n\[code: ([a-z0-9]+(?:-[a-z0-9]+)*)(?:, data: (.*))?\]$/

function thrown(e) {
  const parts = asRpcError(e)
  if (parts.code)
    return new RpcError(parts)
  return e instanceof Error ? e : new Error(String(e))
}

// ---- discovery and trust --------------------------------------------------------------------

class UnauthorizedError extends Error {
  constructor(problem) {
    super(`${problem}: open it with the link that the server shows in its terminal`)
  }
}

/** Reads the metadata anew for each connection: a restarted server may have moved its socket. */
async function discoverServer(base) {
  const { url, token } = await discover(base)
  if (!url)
    throw new Error('the server was replaced by a static dump: load the page anew')
  return { url, token }
}

/** @returns {Promise<{ dump?: URL, url?: string, token?: string }>} where the dump is, or the socket of a server */
async function discover(base) {
  const folder = new URL(base, globalThis.location?.href)
  folder.pathname += folder.pathname.endsWith('/') ? '' : '/'
  const address = new URL('__connection.json', folder)
  let response, meta
  try {
    response = await fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(CONNECT_LIMIT) })
    meta = await response.json()
  }
  catch (cause) {
    throw new Error(`no DevTools server at ${address.href}`, { cause })
  }
  const owner = new URL(meta?.baseUrl ?? '', response.url) // a copy of the metadata says whose it is
  if (response.ok && meta?.backend === 'static')
    return { dump: new URL('.', owner) }
  if (!response.ok || meta?.websocket == null)
    throw new Error(`the server at ${address.href} offers no WebSocket`)
  return { url: socketUrl(meta.websocket, owner), token: meta.authToken }
}

function socketUrl(websocket, base) {
  const swapScheme = url => url.replace(/^http/i, 'ws')
  if (typeof websocket === 'number')
    websocket = { port: websocket }
  if (typeof websocket === 'string')
    return /^wss?:/i.test(websocket) ? websocket : swapScheme(new URL(websocket, base).href)
  const { host, port, path } = websocket
  const origin = host || port != null ? `${base.protocol}//${host || `${base.hostname}:${port}`}/` : base
  return swapScheme(new URL(path ?? '', origin).href)
}

function isTopLevel() {
  return quietly(() => window === window.top)
}

function storedToken() {
  return quietly(() => localStorage.getItem(TOKEN_KEY))
}

/** Takes the one-time code out of the page's address, where it must not stay: addresses get shared. */
function takeCode() {
  const page = globalThis.location
  const fragment = new URLSearchParams(page?.hash?.slice(1))
  const code = fragment.get(CODE_PARAM)
  if (code) {
    fragment.delete(CODE_PARAM)
    quietly(() => history.replaceState(history.state, '', `${page.pathname}${page.search}${String(fragment) && `#${fragment}`}`))
  }
  return code
}

/** The storage and the history of a sandboxed frame throw when touched. */
function quietly(body) {
  try {
    return body()
  }
  catch {
    return undefined
  }
}

// ---- the dialog -----------------------------------------------------------------------------

const DIALOG = `
  <style>
    :host { all: initial; color-scheme: light dark }
    dialog { border: 1px solid GrayText; border-radius: 8px; padding: 1.25rem; max-width: 22rem; font: 15px/1.5 system-ui, sans-serif }
    dialog::backdrop { background: rgb(0 0 0 / .5) }
    h2, p { margin: 0 0 .75rem }
    h2, input, button { font: inherit }
    h2 { font-weight: 600 }
    input { box-sizing: border-box; width: 100%; padding: .4rem .6rem; letter-spacing: .2em }
    [role=alert]:empty { display: none }
    [role=alert] { color: light-dark(#b3261e, #ff8a80); margin-top: .5rem }
    div { display: flex; flex-direction: row-reverse; gap: .5rem; margin-top: .75rem }
    button { padding: .3rem .9rem }
  </style>
  <dialog aria-labelledby="title" aria-describedby="hint">
    <form method="dialog">
      <h2 id="title">Connect to DevTools</h2>
      <p id="hint">The terminal of the server shows a code of six digits, and a link that ends in it.</p>
      <label>Code <input inputmode="numeric" autocomplete="one-time-code" pattern="\\s*[0-9]{6}\\s*" title="six digits" required autofocus aria-describedby="problem"></label>
      <p id="problem" role="alert"></p>
      <div><button value="connect">Connect</button><button type="button">Cancel</button></div>
    </form>
  </dialog>`

/**
 * Asks in a dialog that neither sees nor touches the page's styles.
 *
 * @type {RequestCode}
 */
function askInDialog(wrong, signal) {
  const host = document.createElement('devtools-code')
  const root = host.attachShadow({ mode: 'open' })
  root.innerHTML = DIALOG
  const dialog = root.querySelector('dialog')
  const input = root.querySelector('input')
  host.addEventListener('keydown', event => event.stopPropagation()) // the page's shortcuts are not meant
  root.querySelector('[type=button]').addEventListener('click', () => dialog.close())
  signal.addEventListener('abort', () => dialog.close())
  document.body.append(host)
  dialog.showModal()
  if (wrong) { // once it can be seen, so that it is read aloud
    input.ariaInvalid = 'true'
    root.querySelector('[role=alert]').textContent = 'This code is not right, or not any more. The latest in the terminal is the one that counts.'
  }
  return new Promise(resolve => dialog.addEventListener('close', () => {
    host.remove()
    resolve(dialog.returnValue === 'connect' ? input.value.trim() : null)
  }))
}

// ---- frames ---------------------------------------------------------------------------------

function requestFrame(name, args, optional, id) {
  const end = args.findLastIndex(arg => arg !== undefined) + 1 // left out rather than null
  return toJson({ m: name, a: args.slice(0, end), t: 'q', o: optional, i: id })
}

/** JSON would write these as an empty object without a word. */
function toJson(frame) {
  return JSON.stringify(frame, (key, value) => {
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
      throw new TypeError(`"${key}" is a ${value.constructor.name}, which JSON cannot carry`)
    return value
  })
}

/** Errors are never JSON on this wire, so this one is spelled out in structured-clone text. */
function errorFrame(id, error) {
  const message = String(error instanceof Error ? error.message : error)
  return `s:${JSON.stringify([[2, [[1, 2], [3, 4], [5, 6]]], [0, 't'], [0, 's'], [0, 'i'], [0, id], [0, 'e'], [7, { name: 'Error', message }]])}`
}

function decodeFrame(text) {
  if (typeof text !== 'string')
    throw new TypeError('the server sent a binary frame')
  const frame = text.startsWith('s:') ? decodeClone(JSON.parse(text.slice(2))) : JSON.parse(text)
  if (typeof frame !== 'object' || frame === null)
    throw new TypeError('the server sent a frame that is no object')
  return frame
}

/** Reads structured clone: records `[tag, payload]` that refer to each other by index, the first being the value. */
function decodeClone(records) {
  const seen = new Map()
  return read(0)

  function read(index) {
    if (seen.has(index))
      return seen.get(index)
    const [tag, payload] = list(Number.isInteger(index) ? list(records)[index] : undefined)
    const value = construct(tag, payload)
    seen.set(index, value) // before its members are read, which is what makes cycles work
    switch (tag) {
      case 1:
        for (const member of list(payload))
          value.push(read(member))
        break
      case 6:
        for (const member of list(payload))
          value.add(read(member))
        break
      case 2:
        for (const [name, member] of list(payload)) {
          const key = String(read(name))
          const field = read(member)
          if (key !== '__proto__') // an assignment would change the prototype
            value[key] = field
        }
        break
      case 5:
        for (const [key, member] of list(payload))
          value.set(read(key), read(member))
    }
    return value
  }
}

/** The value of a record, but for the members of containers. */
function construct(tag, payload) {
  switch (tag) {
    case -1: return undefined
    case 0: return payload
    case 1: return []
    case 2: return {}
    case 3: return new Date(payload)
    case 4: return new RegExp(payload.source, payload.flags)
    case 5: return new Map()
    case 6: return new Set()
    case 7: return new (ERROR.test(payload.name) ? globalThis[payload.name] : Error)(payload.message)
    case 8: return BigInt(payload)
    case 'BigInt': return Object(BigInt(payload))
    case 'Boolean': case 'Number': case 'String': return new globalThis[tag](payload)
    case 'ArrayBuffer': return new Uint8Array(list(payload)).buffer
    case 'DataView': return new DataView(new Uint8Array(list(payload)).buffer)
  }
  if (!TYPED_ARRAY.test(tag))
    throw new TypeError(`there is no type ${JSON.stringify(tag)}`)
  return new globalThis[tag](list(payload))
}

const ERROR = /^(Eval|Range|Reference|Syntax|Type|URI)Error$/
const TYPED_ARRAY = /^(Int8|Uint8|Uint8Clamped|Int16|Uint16|Int32|Uint32|Float16|Float32|Float64|BigInt64|BigUint64)Array$/

/** @returns {any[]} */
function list(payload) {
  if (!Array.isArray(payload))
    throw new TypeError('a list was expected')
  return payload
}
