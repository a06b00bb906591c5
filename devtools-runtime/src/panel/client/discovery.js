/** Where the server is, or the dump: what the metadata says. */

/** Milliseconds for an answer, and for a socket to open. */
export const CONNECT_LIMIT = 10_000

/** Reads the metadata anew for each connection: a restarted server may have moved its socket. */
export async function discoverServer(base) {
  const { url, token } = await discover(base)
  if (!url)
    throw new Error('the server was replaced by a static dump: load the page anew')
  return { url, token }
}

/** @returns {Promise<{ dump?: URL, url?: string, token?: string }>} where the dump is, or the socket of a server */
export async function discover(base) {
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
