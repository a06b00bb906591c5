/**
 * A small client for panels that have no bundler. The server hands this file out beside its metadata:
 *
 *     import { connect } from '/__devtools/client.js'
 *     const rpc = await connect()
 *     const file = await rpc.call('my-plugin:read-file', 'src/main.rs')
 *
 * It calls functions, offers some to the server, and comes back by itself after a lost connection.
 * Streams, shared state and static dumps are for the full client of the ecosystem, `devframe/client`.
 */

/**
 * `disconnected` and `error` are followed by another attempt, unless `close` was called; `unauthorized` is final.
 *
 * @typedef {'connecting' | 'connected' | 'disconnected' | 'error' | 'unauthorized'} Status
 *
 * @typedef {object} Options
 * @property {string | URL} [base] where the server is mounted; the folder of this file by default
 * @property {number} [callTimeout] milliseconds until a call without a reply fails; 0, the default, waits for ever
 * @property {string} [authToken] proof of trust; by default the one an earlier visit left in `localStorage`
 *
 * @typedef {object} Client
 * @property {Status} status
 * @property {(name: string, ...args: any[]) => Promise<any>} call calls a function of the server with JSON arguments;
 *   rejects with the function's error, or at once while there is no connection
 * @property {(name: string, ...args: any[]) => Promise<any>} callOptional gives `undefined` if there is no such function
 * @property {(name: string, ...args: any[]) => void} callEvent wants no reply; lost while there is no connection
 * @property {(name: string, handler: (...args: any[]) => any) => () => void} register offers a function to the server,
 *   over reconnections too, until the returned function is called
 * @property {(event: 'status', listener: (status: Status, error?: Error) => void) => () => void} on listens until the
 *   returned function is called
 * @property {() => void} close ends the connection for good; calls in flight fail
 */

const TOKEN_KEY = '__DEVFRAME_CONNECTION_AUTH_TOKEN__' // shared with the ecosystem's own client
const CODE_PARAM = 'devframe_otp'
const CONNECT_LIMIT = 10_000
const RETRY_FIRST = 500
const RETRY_LIMIT = 10_000

/**
 * Connects to the server and waits until it trusts this page.
 *
 * @param {Options} [options]
 * @returns {Promise<Client>} rejects if the server cannot be reached or refuses
 */
export async function connect({ base = new URL('.', import.meta.url), callTimeout = 0, authToken } = {}) {
  const functions = new Map() // name → what the server may call
  const pending = new Map() // id → how to settle that call
  const listeners = new Set()
  let status = /** @type {Status} */ ('connecting')
  let code = takeCode()
  let socket, retryTimer
  let lastId = 0
  let ended = false

  function update(next, error) {
    status = next
    for (const listener of listeners)
      attempt(() => listener(next, error))
  }

  // ---- calls to the server ----

  function request(name, args, optional) {
    return new Promise((resolve, reject) => {
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
  }

  async function call(name, args, optional) {
    if (status !== 'connected')
      throw new Error(`cannot call "${name}" without a connection (${status})`)
    return request(name, args, optional)
  }

  // ---- frames from the server ----

  function receive(text, from) {
    const { t, m, a, o, i, r, e } = decodeFrame(text)
    if (t === 'q')
      answer(from, m, a, o, i)
    else if (e) // a falsy one means success
      settle(i, ({ reject }) => reject(e instanceof Error ? e : new Error(String(e))))
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

  // ---- the connection ----

  /** Opens a connection and earns trust on it. What follows its loss is up to `retry`. */
  async function open() {
    const { url, token } = await discover(base)
    if (ended)
      throw new Error('the connection was closed')
    const opened = socket = new WebSocket(url)
    const limit = setTimeout(() => opened.close(), CONNECT_LIMIT)
    let trusted = false
    try {
      await new Promise((resolve, reject) => {
        opened.onopen = resolve
        opened.onerror = () => {} // always followed by a close
        opened.onclose = () => reject(new Error(`cannot connect to ${url}`))
      })
      opened.onmessage = ({ data }) => attempt(() => receive(data, opened))
      opened.onclose = () => {
        failAll(new Error('the connection to the server was lost'))
        if (trusted && !ended)
          retry()
      }
      trusted = await authorize(authToken ?? token ?? quietly(() => localStorage.getItem(TOKEN_KEY)))
      if (!trusted)
        throw new RefusedError('the server does not trust this page: open it with the link that the server shows')
      update('connected')
    }
    catch (error) {
      opened.close()
      throw error
    }
    finally {
      clearTimeout(limit)
    }
  }

  async function authorize(known) {
    const self = { ua: globalThis.navigator?.userAgent ?? '', origin: globalThis.location?.origin ?? '' }
    const { isTrusted } = await request('anonymous:devframe:auth', [{ authToken: known ?? '', ...self }])
    if (isTrusted || !code)
      return isTrusted
    const given = await request('anonymous:devframe:auth:exchange', [{ code, ...self }])
    code = null // good for one try
    authToken = given.authToken ?? authToken
    if (given.authToken)
      quietly(() => localStorage.setItem(TOKEN_KEY, given.authToken))
    return Boolean(given.authToken)
  }

  function retry(delay = RETRY_FIRST, reason = 'disconnected', error) {
    // Half of the delay is random, so that many panels do not return in step.
    retryTimer = setTimeout(async () => {
      update('connecting')
      try {
        await open()
      }
      catch (error) {
        if (error instanceof RefusedError)
          end('unauthorized', error)
        else if (!ended)
          retry(Math.min(delay * 2, RETRY_LIMIT), 'error', error)
      }
    }, delay * (0.5 + Math.random() / 2))
    update(reason, error)
  }

  function end(last, error) {
    if (ended)
      return
    ended = true
    clearTimeout(retryTimer)
    failAll(error)
    socket?.close()
    update(last, error)
  }

  functions.set('devframe:auth:revoked', () => end('unauthorized', new Error('the server withdrew its trust')))
  await open()
  return {
    get status() {
      return status
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
    on(event, listener) {
      if (event !== 'status')
        throw new Error(`there is no event "${event}"`)
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => end('disconnected', new Error('the connection was closed')),
  }
}

/** Nothing the server sends, and no listener, may stop the client. */
function attempt(body) {
  try {
    body()
  }
  catch (error) {
    console.error('[devtools]', error)
  }
}

// ---- discovery and trust --------------------------------------------------------------------

class RefusedError extends Error {}

/** Reads the metadata anew for each connection: a restarted server may have moved its socket. */
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
  if (!response.ok || meta?.websocket == null)
    throw new Error(`the server at ${address.href} offers no WebSocket`)
  return { url: socketUrl(meta.websocket, new URL(meta.baseUrl ?? '', response.url)), token: meta.authToken }
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
  const frame = text.startsWith('s:') ? decodeClone(text.slice(2)) : JSON.parse(text)
  if (typeof frame !== 'object' || frame === null)
    throw new TypeError('the server sent a frame that is no object')
  return frame
}

/** Reads structured-clone text: records `[tag, payload]` that refer to each other by index, the first being the value. */
function decodeClone(text) {
  const records = list(JSON.parse(text))
  const seen = new Map()
  return read(0)

  function read(index) {
    if (seen.has(index))
      return seen.get(index)
    const [tag, payload] = list(Number.isInteger(index) ? records[index] : undefined)
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
