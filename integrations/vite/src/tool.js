/** A tool: its process, its connections, and their return after a loss. */

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Page } from './page.js'
import { startProcess } from './process.js'
import { isOffered } from './surface.js'
import { connect, tooLate } from './wire/connection.js'

const RETRY_FIRST = 250 // milliseconds until a tool that has ended is started again
const RETRY_LIMIT = 10_000
const STABLE = 10_000 // after a tool has run for so long, the delays begin with the first one again

const ATTACH = 'devtools-runtime:vite:attach'
const TRANSFORMED = 'devtools-runtime:vite:transformed'
const NAMES = 'devtools-runtime:vite:names'
const NAMES_ADDED = 'devtools-runtime:vite:names-added'
const LIST_FUNCTIONS = 'devtools-runtime:functions'
const INVALIDATE = 'devframe:rpc:cache:invalidate'
const SUBSCRIBE = 'devframe:rpc:server-state:subscribe'
const GET = 'devframe:rpc:server-state:get'
const UPDATED = 'devframe:rpc:client-state:updated'
const PATCHED = 'devframe:rpc:client-state:patch'
const DOCKS = 'devframe:docks'
const COMMANDS = 'devframe:commands'

/** The time in milliseconds in which a process that has lost its connection may end. */
const AFTERMATH = 1000

/** The time in milliseconds in which changes of the tool's functions are collected. */
const RELIST = 50

export class Tool {
  #options
  #parts
  #stop = new AbortController()
  #running
  #control
  #target // url and token of the running program
  #pages = new Map() // session meta → page
  #told = '' // the last problem that was logged
  #relist
  /** Why there is no connection, for people. */
  problem

  /**
   * @param {ReturnType<import('./options.js').readOptions>} options
   * @param {object} parts
   * @param {import('vite').Logger} parts.logger
   * @param {string} parts.root
   * @param {() => object} parts.describe describes the Vite process
   * @param {import('./events.js').Transforms} parts.transforms the modules that it has transformed
   * @param {(name: string, args: any[], call: object) => any} parts.answer answers what the tool asks
   */
  constructor(options, parts) {
    this.#options = options
    this.#parts = parts
    this.scopes = new Set()
    this.problem = `the tool "${options.name}" is starting`
  }

  get name() {
    return this.#options.name
  }

  /** The origin of the running program. `undefined` while there is none. */
  get origin() {
    return this.#control && new URL(this.#target.url).origin
  }

  /** Begins to show the tool in a context. Returns at once. */
  start({ surface, views }) {
    this.surface = surface
    this.views = views
    this.#running = this.#run()
  }

  /** Ends the tool, and waits until its process has ended. */
  async stop() {
    this.#stop.abort()
    await this.#running
  }

  warn(problem) {
    this.#parts.logger.warn(`[${this.name}] ${problem}`, { timestamp: true })
  }

