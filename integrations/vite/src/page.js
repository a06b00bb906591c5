/** The connection of one page to a tool. The tool sees each page as a session of its own. */

const STATE_UPDATED = 'devframe:rpc:client-state:updated'
const STATE_PATCHED = 'devframe:rpc:client-state:patch'
const STATE_SET = 'devframe:rpc:server-state:set'
const STATE_PATCH = 'devframe:rpc:server-state:patch'
const STATE_SUBSCRIBE = 'devframe:rpc:server-state:subscribe'
const STATE_GET = 'devframe:rpc:server-state:get'
const STREAM_END = 'devframe:streaming:end'
const STREAM_SUBSCRIBE = 'devframe:streaming:subscribe'
const STREAM_LEAVES = ['devframe:streaming:unsubscribe', 'devframe:streaming:cancel']

/** The functions that a tool calls on its own clients, and that are not passed on to pages. */
const NOT_FOR_PAGES = /^(?:devframe:auth:|devframe:docks:|devtools-runtime:|anonymous:)/

/** The most changes of states that a page was told and has not echoed yet, of which the ids are stored. */
const ECHOES = 10_000

/** The beginning of the ids of changes that are told by this plugin, and that the tool does not know. */
const OWN = 'vite-plugin-'

let updates = 0 // updates of states that this process has sent, for their ids

/**
 * Opens a page's way to the tool. Calls wait until it is open.
 *
 * @param {{ meta: any, rpc: any }} session the page, as Vite DevTools knows it
 * @param {(answer: Function) => Promise<import('./wire/connection.js').Connection>} open
 */
export class Page {
  #session
  #opening
  /** The states that the page follows, and the streams that it reads, to tell it when the connection ends. */
  #states = new Set()
  #streams = new Map()
  /** The ids of the changes of states that the page was told and has not echoed yet. */
  #toEcho = new Set()
  isClosed = false

  constructor(session, open) {
    this.#session = session
    this.#opening = open((...call) => this.#answer(...call))
    this.#opening.then(
      connection => connection.closed.then(() => this.#lose()),
      () => this.isClosed = true,
    )
  }

  get session() {
    return this.#session
  }

  /** The states that the page follows. */
  get states() {
    return [...this.#states]
  }

  async call(name, args) {
    const connection = await this.#opening
    if (name !== STATE_SET || !this.#toEcho.delete(args[2]))
      return connection.call(name, args)
    // The page sends each change that it has received back, with the whole value. The program needs only the id, so
    // it gets an empty patch.
    const [key, , id] = args
    return id.startsWith(OWN) ? undefined : connection.call(STATE_PATCH, [key, [], id])
  }

  async send(name, args) {
    const connection = await this.#opening
    if (name === STATE_SUBSCRIBE)
      this.#states.add(args[0])
    else if (name === STREAM_SUBSCRIBE)
      this.#streams.set(JSON.stringify(args.slice(0, 2)), args)
    else if (STREAM_LEAVES.includes(name))
      this.#streams.delete(JSON.stringify(args.slice(0, 2)))
    connection.send(name, args)
  }

  /** Follows states that the page followed over an earlier connection, and tells it their values. */
  async resume(states) {
    for (const key of states)
      this.#states.add(key) // now, because the connection may not open, and the next one follows them
    for (const key of states) {
      await this.send(STATE_SUBSCRIBE, [key])
      const value = await this.call(STATE_GET, [key])
      if (value === undefined)
        continue
      const id = `${OWN}${++updates}`
      this.#expectEcho(id)
      this.#tell(STATE_UPDATED, [key, value, id])
    }
  }

  close() {
    this.#opening.then(connection => connection.close(), () => {})
  }

  #lose() {
    this.isClosed = true
    for (const [channel, id] of this.#streams.values())
      this.#tell(STREAM_END, [channel, id, { name: 'Error', message: 'the connection to the tool was lost' }])
    this.#streams.clear()
  }

  #answer(name, args, { isEvent, isOptional }) {
    if (NOT_FOR_PAGES.test(name)) {
      if (isEvent || isOptional)
        return undefined
      throw new Error(`[birpc] function "${name}" not found`)
    }
    if (name === STREAM_END)
      this.#streams.delete(JSON.stringify(args.slice(0, 2)))
    if (name === STATE_UPDATED || name === STATE_PATCHED)
      this.#expectEcho(args[2])
    return isEvent ? this.#tell(name, args) : this.#session.rpc.$callRaw({ method: name, args, optional: isOptional })
  }

  #expectEcho(id) {
    if (typeof id !== 'string')
      return
    this.#toEcho.add(id)
    if (this.#toEcho.size > ECHOES)
      this.#toEcho.delete(this.#toEcho.values().next().value)
  }

  #tell(method, args) {
    // An error means that the page has left, which is handled elsewhere.
    Promise.resolve(this.#session.rpc.$callRaw({ method, args, event: true, optional: true })).catch(() => {})
  }
}
