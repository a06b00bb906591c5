/** The clients that read static dumps, opened alike: in Node, and as pages in a real browser. */
import './browser.mjs'
import assert from 'node:assert/strict'
import { getDevToolsRpcClient } from '@vitejs/devtools-kit/client'
import { getDevframeRpcClient } from 'devframe/client'
import { structuredCloneParse, structuredCloneStringify } from 'devframe/utils/structured-clone'
import { visit } from './browser.mjs'
import { connect } from './panel.mjs'

/** Each opens the dump on a page of this address, without any option. */
export const IN_NODE = {
  'client.js': page => connect({ base: new URL('.', page) }),
  'devframe': page => (visit(page), getDevframeRpcClient()),
  'kit': page => (visit(page), getDevToolsRpcClient()),
}

/** Where `serveFolder` finds what the pages import. */
export const PACKAGES = { '/packages/': new URL('node_modules/', import.meta.url) }
/** The packages that `devframe` imports by name. */
const IMPORTS = { 'nostics': '/packages/nostics/dist/index.mjs', 'nostics/formatters/ansi': '/packages/nostics/dist/formatters/ansi.mjs' }

/** The page of a client, on a site that serves `PACKAGES`. */
export function pageOf(client, at) {
  const open = {
    'client.js': `(await import('${at}__devtools/client.js')).connect()`,
    'devframe': `(await import('/packages/devframe/dist/client/index.mjs')).getDevframeRpcClient()`,
  }[client]
  return `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module">
  import { structuredCloneParse, structuredCloneStringify } from '/packages/devframe/dist/utils/structured-clone.mjs'
  window.opened = (async () => window.rpc = await ${open})()
  window.run = async (how, text) => structuredCloneStringify(await rpc[how](...structuredCloneParse(text)).then(
    ok => ({ ok }),
    error => ({ error: { own: { ...error }, name: error.name, message: error.message, cause: error.cause && { name: error.cause.name, message: error.cause.message }, isError: error instanceof Error } }),
  ))
  window.stateOf = async key => structuredCloneStringify((await (rpc.sharedState.get?.(key) ?? rpc.sharedState(key))).value())
  window.loaded = true
</script>`
}

/** The client of a page, as if it were here. */
export async function inPage(page, address) {
  await page.goto(String(address))
  await page.waitForFunction(() => window.loaded)
  const status = await page.evaluate(() => window.opened.then(() => window.rpc.status))
  const run = async (how, ...args) => {
    const { ok, error } = structuredCloneParse(await page.evaluate(([how, text]) => window.run(how, text), [how, structuredCloneStringify(args)]))
    if (!error)
      return ok
    assert.ok(error.isError)
    const thrown = new Error(error.message, error.cause && { cause: Object.assign(new Error(error.cause.message), error.cause) })
    throw Object.assign(thrown, { name: error.name }, error.own)
  }
  const sharedState = async (key) => {
    const value = structuredCloneParse(await page.evaluate(key => window.stateOf(key), key))
    return { value: () => value }
  }
  return {
    status,
    sharedState: Object.assign(sharedState, { get: sharedState }), // as the ecosystem's clients have it
    call: (...all) => run('call', ...all),
    callOptional: (...all) => run('callOptional', ...all),
    callEvent: (...all) => page.evaluate(([name, ...args]) => void window.rpc.callEvent(name, ...args), all),
    close: () => page.close(),
  }
}
