/** Leads what pages ask of Vite DevTools to the tool that it belongs to. There is one router for each DevTools context. */

/** The built-in functions whose first argument says whose they are: the key of a state, or the name of a channel. */
const ROUTED = {
  'devframe:rpc:server-state:subscribe': 'state',
  'devframe:rpc:server-state:get': 'state',
  'devframe:rpc:server-state:set': 'state',
  'devframe:rpc:server-state:patch': 'state',
  'devframe:streaming:subscribe': 'channel',
  'devframe:streaming:unsubscribe': 'channel',
  'devframe:streaming:cancel': 'channel',
  'devframe:streaming:upload-chunk': 'channel',
  'devframe:streaming:upload-end': 'channel',
}

/** The functions of the protocol that clients send as events. */
const EVENTS = /:subscribe$|^devframe:streaming:/

/** The keys of settings, which hold the scope that they belong to. */
const SETTINGS = /^devframe:settings:(?:global|project):(.+)$/

/** The time in milliseconds between two looks at which pages are there. */
const SWEEP = 500

/** The function by which a page creates a state. */
const SET = 'devframe:rpc:server-state:set'

const routers = new WeakMap() // functions of a context → router

/** Returns the router of a DevTools context. */
export function routerOf(ctx) {
  let router = routers.get(ctx.rpc)
  if (!router) {
    router = new Router(ctx)
    routers.set(ctx.rpc, router)
  }
  return router
}

class Router {
  #ctx
  #tools = new Set()
  #owners = new Map() // kind and name → tool
  #ofPages = new Set() // states that pages have created, and no plugin of Vite
  #timer

  constructor(ctx) {
    this.#ctx = ctx
    for (const [name, kind] of Object.entries(ROUTED))
      this.#route(name, kind)
  }

  add(tool) {
    this.#tools.add(tool)
    this.#timer ??= setInterval(() => this.sweep(), SWEEP).unref()
  }

  remove(tool) {
    this.#tools.delete(tool)
    if (this.#tools.size > 0)
      return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Reserves a name for a tool. Returns the name of the owner if it is another one. */
  claim(kind, name, tool, isTaken) {
    const key = `${kind} ${name}`
    const owner = this.#owners.get(key)
    if (owner === tool)
      return undefined
    if (owner !== undefined)
      return `the tool "${owner.name}"`
    if (isTaken)
      return 'another plugin'
    this.#owners.set(key, tool)
    return undefined
  }

  /** Returns the page whose call is being answered. `undefined` for calls of Vite's own plugins. */
  session() {
    try {
      return this.#ctx.rpc.getCurrentRpcSession()
    }
    catch {
      return undefined // before the first page could connect
    }
  }

  #route(name, kind) {
    const { rpc } = this.#ctx
    const original = rpc.get(name)
    if (!original?.handler)
      return
    const isEvent = EVENTS.test(name)
    const handler = (...args) => {
      const session = this.session()
      if (!session)
        return original.handler(...args)
      for (const tool of this.#tools)
        tool.meet(session)
      const tool = this.ownerOf(kind, args[0])
      if (!tool) {
        if (name === SET && !rpc.sharedState.keys().includes(args[0]))
          this.#ofPages.add(args[0])
        return original.handler(...args)
      }
      return isEvent ? tool.send(session, name, args) : tool.call(session, name, args)
    }
    rpc.update({ ...original, handler })
  }

  /** Finds the tool that a state or a channel belongs to. Those that nobody has reserved belong to their scope. What Vite has itself stays its own. */
  ownerOf(kind, name) {
    if (typeof name !== 'string')
      return undefined
    const owner = this.#owners.get(`${kind} ${name}`)
    if (this.#tools.has(owner))
      return owner
    const namespace = SETTINGS.exec(name)?.[1]
    if (kind === 'state' && namespace === undefined && this.#ctx.rpc.sharedState.keys().includes(name))
      return undefined
    const [scope] = (namespace ?? name).split(':', 1)
    return [...this.#tools].find(tool => tool.scopes.has(scope))
  }

  /** Removes a state from Vite that a page has created before its tool was there. */
  takeFromPages(key) {
    if (this.#ofPages.delete(key))
      this.#ctx.rpc.sharedState.delete(key)
  }

  /** Meets pages that have come, and lets go of those that have left or lost their trust. */
  sweep() {
    const present = new Map()
    const filter = (rpc) => {
      if (rpc.$meta.isTrusted !== false)
        present.set(rpc.$meta, rpc)
      return false // nobody is told anything
    }
    this.#ctx.rpc.broadcast({ method: 'devtools-runtime:vite:nothing', args: [], event: true, optional: true, filter })
    for (const tool of this.#tools) {
      tool.keepOnly(present)
      for (const [meta, rpc] of present) {
        if (meta.isTrusted)
          tool.meet({ meta, rpc })
      }
    }
  }
}
