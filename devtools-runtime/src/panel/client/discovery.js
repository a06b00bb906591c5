/** Reads the metadata, which has the addresses of the server or the dump. */

/** The time in milliseconds for an answer, and for a connection to open. */
export const CONNECT_LIMIT = 10_000

const SLOW = 2000 // milliseconds until the server is asked a second time

/**
 * The content of the metadata. A server has a WebSocket (`url`), an event stream (`sse`), or both.
 *
 * @typedef {object} Endpoints
 * @property {URL} [dump] the folder of a dump
 * @property {string} [url]
 * @property {string} [sse]
 * @property {boolean} [prefersSse] whether the server wants clients to use the event stream
 * @property {string} [token]
 * @property {string[]} [jsonMethods] the functions that take JSON
 * @property {number} [frameBytes] the largest frame that the server accepts, in bytes
 */

/**
 * Reads the metadata for each connection, because a restarted server may have other endpoints.
 *
 * @returns {Promise<Endpoints>}
 */
export async function discoverServer(base) {
  const found = await discover(base)
  if (found.dump)
    throw new Error('the server was replaced by a static dump: reload the page')
  return found
}

/** @returns {Promise<Endpoints>} */
export async function discover(base, isOriginal = false) {
  const folder = new URL(base, globalThis.location?.href)
  folder.pathname += folder.pathname.endsWith('/') ? '' : '/'
  const address = new URL('__connection.json', folder)
  let response, meta
  try {
    response = await ask(address)
    meta = await response.json()
  }
  catch (cause) {
    throw new Error(`no DevTools server at ${address.href}`, { cause })
  }
  const owner = new URL(meta?.baseUrl ?? '', response.url) // a copy of the metadata has the URL of the original
  if (response.ok && meta?.baseUrl && !meta.jsonSerializableMethods && !isOriginal)
    return discover(new URL('.', owner), true) // it only says where the metadata is
  if (!response.ok)
    throw new Error(`the server at ${address.href} answered with status ${response.status}, so it offers no WebSocket`)
  return endpointsOf(meta, owner)
}

/**
 * Reads metadata. Relative addresses in it belong to `owner`, the address of the metadata.
 *
 * @returns {Endpoints}
 */
export function endpointsOf(meta, owner) {
  if (meta?.backend === 'static')
    return { dump: new URL('.', owner) }
  if (meta?.websocket == null && meta?.sse == null)
    throw new Error(`the server at ${owner.href} offers no WebSocket and no event stream`)
  const { websocket, sse, jsonSerializableMethods } = meta
  return {
    url: websocket == null ? undefined : addressOf(websocket, owner).replace(/^http/i, 'ws'),
    sse: sse == null ? undefined : addressOf(sse, owner),
    prefersSse: meta.backend === 'sse',
    token: meta.authToken,
    jsonMethods: Array.isArray(jsonSerializableMethods) ? jsonSerializableMethods : [],
    frameBytes: meta.frameBytes,
  }
}

/** Repeats the request if the answer takes long, because the connection that the browser reuses may be dead. */
async function ask(address) {
  const once = () => fetch(address, { cache: 'no-store', signal: AbortSignal.timeout(CONNECT_LIMIT) })
  const first = once()
  let timer
  const late = new Promise(resolve => timer = setTimeout(resolve, SLOW))
  try {
    return await Promise.race([first, late]) ?? await Promise.any([first, once()])
  }
  finally {
    clearTimeout(timer)
  }
}

/** Returns the address of an endpoint: a port, an address, or an object with host, port and path. */
function addressOf(endpoint, base) {
  if (typeof endpoint === 'string')
    return new URL(endpoint, base).href
  const { host, port, path } = typeof endpoint === 'number' ? { port: endpoint } : endpoint
  const origin = host || port != null ? `${base.protocol}//${host || `${base.hostname}:${port}`}/` : base
  return new URL(path ?? '', origin).href
}
