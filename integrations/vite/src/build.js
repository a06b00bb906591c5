/** Puts a tool into a static build of Vite DevTools: its records, states, docks and pages. */

import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import process from 'node:process'
import { describeFailure, onLines } from './process.js'
import { isOfTool, isOffered } from './surface.js'
import { OF_VITE } from './views.js'
import { hashArguments } from './wire/arguments.js'
import { decodeClone, encodeClone } from './wire/clone.js'

const MANIFEST = '__rpc-dump/index.json'
const METADATA = '__connection.json'
const METADATA_OF_VITE = `/__devtools/${METADATA}`
const STATES = 'devframe:rpc:server-state:get'
const DOCKS = 'devframe:docks'

/** How many optional parameters of a query are tried without a value. Arguments with more have one record. */
const MOST_OPTIONAL = 8

/**
 * Runs the tool's own static build, and registers what it holds in a context that builds.
 *
 * @param {any} ctx
 * @param {ReturnType<import('./options.js').readOptions>} options
 * @param {{ process: object, base: string }} project describes the Vite process, and the path that the build will be hosted at
 */
export async function bake(ctx, options, project) {
  const { logger, root } = ctx.viteConfig
  const log = (level, text) => logger[level](`[${options.name}] ${text}`, { timestamp: true })
  if (options.command === undefined)
    return log('warn', 'the static build holds nothing of the tool, because it was joined by its address: set `command`')
  const folder = await mkdtemp(join(tmpdir(), 'devtools-runtime-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true })) // Vite copies the pages later
  const out = join(folder, 'dump')
  const file = join(folder, 'vite.json')
  await writeFile(file, JSON.stringify(project.process), { mode: 0o600 })
  const problem = await runBuild({
    command: options.command,
    args: [...options.buildArgs, '--base', project.base, '--out', out],
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env, DEVTOOLS_RUNTIME_VITE: file },
    timeout: options.buildTimeout,
  }, line => line.trim() && log('info', line))
  const isWritten = await stat(join(out, MANIFEST)).then(() => true, () => false)
  if (!isWritten)
    return log('error', `the static build holds nothing of the tool: ${problem ?? 'it wrote no dump'}. Look at the options \`command\` and \`buildArgs\`.`)
  if (problem)
    log('warn', `the tool's static build is not complete: ${problem}`)
  await new Dump(ctx, out, text => log('warn', text)).register()
}

/** Runs a program to its end, which comes after `timeout` milliseconds at the latest. Returns a description of the problem. */
function runBuild({ command, args, cwd, env, timeout }, log) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    const timer = setTimeout(() => {
      kill()
      resolve(`it did not end within ${timeout} ms: look at the option \`buildTimeout\``)
    }, timeout)
    child.once('close', () => {
      clearTimeout(timer)
      process.removeListener('exit', kill)
    })
    onLines(child.stdout, log)
    onLines(child.stderr, log)
    child.once('error', error => resolve(describeFailure(error, command, cwd)))
    child.once('close', (code, signal) => resolve(signal ? `it was ended by ${signal}` : code === 0 ? undefined : `it ended with status ${code}`))
  })
}

/** A dump of a tool. */
class Dump {
  #ctx
  #folder
  #warn

  constructor(ctx, folder, warn) {
    this.#ctx = ctx
    this.#folder = folder
    this.#warn = warn
  }

