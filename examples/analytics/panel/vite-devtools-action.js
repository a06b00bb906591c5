/**
 * The action in the dock: once a user has opened it, the console tells of each file that changes.
 *
 * The interface imports this file, and calls what it exports by default. It is taken as it is; its types are those that
 * `types --out` writes beside it, for editors and `tsc`.
 *
 * @param {import('@vitejs/devtools-kit/client').DockClientScriptContext} ctx
 */
export default function setupDevToolsAction(ctx) {
  /** @satisfies {keyof import('@vitejs/devtools-kit').DevToolsRpcClientFunctions} */
  const name = 'analytics:metrics-updated'
  ctx.rpc.client.register({
    name,
    type: 'event',
    /** @param {string} file */
    handler: (file) => {
      console.info(`${file} has changed`)
    },
  })
}
