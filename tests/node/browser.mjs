/** All the browser that the clients need to run in Node. Imported before them. */
import { WebSocket } from 'ws'

globalThis.WebSocket = WebSocket
globalThis.navigator ??= { userAgent: 'node-tests' }
globalThis.BroadcastChannel = undefined // would share the trust of one client with the next
Promise.withResolvers ??= () => {
  let resolve, reject
  const promise = new Promise((...settle) => [resolve, reject] = settle)
  return { promise, resolve, reject }
}

/** A page asks for addresses relative to its own. */
const { fetch } = globalThis
globalThis.fetch = (input, init) => fetch(typeof input === 'string' ? new URL(input, globalThis.location?.href) : input, init)

/** Puts the program on a fresh page: no other client was ever here. */
export function visit(address) {
  for (const part of ['', '_META', '_AUTH_TOKEN'])
    delete globalThis[`__DEVFRAME_CONNECTION${part}__`]
  globalThis.location = new URL(address)
}