  async register() {
    const manifest = JSON.parse(await readFile(join(this.#folder, MANIFEST), 'utf8'))
    for (const [name, entry] of Object.entries(manifest)) {
      if (name === STATES)
        await this.#registerStates(entry)
      else if (isOffered({ name }))
        await this.#registerFunction(name, entry)
    }
    for (const base of await this.#views()) {
      if (OF_VITE.test(base))
        this.#warn(`the view at ${base} is left out: the path belongs to Vite`)
      else
        this.#ctx.views.hostStatic(base, join(this.#folder, base))
    }
  }

  async #read({ serialization }, path) {
    const data = JSON.parse(await readFile(join(this.#folder, path), 'utf8'))
    return serialization === 'json' ? data : decodeClone(data)
  }

  async #registerFunction(name, entry) {
    const { rpc } = this.#ctx
    if (rpc.has(name))
      return this.#warn(`the function "${name}" is left out: another plugin has one of this name already`)
    const common = { name, type: entry.type, jsonSerializable: entry.serialization === 'json' }
    if (entry.type === 'static') {
      const { output } = await this.#read(entry, entry.path)
      return rpc.register({ ...common, handler: () => output })
    }
    const records = await this.#readRecords(entry)
    const fallback = entry.fallback && await this.#read(entry, entry.fallback)
    // Vite's viewer of a build calls the handler. The files of a build are made from the records.
    const byArguments = new Map(records.map(record => [keyOf(record.inputs), record]))
    const handler = (...args) => {
      const record = byArguments.get(keyOf(args)) ?? fallback
      if (!record)
        throw new Error(`the static build has no record of "${name}" for these arguments`)
      if (record.error)
        throw Object.assign(new Error(record.error.message), { name: record.error.name })
      return record.output
    }
    // JSON has no `undefined`.
    const jsonSerializable = common.jsonSerializable && !records.some(({ inputs }) => inputs.includes(undefined))
    rpc.register({ ...common, jsonSerializable, handler, dump: { records, ...fallback && { fallback: fallback.output } } })
  }

  /** Reads the records of a query. Arguments that mean the same as those of a record get a record of their own, with its result. */
  async #readRecords(entry) {
    const hashes = new Map() // path → the hashes of the arguments that its record answers
    for (const [hash, path] of Object.entries(entry.records))
      hashes.set(path, [...hashes.get(path) ?? [], hash])
    const read = async ([path, answered]) => {
      const record = await this.#read(entry, path)
      return argumentsOf(record.inputs, answered).map(inputs => ({ ...record, inputs }))
    }
    return (await Promise.all([...hashes].map(read))).flat()
  }

  async #registerStates(entry) {
    for (const path of new Set(Object.values(entry.records))) {
      const { inputs: [key], output } = await this.#read(entry, path)
      if (key === DOCKS)
        this.#registerDocks(output)
      else if (isOfTool(key))
        await this.#ctx.rpc.sharedState.get(key, { initialValue: output })
    }
  }

  #registerDocks(entries) {
    const { docks } = this.#ctx
    for (const entry of entries.filter(({ type }) => type !== '~builtin')) {
      if (docks.views.has(entry.id))
        this.#warn(`the dock "${entry.id}" is left out: another plugin has one of this name already`)
      else
        docks.register(entry)
    }
  }

  /** Finds the folders of pages, and has each of them find the metadata of Vite. */
  async #views() {
    const found = []
    for (const path of await readdir(this.#folder, { recursive: true })) {
      const [, folder] = /^(.+)[\\/]__client\.js$/.exec(path) ?? []
      if (folder === undefined)
        continue
      const base = `/${folder.replaceAll('\\', '/')}/`
      await writeFile(join(this.#folder, folder, METADATA), JSON.stringify({ backend: 'static', baseUrl: posix.relative(base, METADATA_OF_VITE) }))
      found.push(base)
    }
    return found
  }
}

/**
 * Returns the arguments of these hashes. All of them mean the same as `inputs`, because an optional parameter may be `undefined`, `null` or
 * absent.
 */
function argumentsOf(inputs, hashes) {
  const found = [inputs]
  const open = inputs.flatMap((value, index) => value == null ? [index] : [])
  const given = open.length === 0 ? inputs.length : inputs.findLastIndex(value => value != null) + 1
  for (let length = given; found.length < hashes.length && length <= inputs.length + MOST_OPTIONAL; length++) {
    const places = [...new Set([...open, ...Array.from({ length }, (_, index) => index).slice(inputs.length)])].filter(place => place < length)
    for (let choice = 0; choice < 2 ** Math.min(places.length, MOST_OPTIONAL); choice++) {
      const variant = Array.from({ length }, (_, index) => inputs[index])
      places.forEach((place, bit) => variant[place] = choice >> bit & 1 ? null : undefined)
      if (hashes.includes(hashArguments(variant)) && keyOf(variant) !== keyOf(inputs))
        found.push(variant)
    }
  }
  return found
}

function keyOf(args) {
  return JSON.stringify(encodeClone(args))
}
