/**
 * The client of a page, beside the page itself:
 *
 *     import { connect } from './__client.js'
 *     const rpc = await connect()
 *
 * The metadata and the scripts lie in the folder of the page as well, so the page finds its server wherever it is mounted: below any path, on the origin
 * of a Vite server, and in a static dump. `__client.d.ts` describes the client.
 */

import { connect as connectTo } from './__client/client.js'

export { asRpcError, ConnectionError } from './__client/client.js'

/**
 * Connects to the server of this page, or opens the static dump that it belongs to.
 *
 * @param {import('./client.js').Options} [options]
 * @returns {Promise<import('./client.js').Client>}
 */
export function connect(options) {
  return connectTo(options, new URL('.', import.meta.url))
}
