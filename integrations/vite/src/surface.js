/** Brings what a tool has into a DevTools context: its functions, docks and commands. */

/** The prefixes of names that belong to the protocol. */
const RESERVED = /^(?:anonymous|devframe|hub|devtools-runtime|devtoolskit):/

/** The keys of states that belong to the interface. Each program has them, and those of Vite stay its own. */
const OF_INTERFACE = /^devframe:/

/** Returns whether a state of a tool is its own, and not one of the interface. */
export function isOfTool(key) {
  return !OF_INTERFACE.test(key)
}

/** Returns whether a function of a tool can be offered to pages. */
export function isOffered({ name, side }) {
  return side !== 'client' && !RESERVED.test(name)
}

/** The functions, docks and commands of a tool in one DevTools context. They stay while the tool restarts. */
export class Surface {
  #ctx
  #router
  #tool
  #refused = new Set()
  #states = new Set() // the keys of the states that were reserved
  #docks = new Map() // id → JSON of the entry that is shown
  #commands = new Map() // id → the handle of the command, and its JSON

  constructor(ctx, router, tool) {
    this.#ctx = ctx
    this.#router = router
    this.#tool = tool
  }

  /** Reserves the states and channels of the tool, so that pages which ask for them are led to it. Returns the states that are new. */
  reserve({ states, channels }) {
    const added = states.filter(key => isOfTool(key) && !this.#states.has(key)).filter((key) => {
      this.#router.takeFromPages(key)
      return this.#claims('state', key, this.#ctx.rpc.sharedState.keys().includes(key))
    })
    for (const key of added)
      this.#states.add(key)
    for (const name of channels)
      this.#claims('channel', name, false)
    return added
  }

  /** Returns the states of the tool that a page has subscribed to in Vite, before the tool was there. */
  followedBy({ meta }) {
    return [...meta.subscribedStates ?? []].filter(key => this.#router.ownerOf('state', key) === this.#tool)
  }

  /** Opens a connection for each page that is there. */
  meetPages() {
    this.#router.sweep()
  }

  /** Offers functions that were not offered before. */
  offer(functions) {
    for (const info of functions.filter(isOffered)) {
      const { name } = info
      if (!this.#claims('function', name, this.#ctx.rpc.has(name)) || this.#ctx.rpc.has(name))
        continue
      this.#ctx.rpc.register({
        name,
        type: info.type,
        cacheable: info.cacheable === true,
        handler: (...args) => this.#tool.call(this.#router.session(), name, args),
      })
    }
  }

  /** Shows the docks of the tool. Those that are gone are hidden, because a context has no way to remove them. */
  showDocks(entries) {
    const { docks } = this.#ctx
    const shown = new Set()
    for (const entry of entries) {
      const { id } = entry
      if (entry.type === '~builtin' || !this.#claims('dock', id, docks.views.has(id)))
        continue
      shown.add(id)
      const text = JSON.stringify(entry)
      if (this.#docks.get(id) === text)
        continue
      docks.register(entry, true)
      this.#docks.set(id, text)
    }
    for (const id of this.#docks.keys()) {
      if (shown.has(id))
        continue
      this.#docks.delete(id)
      docks.update({ ...docks.views.get(id), when: 'false' })
    }
  }

  showCommands(entries) {
    const { commands } = this.#ctx
    const shown = new Set()
    for (const entry of entries) {
      const { id } = entry
      if (!this.#claims('command', id, commands.commands.has(id)))
        continue
      shown.add(id)
      const text = JSON.stringify(entry)
      const known = this.#commands.get(id)
      if (known?.text === text)
        continue
      known?.handle.unregister()
      this.#commands.set(id, { text, handle: commands.register(this.#withHandlers(entry)) })
    }
    for (const [id, { handle }] of [...this.#commands]) {
      if (shown.has(id))
        continue
      this.#commands.delete(id)
      handle.unregister()
    }
  }

  #withHandlers({ source, children, ...command }) {
    return {
      ...command,
      handler: (...args) => this.#tool.call(this.#router.session(), 'hub:commands:execute', [command.id, ...args]),
      ...children && { children: children.map(child => this.#withHandlers(child)) },
    }
  }

  #claims(kind, name, isTaken) {
    const owner = this.#router.claim(kind, name, this.#tool, isTaken)
    if (owner === undefined)
      return true
    const key = `${kind} ${name}`
    if (!this.#refused.has(key))
      this.#tool.warn(`the ${kind} "${name}" is left out: ${owner} has one of this name already`)
    this.#refused.add(key)
    return false
  }
}
