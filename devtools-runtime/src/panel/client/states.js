/** Shared states: copies of values that the server shares. */

import { attempt, quietly } from './attempt.js'
import { kindOf } from './clone.js'

/**
 * The shared states of one client, over all its connections. The server defines the order of changes: the value it sent last is
 * valid, unless a change of this page comes after it.
 *
 * @param {object} client
 * @param {(name: string, ...args: any[]) => Promise<any>} client.call
 * @param {() => boolean} client.isConnected
 * @param {(name: string, handler: (...args: any[]) => any) => void} [client.offer] lets the server call a function; without
 *   it there is no server, and changes stay in the page
 */
export function createStates({ call, isConnected, offer }) {
  const states = new Map()
  const prefix = `~${Math.random().toString(36).slice(2)}-` // marks a client that follows the server's order
  let lastId = 0

  function create(key, initial) {
    const listeners = new Set()
    let value = initial
    let confirmed // the value that the server sent last
    let pending = [] // ids of own changes that the server has not confirmed
    let news = 0 // the number of values that the server has sent without being asked, or has confirmed
    let reads = 0 // the number of reads that were begun
    let lastRead = 0 // the read whose answer was taken last
    let isReading = false // whether `refresh` waits for an answer
    let isOutdated = false // whether the server has told of a change that no read of `refresh` has begun after

    function take(next) {
      if (isSame(next, value))
        return
      value = next
      for (const listener of listeners)
        attempt(() => listener(next))
    }

    /** The server has made the change `id` of this page, and those before it. */
    function confirm(id) {
      pending.splice(0, pending.indexOf(id) + 1)
    }

    function told(next, id) {
      news++
      confirm(id)
      show(next)
    }

    function show(next) {
      confirmed = { value: next }
      if (!pending.length)
        take(complete(initial, next))
    }

    async function send(id) {
      const sent = value
      try {
        await call('devframe:rpc:server-state:set', key, sent, id)
        if (pending.includes(id))
          told(sent, id)
      }
      catch (error) {
        if (!isConnected())
          return // it is sent over the next connection
        if (error.code === 'state-not-stored') {
          console.warn(`[devtools] a change of "${key}" is not stored yet, so other processes of the server may not have it`, error)
          if (pending.includes(id))
            told(sent, id)
          return
        }
        console.warn(`[devtools] the server refused a change of "${key}", which is undone`, error)
        pending = pending.filter(other => other !== id)
        if (confirmed && !pending.length)
          take(complete(initial, confirmed.value))
      }
    }

    /** Reads the value from the server. If the connection `isNew`, changes may have been lost with the last one. */
    async function read(isNew) {
      const [before, known, number] = [confirmed, news, ++reads]
      const next = await call('devframe:rpc:server-state:get', key)
      if (news !== known || number < lastRead)
        return // the server has sent a newer value meanwhile
      lastRead = number
      if (isNew && before && pending.length) {
        const isUntouched = next === undefined || isSame(next, before.value)
        pending = isUntouched ? [prefix + ++lastId] : []
        if (isUntouched)
          send(pending[0])
      }
      if (next !== undefined)
        show(next)
    }

    /** Reads the value after a change of the server. However many changes arrive during a read, one more read follows it. */
    async function refresh(id) {
      confirm(id)
      isOutdated = true
      if (isReading)
        return
      isReading = true
      try {
        while (isOutdated) {
          isOutdated = false
          await read()
        }
      }
      catch {} // the connection is lost, and the next one reads the value
      finally {
        isReading = false
      }
    }

    const state = {
      value: () => value,
      mutate(change) {
        const draft = structuredClone(value)
        const result = change(draft)
        state.set(result === undefined ? draft : result)
      },
      set(next) {
        if (isSame(next, value))
          return
        if (!offer) {
          news++ // a pending read must not undo the change
          take(next)
          return
        }
        const id = prefix + ++lastId
        pending.push(id)
        take(next)
        send(id)
      },
      on(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
    async function sync() {
      if (offer)
        await call('devframe:rpc:server-state:subscribe', key)
      await read(true)
    }
    return { state, told, refresh, sync, isThere: () => value !== undefined }
  }

  offer?.('devframe:rpc:client-state:updated', (key, value, id) => states.get(key)?.told(value, id))
  // A patch is handled by reading the whole value.
  offer?.('devframe:rpc:client-state:patch', (key, _patches, id) => states.get(key)?.refresh(id))

  async function open(key, initial) {
    const entry = states.get(key) ?? enter(key, initial)
    let problem = new Error(`there is no shared state "${key}"`)
    if (!entry.isThere())
      await entry.first.catch(error => problem = error)
    if (entry.isThere())
      return entry.state
    if (states.get(key) === entry)
      states.delete(key) // the next call asks the server again
    if (initial === undefined)
      throw problem
    return open(key, initial) // an earlier call had no initial value
  }

  function enter(key, initial) {
    const entry = create(key, initial)
    states.set(key, entry)
    entry.first = entry.sync()
    entry.first.catch(() => {}) // with an initial value, the next connection tries again
    return entry
  }

  return {
    open,
    /** Reads all states over a new connection. */
    sync() {
      for (const entry of states.values())
        entry.sync().catch(() => {})
    },
  }
}

/** Returns `{...initial, ...value}` if both are objects, as the ecosystem's client does. */
function complete(initial, value) {
  const isObject = it => typeof it === 'object' && it !== null && !Array.isArray(it)
  return isObject(initial) && isObject(value) ? { ...initial, ...value } : value
}

/** Returns `true` if two values are equal. Members that are `undefined` count as absent. Returns `false` if comparing fails. */
function isSame(one, other) {
  return quietly(() => isEqual(one, other, new Map())) ?? false
}

/** Compares two values. `compared` maps each object to those it was compared with, so that no pair is compared twice. */
function isEqual(one, other, compared) {
  if (one === other || Object.is(one, other))
    return true
  const kind = kindOf(one)
  if (typeof one !== 'object' || one === null || kind !== kindOf(other))
    return false
  switch (kind) {
    case 'Date': return Object.is(one.getTime(), other.getTime())
    case 'RegExp': return String(one) === String(other)
  }
  const others = compared.get(one) ?? new Set()
  if (others.has(other))
    return true // if they differ, the first comparison finds it
  compared.set(one, others.add(other))
  if (kind === 'Object')
    return Object.keys({ ...one, ...other }).every(key => isEqual(one[key], other[key], compared))
  if (typeof one[Symbol.iterator] !== 'function')
    return false
  const [members, those] = [[...one], [...other]]
  return members.length === those.length && members.every((member, i) => isEqual(member, those[i], compared))
}
