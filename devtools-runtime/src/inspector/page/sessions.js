/** The tab of the sessions: who is connected, and what they have sent and received. */

import { button, card, cards, facts, fill, h } from './dom.js'
import { bytes, count } from './format.js'

const PERIOD = 1000 // milliseconds between two questions to the server

const COLUMNS = [
  ['#', it => `${it.id}${it.isOwn ? ' (this page)' : ''}`],
  ['Client', it => it.origin ?? it.userAgent ?? (it.transport === 'local' ? 'inside the program' : 'a program'), 'wide', it => [it.userAgent, it.address].filter(Boolean).join('\n')],
  ['Transport', it => ({ websocket: 'WebSocket', sse: 'SSE', local: 'memory' })[it.transport] ?? it.transport],
  ['Trust', it => it.trusted ? [it.tokenName, ...it.roles].filter(Boolean).join(', ') || 'trusted' : 'not trusted'],
  ['Calls', it => count(it.stats.calls), 'number'],
  ['Running', it => count(it.stats.callsRunning), 'number'],
  ['Events', it => count(it.stats.events), 'number'],
  ['Read', it => bytes(it.stats.bytesRead), 'number', it => `${count(it.stats.framesRead)} frames`],
  ['Written', it => bytes(it.stats.bytesWritten), 'number', it => `${count(it.stats.framesWritten)} frames`],
  ['Queued', it => bytes(it.stats.bytesQueued), 'number'],
  ['Limits hit', it => limits(it.stats) || '–', 'wide'],
]

const HEADS = COLUMNS.map(([title, , kind]) => [title, kind])

const LIMITS = [
  ['framesUnreadable', 'unreadable'],
  ['framesTooLarge', 'too large'],
  ['handlersTimedOut', 'timed out'],
  ['readingPaused', 'paused'],
]

const limits = stats => LIMITS.filter(([key]) => stats[key]).map(([key, name]) => `${count(stats[key])} ${name}`).join(', ')

/**
 * @param {import('./source.js').Source} source
 * @returns {import('./main.js').Tab}
 */
export function sessionsTab(source) {
  const rows = new Map() // id → row
  const sums = h('div')
  const problem = h('p.problem', { role: 'alert' })
  const table = cards('Sessions', HEADS)
  const element = h('section.panel', {}, h('div.page', {}, sums, problem), table.element)
  let timer
  let isShown = false

  async function ask() {
    clearTimeout(timer)
    try {
      const { sessions, stats } = await source.ask('sessions')
      problem.textContent = ''
      draw(sessions)
      fill(sums, facts([
        ['Open', `${count(stats.sessionsOpen)} of ${count(stats.sessionsOpened)} since the start`],
        ['Calls of all sessions', `${count(stats.total.calls)}, and ${count(stats.total.events)} events`],
        ['Closed by limits', ended(stats)],
        ['Limits hit', limits(stats.total)],
      ]))
    }
    catch (error) {
      problem.textContent = error.message
    }
    if (isShown)
      timer = setTimeout(ask, PERIOD)
  }

  function draw(sessions) {
    const open = new Set(sessions.map(it => it.id))
    for (const [id, row] of rows) {
      if (!open.has(id)) {
        row.element.remove()
        rows.delete(id)
      }
    }
    for (const it of sessions) {
      if (!rows.has(it.id)) {
        rows.set(it.id, makeRow(it))
        table.body.append(rows.get(it.id).element)
      }
      rows.get(it.id).update(it)
    }
  }

  /** A row stays the same element, so that it keeps the focus. */
  function makeRow({ id, isOwn }) {
    const revoke = confirmed('Revoke', 'Withdraw the trust of this client and its other sessions', () => act('revoke-session', id))
    const close = confirmed('Close', 'End this connection', () => act('close-session', id))
    const { cells, element } = card(HEADS, !isOwn && [close, ' ', revoke])
    return {
      element,
      update(it) {
        for (const [index, [, text, , title]] of COLUMNS.entries()) {
          const next = text(it)
          if (cells[index].textContent !== next)
            cells[index].textContent = next
          cells[index].title = title?.(it) ?? ''
        }
        revoke.hidden = !it.trusted || it.transport === 'local'
      },
    }
  }

  async function act(name, id) {
    try {
      await source.ask(name, id)
      problem.textContent = ''
    }
    catch (error) {
      problem.textContent = error.message
    }
    await ask()
  }

  return {
    id: 'sessions',
    title: 'Sessions',
    element,
    show() {
      isShown = true
      ask()
    },
    hide() {
      isShown = false
      clearTimeout(timer)
    },
  }
}

function ended(stats) {
  const reasons = [['sessionsRefused', 'refused'], ['sessionsCongested', 'too slow'], ['sessionsDead', 'silent'], ['sessionsUntrusted', 'not signed in']]
  return reasons.filter(([key]) => stats[key]).map(([key, name]) => `${count(stats[key])} ${name}`).join(', ')
}

/** A button that acts when it is pressed twice. */
function confirmed(label, title, act) {
  let timer
  const it = button(label, () => {
    if (timer) {
      reset()
      return act()
    }
    it.textContent = `${label}?`
    timer = setTimeout(reset, 4000)
  }, { title, class: 'danger', onblur: () => reset() })
  function reset() {
    clearTimeout(timer)
    timer = undefined
    it.textContent = label
  }
  return it
}
