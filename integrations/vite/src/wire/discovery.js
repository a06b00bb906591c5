/** Reads the metadata, which has the address of the server or the dump. */

/** The time in milliseconds for an answer, and for a socket to open. */
export const CONNECT_LIMIT = 10_000

const SLOW = 2000 // milliseconds until the server is asked a second time

/** Reads the metadata for each connection, because a restarted server may have another socket. */
export async function discoverServer(base) {
  const found = await discover(base)
  if (!found.url)
    throw new Error('the server was replaced by a static dump: reload the page')
  return found
}

/**
 * Returns the folder of a dump, or the socket of a server, with the functions that take JSON and the largest frame in bytes.
 *
 * @returns {Promise<{ dump?: URL, url?: string, token?: string, jsonMethods?: string[], frameBytes?: number }>}
 */
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
  if (response.ok && meta?.backend === 'static')
    return { dump: new URL('.', owner) }
  if (!response.ok || meta?.websocket == null)
    throw new Error(`the server at ${address.href} offers no WebSocket`)
  const { jsonSerializableMethods } = meta
  const jsonMethods = Array.isArray(jsonSerializableMethods) ? jsonSerializableMethods : []
  return { url: socketUrl(meta.websocket, owner), token: meta.authToken, jsonMethods, frameBytes: meta.frameBytes }
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
