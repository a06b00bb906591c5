/** Values that the server shares: the copies that a page has of them. */

import { attempt, quietly } from './attempt.js'
import { kindOf } from './clone.js'

/**
 * The states of one client, over all its connections. The server has the order of changes: what it told last counts, unless a
 * change made here is still to come after it.
 *
 * @param {object} client
 * @param {(name: string, ...args: any[]) => Promise<any>} client.call
 * @param {() => boolean} client.isConnected
 * @param {(name: string, handler: (...args: any[]) => any) => void} [client.offer] has the server call a function; without it
 *   there is no server: changes stay here
 */
export function createStates({ call, isConnected, offer }) {
  const states = new Map()
  const prefix = `~${Math.random().toString(36).slice(2)}-` // says that this client keeps to the server's order
  let lastId = 0

  function create(key, initial) {
    const listeners = new Set()
    let value = initial
    let confirmed // what the server told last
    let pending = [] // ids of own changes that it has not told back
    let news = 0 // counts what it told

    function take(next) {
      if (isSame(next, value))
        return
      value = next
      for (const listener of listeners)
        attempt(() => listener(next))
    }

    function told(next, id) {
      news++
      pending.splice(0, pending.indexOf(id) + 1)
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
          return // the next connection sees to it
        console.warn(`[devtools] a change of "${key}" is taken back`, error)
        pending = pending.filter(other => other !== id)
        if (confirmed && !pending.length)
          take(complete(initial, confirmed.value))
      }
    }

    /** Asks for the value, over a connection that `isNew`: changes may have been lost with the one before. */
    async function read(isNew) {
      const [before, known] = [confirmed, news]
      const next = await call('devframe:rpc:server-state:get', key)
      if (news !== known)
        return // it is newer than the answer
      if (isNew && before && pending.length) {
        const isUntouched = next === undefined || isSame(next, before.value)
        pending = isUntouched ? [prefix + ++lastId] : []
        if (isUntouched)
          send(pending[0])
      }
      if (next !== undefined)
        told(next)
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
          news++ // what is read after it does not undo it
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
    return { state, told, read, sync, isThere: () => value !== undefined }
  }

  offer?.('devframe:rpc:client-state:updated', (key, value, id) => states.get(key)?.told(value, id))
  // Something is different: what it is now is asked for.
  offer?.('devframe:rpc:client-state:patch', key => states.get(key)?.read().catch(() => {}))

  async function open(key, initial) {
    const entry = states.get(key) ?? enter(key, initial)
    let problem = new Error(`there is no shared state "${key}"`)
    if (!entry.isThere())
      await entry.first.catch(error => problem = error)
    if (entry.isThere())
      return entry.state
    if (states.get(key) === entry)
      states.delete(key) // whoever asks again shall find out again
    if (initial === undefined)
      throw problem
    return open(key, initial) // it was asked for without one before
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
    /** There is a connection again. */
    sync() {
      for (const entry of states.values())
        entry.sync().catch(() => {})
    },
  }
}

/** `{...initial, ...value}` if both are objects, as in the ecosystem's own client. */
function complete(initial, value) {
  const isObject = it => typeof it === 'object' && it !== null && !Array.isArray(it)
  return isObject(initial) && isObject(value) ? { ...initial, ...value } : value
}

/** Whether two values are equal, members that are `undefined` being as good as none. Where that is not known, they are not. */
function isSame(one, other) {
  return quietly(() => isEqual(one, other, new Map())) ?? false
}

/** `compared` holds the objects that were met, with those that they were compared with: no two are compared again. */
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
    return true // or the first comparison says that they are not
  compared.set(one, others.add(other))
  if (kind === 'Object')
    return Object.keys({ ...one, ...other }).every(key => isEqual(one[key], other[key], compared))
  if (typeof one[Symbol.iterator] !== 'function')
    return false
  const [members, those] = [[...one], [...other]]
  return members.length === those.length && members.every((member, i) => isEqual(member, those[i], compared))
}
