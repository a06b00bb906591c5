// Checks the connections of the client that the server hands out at `{BASE}client.js`: they are lost and come back, over the transport that
// gets through.
//
//   node client-js-connections.mjs BASE
import { run } from './checks.mjs'
import { closeAll } from './client-js/setup.mjs'
import './client-js/connection.mjs'
import './client-js/transports.mjs'

await run({ afterEach: closeAll })
