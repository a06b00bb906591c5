/** Answers what a tool asks about Vite. */

import { setTimeout as sleep } from 'node:timers/promises'

const PREFIX = 'devtools-runtime:vite:'

/** The time in milliseconds for a reply to leave before the server restarts. */
const BEFORE_RESTART = 100

/**
 * Returns a function that answers the calls of a tool.
 *
 * @param {import('vite').ViteDevServer} server
 * @param {any} rpc the functions that plugins have registered in Vite DevTools
 */
export function createAnswers(server, rpc) {
  const environment = (name) => {
    const found = server.environments[name]
    if (!found)
      throw new Error(`Vite has no environment "${name}": it has ${Object.keys(server.environments).join(', ')}`)
    return found
  }
  const find = (name, id) => environment(name).moduleGraph.getModuleById(id)
  const answers = {
    'module-ids': name => [...environment(name).moduleGraph.idToModuleMap.keys()],
    'module': (name, id) => describeModule(find(name, id)),
    'code': (name, id) => find(name, id)?.transformResult?.code ?? null,
    async transform(name, url) {
      const result = await environment(name).transformRequest(url)
      return result && { code: result.code, deps: result.deps ?? [], dynamicDeps: result.dynamicDeps ?? [] }
    },
    invoke(name, args) {
      if (!rpc.has(name))
        throw new Error(`no plugin of this Vite project has registered the function "${name}"`)
      return rpc.invokeLocal(name, ...args ?? [])
    },
    send(name, event, data) {
      environment(name).hot.send(event, data)
    },
    restart() {
      sleep(BEFORE_RESTART).then(() => server.restart()).catch(error => server.config.logger.error(error.stack, { error }))
    },
    urls: () => ({ local: server.resolvedUrls?.local ?? [], network: server.resolvedUrls?.network ?? [] }),
  }
  return (name, args, { isOptional }) => {
    const answer = name.startsWith(PREFIX) && Object.hasOwn(answers, name.slice(PREFIX.length)) ? answers[name.slice(PREFIX.length)] : undefined
    if (!answer && !isOptional)
      throw new Error(`[birpc] function "${name}" not found`)
    return answer?.(...args)
  }
}

function describeModule(module) {
  if (!module)
    return null
  const ids = modules => [...modules].map(({ id }) => id).filter(id => id !== null)
  return {
    id: module.id,
    url: module.url,
    file: module.file,
    type: module.type,
    codeLength: module.transformResult?.code.length ?? null,
    importers: ids(module.importers),
    imported: ids(module.importedModules),
    isSelfAccepting: module.isSelfAccepting ?? null,
  }
}
