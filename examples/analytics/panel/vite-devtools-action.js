/**
 * The action in the dock: after a user has opened it, the console logs each changed file.
 *
 * The interface imports this file and calls its default export. It is not compiled; `types --out` writes its types to a file
 * beside it, for editors and `tsc`.
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