  /** Calls the tool as a page, or as the plugin itself if there is no page. */
  call(session, name, args) {
    if (!this.#control)
      throw new Error(`"${name}" cannot be called: ${this.problem}`)
    return session ? this.meet(session).call(name, args) : this.#control.call(name, args)
  }

  /** Sends the tool an event as a page. It is lost without a connection. */
  async send(session, name, args) {
    await this.meet(session)?.send(name, args)
  }

  /** Opens a connection for a page that has come. */
  meet(session) {
    if (!this.#control)
      return undefined
    let page = this.#pages.get(session.meta)
    if (!page || page.isClosed) {
      const { url, token } = this.#target
      const before = page
      page = new Page(session, answer => this.#connect(url, token, answer))
      this.#pages.set(session.meta, page)
      const states = new Set([...before?.states ?? [], ...this.surface.followedBy(session)])
      page.resume(states).catch(() => {}) // the page is told by the calls that it makes
    }
    return page
  }

  /** Closes the connections of pages that are not among these. */
  keepOnly(present) {
    for (const [meta, page] of this.#pages) {
      if (present.has(meta))
        continue
      this.#pages.delete(meta)
      page.close()
    }
  }

  /** Tells the tool of something that happened in Vite. */
  notify(name, args) {
    this.#control?.send(name, args)
  }

  async #run() {
    const { signal } = this.#stop
    for (let delay = RETRY_FIRST; !signal.aborted;) {
      const begun = Date.now()
      try {
        this.#fail(await this.#live(AbortSignal.any([signal]))) // its listeners are gone with it
      }
      catch (error) {
        this.#fail(error.message)
      }
      if (Date.now() - begun > STABLE)
        delay = RETRY_FIRST
      await sleep(delay, undefined, { signal, ref: false }).catch(() => {})
      delay = Math.min(delay * 2, RETRY_LIMIT)
    }
  }

  #fail(reason) {
    this.problem = `the tool "${this.name}" is not running: ${reason}`
    if (this.#stop.signal.aborted || this.#told === reason)
      return // it is said once, not at every attempt
    this.#told = reason
    this.#parts.logger.error(`[${this.name}] ${this.problem}. It is started again when it can be.`, { timestamp: true })
  }

  /** Runs the tool once. Returns why it has ended. */
  async #live(signal) {
    const { url } = this.#options
    if (url !== undefined)
      return this.#serve({ url, token: this.#options.token, signal })
    const token = randomBytes(32).toString('hex')
    const folder = await mkdtemp(join(tmpdir(), 'devtools-runtime-'))
    try {
      const file = join(folder, 'vite.json')
      await writeFile(file, JSON.stringify(this.#parts.describe()), { mode: 0o600 })
      const child = await startProcess({
        ...this.#options,
        args: [...this.#options.args, '--port', '0'],
        cwd: this.#options.cwd ?? this.#parts.root,
        env: { ...process.env, ...this.#options.env, DEVTOOLS_RUNTIME_TOKEN: token, DEVTOOLS_RUNTIME_VITE: file },
      }, line => this.#parts.logger.info(`[${this.name}] ${line}`, { timestamp: true }), signal)
      try {
        return await this.#serve({ url: child.url, token, ended: child.ended, signal })
      }
      finally {
        await child.end()
      }
    }
    finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  /** Connects to a running program, until it is gone. Returns why it has gone. */
  async #serve({ url, token, ended, signal }) {
    const states = new Map([[DOCKS, entries => this.#showDocks(entries)], [COMMANDS, entries => this.surface.showCommands(entries)]])
    const refresh = async (key) => {
      const value = await control.call(GET, [key])
      if (Array.isArray(value))
        states.get(key)(value)
    }
    const hear = (name, args, call) => {
      if ((name === UPDATED || name === PATCHED) && states.has(args[0]))
        return void refresh(args[0]).catch(error => this.warn(error.message))
      if (name === INVALIDATE)
        return this.#listSoon(control)
      if (name === NAMES_ADDED)
        return void control.call(NAMES, []).then(names => this.#learn(names)).catch(error => this.warn(error.message))
      return this.#parts.answer(name, args, call)
    }
    const connecting = this.#connect(url, token, hear)
    connecting.then(control => signal.aborted && control.close(), () => {})
    const control = await unlessAborted(connecting, signal)
    const stop = () => control.close('Vite has ended') // its answers are not waited for
    signal.aborted ? stop() : signal.addEventListener('abort', stop, { once: true })
    const { startTimeout: limit } = this.#options
    const late = setTimeout(() => control.close(tooLate(limit)), limit)
    try {
      const attached = await control.call(ATTACH, [this.#parts.describe()], true)
      await this.#list(control)
      this.#target = { url, token }
      this.#control = control
      this.#learn(attached ?? {})
      for (const key of states.keys()) {
        control.send(SUBSCRIBE, [key])
        await refresh(key)
      }
      for (const modules of this.#parts.transforms.parts())
        control.send(TRANSFORMED, [modules])
      clearTimeout(late)
      this.#told = ''
      this.surface.meetPages()
      const stopped = new Promise(resolve => signal.addEventListener('abort', () => resolve('Vite has ended'), { once: true }))
      if (signal.aborted)
        return 'Vite has ended'
      // A process that ends closes its connections first. The reason of its end says more, so it is awaited for a
      // short time.
      const lost = control.closed.then(async reason => ended ? await Promise.race([ended, sleep(AFTERMATH, reason, { ref: false })]) : reason)
      return await Promise.race([lost, stopped, ...ended ? [ended] : []])
    }
    finally {
      clearTimeout(late)
      this.#control = undefined
      clearTimeout(this.#relist)
      control.close()
      for (const page of this.#pages.values())
        page.close()
    }
  }

  #connect(url, token, answer) {
    const hint = this.#options.url === undefined ? 'it said that it listens there, look at the option `args`' : 'start the program, or look at the option `url`'
    return connect(url, { token, limit: this.#options.startTimeout, hint, answer })
  }

  async #list(control) {
    const functions = await control.call(LIST_FUNCTIONS, [])
    for (const { name } of functions.filter(isOffered))
      this.scopes.add(name.split(':', 1)[0])
    this.surface.offer(functions)
  }

  /** Lists the functions again, because they have changed. */
  #listSoon(control) {
    clearTimeout(this.#relist)
    this.#relist = setTimeout(() => this.#list(control).catch(error => this.warn(error.message)), RELIST)
  }

  /** Learns the names of views, states and channels. Pages that follow one of the new states already are told its value. */
  #learn({ views = [], states = [], channels = [] }) {
    this.views.host(views)
    const added = this.surface.reserve({ states, channels })
    for (const name of [...states, ...channels])
      this.scopes.add(name.split(':', 1)[0])
    this.scopes.delete('devframe')
    for (const page of this.#pages.values()) {
      const followed = new Set([...page.states, ...this.surface.followedBy(page.session)])
      page.resume(added.filter(key => followed.has(key))).catch(() => {}) // the page is told by the calls that it makes
    }
  }

  #showDocks(entries) {
    this.surface.showDocks(entries)
    // A program that was built before `attach` existed does not send its views, but its docks have their paths.
    const pages = entries.filter(({ type, url }) => type === 'iframe' && /^\/.+\/$/.test(url))
    this.views.host(pages.map(({ url }) => url))
  }
}

/** Waits for a promise, but not beyond the end of Vite. */
function unlessAborted(promise, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new Error('Vite has ended'))
    signal.aborted ? stop() : signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject)
  })
}
