// Checks the client that the server hands out at `{BASE}client.js`: against a server of the e2e fixture, and against
// servers made here that refuse and talk nonsense.
//
//   node client-js.mjs BASE
import { run } from './checks.mjs'
import { closeAll } from './client-js/setup.mjs'
import './client-js/calls.mjs'
import './client-js/declarations.mjs'
import './client-js/discovery.mjs'
import './client-js/inherited.mjs'
import './client-js/trust.mjs'
import './client-js/values.mjs'

await run({ afterEach: closeAll })
