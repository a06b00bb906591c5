/** The description of the Vite process for a tool. */

/** The version of the functions between Vite and a tool. */
export const PROTOCOL = 1

/** How deep plain options are followed. */
const DEPTH = 6

/**
 * Describes the process for a tool: everything of the configuration that can leave the process.
 *
 * @param {import('vite').ResolvedConfig} config
 * @param {string} viteVersion
 * @param {boolean} hasServer
 */
export function describeProcess(config, viteVersion, hasServer) {
  return {
    protocol: PROTOCOL,
    hasServer,
    viteVersion,
    config: {
      root: config.root,
      base: config.base,
      command: config.command,
      mode: config.mode,
      plugins: config.plugins.map(plugin => plugin.name),
      configFile: config.configFile || null,
      cacheDir: config.cacheDir,
      publicDir: config.publicDir || null,
      envDir: config.envDir || null,
      env: plain(config.env) ?? {},
      define: plain(config.define) ?? {},
      alias: config.resolve.alias.map(({ find, replacement }) => ({ find: String(find), replacement })),
      environments: Object.keys(config.environments ?? {}),
      server: plain(config.server) ?? {},
      build: plain(config.build) ?? {},
    },
  }
}

/** Returns the parts of a value that JSON can carry. `undefined` if there are none. */
function plain(value, depth = DEPTH) {
  switch (typeof value) {
    case 'string': case 'boolean': return value
    case 'number': return Number.isFinite(value) ? value : undefined
    case 'object': break
    default: return undefined
  }
  if (value === null)
    return null
  if (depth === 0)
    return undefined
  if (Array.isArray(value))
    return value.map(member => plain(member, depth - 1)).filter(member => member !== undefined)
  if (Object.getPrototypeOf(value) !== Object.prototype && Object.getPrototypeOf(value) !== null)
    return undefined // an instance of a class, such as a server
  const members = Object.entries(value).map(([key, member]) => [key, plain(member, depth - 1)])
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}
