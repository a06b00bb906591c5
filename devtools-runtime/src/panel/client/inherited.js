/** The connection of the page around this one, which the ecosystem's client leaves there for pages in frames. */

import { quietly } from './attempt.js'
import { discoverServer, endpointsOf } from './discovery.js'

const CONNECTION = '__DEVFRAME_CONNECTION__' // these three names are shared with the ecosystem's client
const METADATA = '__DEVFRAME_CONNECTION_META__'
const TOKEN = '__DEVFRAME_CONNECTION_AUTH_TOKEN__'

/**
 * Returns the endpoints of the server that this page, or the nearest page of the same origin around it, is connected to. `again` reads the
 * metadata of that server anew.
 *
 * @returns {{ found: import('./discovery.js').Endpoints, again: () => Promise<import('./discovery.js').Endpoints> } | undefined}
 */
export function inheritedEndpoints() {
  const connection = inheritedConnection()
  if (!connection)
    return undefined
  const { metadata, address } = connection
  const withToken = found => ({ ...found, token: inheritedConnection()?.token ?? found.token })
  const found = withToken(endpointsOf(metadata, address))
  // The page around this one may have its metadata from elsewhere than from a server.
  return { found, again: () => discoverServer(new URL('.', address)).then(withToken, () => found) }
}

function inheritedConnection() {
  let page = globalThis
  for (; ;) {
    const found = quietly(() => connectionOf(page)) // reading a page of another origin throws
    const around = page.parent
    if (found || !around || around === page)
      return found
    page = around
  }
}

/** Returns the metadata that a page is connected with, the address of the metadata, and the token of the page. */
function connectionOf(page) {
  const connection = page[CONNECTION]
  const metadata = connection?.connectionMeta ?? page[METADATA]
  if (typeof metadata !== 'object' || metadata === null)
    return undefined
  const address = connection?.metaBaseUrl ?? metadata.baseUrl ?? '__connection.json'
  return {
    metadata,
    address: new URL(address, page.location?.href),
    token: connection?.authToken ?? page[TOKEN] ?? metadata.authToken,
  }
}
