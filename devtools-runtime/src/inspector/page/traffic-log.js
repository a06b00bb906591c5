/** The traffic as rows: a call with its reply, an event, or a chunk of a stream. */

import { isOwnName } from './source.js'

const PERIOD = 250 // milliseconds between two questions to the server
const ROWS = 2000
export const SLOW = 250 // milliseconds from which a call counts as slow

const CHUNKS = new Set(['devframe:streaming:chunk', 'devframe:streaming:upload-chunk'])

/**
 * @typedef {object} Row
 * @property {number} key
 * @property {number} at milliseconds since the server began
 * @property {number} session 0 for a call by plain HTTP
 * @property {boolean} incoming whether the server has read the frame; otherwise it has written it
 * @property {'call' | 'event' | 'chunk' | 'reply' | 'unreadable'} kind
 * @property {string} name
 * @property {boolean} isOwn whether the inspector itself has caused it
 * @property {boolean} isBroadcast whether the same frame went to several sessions
 * @property {any} frame
 * @property {any} [reply]
 * @property {number} [duration] milliseconds until the reply
 * @property {boolean} isUnsure whether its reply may be one of the frames that the server has not recorded
 * @property {boolean} failed
 */

/**
 * Follows the traffic while somebody uses it. The server records frames only meanwhile.
 *
 * @param {import('./source.js').Source} source
 */
export function trafficFeed(source) {
  const listeners = new Set()
  const waiting = new Map() // session, direction and id → row of the call
  let rows = []
  let users = 0
  let turn = 0 // the number of times that somebody has begun to use the feed
  let since = 0
  let now = 0
  let skipped = 0
  let timer
  let problem

  async function ask() {
    const asked = turn
    try {
      const page = await source.ask('traffic', since)
      if (asked !== turn)
        return // whoever uses the feed now has asked again
      const missed = since > 0 && page.next >= since ? page.skipped : 0
      skipped += missed
      since = page.next
      now = page.now
      problem = undefined
      take(page.frames, page.own)
      if (missed)
        markUnsure()
    }
    catch (error) {
      if (asked !== turn)
        return
      problem = error
    }
    for (const listener of listeners)
      listener()
    if (users > 0)
      timer = setTimeout(ask, PERIOD)
  }

  function take(frames, own) {
    for (const frame of frames) {
      const direction = isReply(frame) ? !frame.incoming : frame.incoming
      const key = `${frame.session} ${direction} ${frame.id}`
      if (isReply(frame)) {
        const row = waiting.get(key)
        waiting.delete(key)
        if (row) {
          Object.assign(row, { reply: frame, duration: frame.at - row.at, failed: frame.kind === 'failure' })
          continue
        }
      }
      const row = rowOf(frame)
      // The page's first question begins the record, so only its reply is recorded.
      if (row.kind === 'reply' && frame.session === own)
        row.isOwn = true
      markBroadcast(row)
      rows.push(row)
      if (frame.kind === 'call')
        waiting.set(key, row)
    }
    for (const row of rows.splice(0, Math.max(rows.length - ROWS, 0)))
      waiting.delete(`${row.session} ${row.incoming} ${row.frame.id}`)
  }

  /** The replies of calls that still wait may be among the frames that are missing. */
  function markUnsure() {
    for (const row of waiting.values())
      row.isUnsure = true
  }

  /** The same frame to another session, at nearly the same time, is a broadcast. */
  function markBroadcast(row) {
    const before = rows.at(-1)
    if (!row.incoming && before && !before.incoming && before.name === row.name && before.frame.id === row.frame.id
      && before.session !== row.session && before.frame.bytes === row.frame.bytes && row.at - before.at < 20)
      row.isBroadcast = before.isBroadcast = true
  }

  return {
    get rows() {
      return rows
    },
    get now() {
      return now
    },
    get skipped() {
      return skipped
    },
    get problem() {
      return problem
    },
    /** The time of day of a moment of the server. */
    date: at => new Date(Date.now() - (now - at)),
    /** Tells the server that this page looks at frames no more, unless somebody uses them. */
    forget() {
      if (users === 0)
        source.tell('leave-traffic')
    },
    clear() {
      rows = []
      skipped = 0
      waiting.clear()
    },
    /** Follows the traffic until the returned function is called. */
    use(listener) {
      listeners.add(listener)
      if (++users === 1) {
        turn++
        ask()
      }
      let isUsed = true
      return () => {
        if (!isUsed)
          return
        isUsed = false
        listeners.delete(listener)
        if (--users === 0)
          clearTimeout(timer)
      }
    },
  }
}

const isReply = frame => frame.kind === 'reply' || frame.kind === 'failure'

/** @returns {Row} */
function rowOf(frame) {
  const kind = isReply(frame) ? 'reply' : CHUNKS.has(frame.name) ? 'chunk' : frame.kind
  return {
    key: frame.number,
    at: frame.at,
    session: frame.session,
    incoming: frame.incoming,
    kind,
    name: frame.name ?? (kind === 'reply' ? 'reply of an earlier call' : 'not a valid frame'),
    isOwn: isOwnName(frame.name ?? ''),
    isBroadcast: false,
    isUnsure: false,
    frame,
    failed: frame.kind === 'failure' || kind === 'unreadable',
  }
}

export const isRunning = row => row.kind === 'call' && !row.reply && !row.isUnsure

export const isSlow = (row, now) => (row.duration ?? (isRunning(row) ? now - row.at : 0)) >= SLOW
