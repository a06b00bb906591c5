/** A Vite plugin that brings a tool written in Rust with devtools-runtime into Vite DevTools. */

import { bake } from './src/build.js'
import { describeProcess } from './src/config.js'
import { readOptions } from './src/options.js'
import { Transforms, watchFiles } from './src/events.js'
import { createAnswers } from './src/questions.js'
import { routerOf } from './src/router.js'
import { Surface } from './src/surface.js'
import { Tool } from './src/tool.js'
import { Views } from './src/views.js'

/**
 * Starts a tool with the Vite server, or joins one that runs already.
 *
 * @param {import('./index.js').DevToolsRuntimeOptions} given
 * @returns {import('vite').Plugin[]}
 */
export default function devtoolsRuntime(given) {
  const options = readOptions(given)
  /** The tools by the configuration of their server: while Vite restarts, this plugin belongs to two servers. */
  const running = new Map()
  /** The contexts that wait for the end of a bundle, by their configuration. */
  const building = new Map()
  const bundling = new WeakSet()
  let version = ''
  let isPreview = false
  const bakeInto = (ctx, base) => bake(ctx, options, { base, process: describeProcess(ctx.viteConfig, version, false) })
  const plugin = {
    name: `devtools-runtime:${options.name}`,
    config(_, environment) {
      isPreview = environment.isPreview === true // `vite preview` serves a build, which has the DevTools or not
    },
    configResolved(config) {
      version = this.meta?.viteVersion ?? ''
      const isOff = !config.plugins.some(plugin => plugin.name === 'vite:devtools:server')
      if (config.command === 'serve' && !isPreview && isOff)
        config.logger.warn(`[${options.name}] Vite DevTools is off, so the tool is not started: set \`devtools: true\` in the configuration of Vite`)
    },
    buildStart: {
      order: 'pre',
      sequential: true,
      handler() {
        bundling.add(this.environment.getTopLevelConfig())
      },
    },
    devtools: {
      async setup(ctx) {
        const { viteConfig: config, viteServer: server } = ctx
        if (server)
          running.set(config, startTool(options, ctx, () => describeProcess(config, version, true)))
        else if (bundling.has(config))
          building.set(config, ctx) // the tool sees the bundle, so it is built afterwards
        else
          await bakeInto(ctx, '/') // the command line of Vite DevTools makes no bundle
      },
    },
    hotUpdate({ type, file, timestamp, modules }) {
      const ids = modules.map(({ id }) => id).filter(id => id !== null)
      const update = { environment: this.environment.name, type, file, timestamp, modules: ids }
      running.get(this.environment.getTopLevelConfig())?.tool.notify('devtools-runtime:vite:hot-update', [update])
    },
    closeBundle: {
      order: 'pre', // the DevTools write their files in this hook
      sequential: true,
      async handler() {
        const config = this.environment.getTopLevelConfig()
        const ended = running.get(config)
        running.delete(config)
        await ended?.stop()
        const ctx = building.get(config)
        building.delete(config)
        if (ctx)
          await bakeInto(ctx, config.base)
      },
    },
  }
  const ofTransforms = {
    name: `devtools-runtime:${options.name}:transforms`,
    apply: 'serve',
    enforce: 'post', // it sees the code after the other plugins
    transform(code, id) {
      running.get(this.environment.getTopLevelConfig())?.transforms.add(this.environment.name, id, code.length)
    },
  }
  return [plugin, ofTransforms]
}

/** Starts a tool for a DevTools context. Returns at once. */
function startTool(options, ctx, describe) {
  const { viteConfig: config, viteServer: server } = ctx
  const router = routerOf(ctx)
  const transforms = new Transforms(modules => tool.notify('devtools-runtime:vite:transformed', [modules]))
  const tool = new Tool(options, { logger: config.logger, root: config.root, describe, transforms, answer: createAnswers(server, ctx.rpc) })
  tool.start({ surface: new Surface(ctx, router, tool), views: new Views(ctx, tool) })
  router.add(tool)
  const unwatch = watchFiles(server.watcher, files => tool.notify('devtools-runtime:vite:files', [files]))
  return {
    tool,
    transforms,
    async stop() {
      unwatch()
      transforms.drop()
      router.remove(tool)
      await tool.stop()
    },
  }
}
