/**
 * A small client for panels without a bundler. `client.d.ts` describes it. Pages of views import it from their own folder:
 *
 *     import { connect } from './__client.js'
 *     const rpc = await connect()
 *     const file = await rpc.call('my-plugin:read-file', 'src/main.rs')
 *
 * It calls functions, registers functions for the server, reads and writes streams, follows shared states, and reconnects by
 * itself, over a WebSocket or over server-sent events. On a static dump, `rpc.backend` is `'static'`: calls are answered with recorded results,
 * and nothing can be changed. `asRpcError` returns code and data of the error of a function.
 */

import { discover, discoverServer } from './client/discovery.js'
import { inheritedEndpoints } from './client/inherited.js'
import { connectLive } from './client/live.js'

export { asRpcError, ConnectionError } from './client/errors.js'

/**
 * Connects to the server, and waits until it trusts or refuses this page. Opens a static dump if the metadata names one.
 *
 * @param {import('./client.js').Options} [options]
 * @param {string | URL} [home] the folder of the metadata, if neither the options nor a page around this one name a server
 * @returns {Promise<import('./client.js').Client>}
 */
export async function connect(options = {}, home = new URL('.', import.meta.url)) {
  const base = options.base ?? home
  const inherited = options.base === undefined && options.inherit !== false ? inheritedEndpoints() : undefined
  const found = inherited?.found ?? await discover(base)
  if (!found.dump)
    return connectLive(found, inherited?.again ?? (() => discoverServer(base)), options)
  const { openDump } = await import('./static.js') // pages of a live server do not load it
  return openDump(found.dump, options)
}
