/** Shows one shared state: its live value, who has changed it, and a form to write it. */

import { asRpcError } from '../client.js'
import { changes } from './changes.js'
import { fill, h } from './dom.js'
import { clock } from './format.js'
import { taggedHelp } from './run.js'
import { parseTagged, writeTagged } from './tagged.js'
import { tree } from './tree.js'

const SHOWN = 50 // the changes that are shown
const PERIOD = 250 // the least milliseconds between two questions for changes

/**
 * Follows a state until it is closed.
 *
 * @param {string} key
 * @param {import('./source.js').Source} source
 */
export function stateView(key, source) {
  const value = h('div', {}, h('p.quiet', {}, 'Loading…'))
  const history = source.isStatic ? undefined : changeList(key, source)
  let isClosed = false
  let following = Promise.resolve() // one attempt after the other
  let stop

  async function follow() {
    const state = await source.rpc.sharedState(key)
    let isDrawn = false
    const draw = () => {
      isDrawn = true
      fill(value, tree(state.value()))
    }
    stop = state.on(() => {
      history?.changed()
      if (isDrawn)
        requestAnimationFrame(draw) // a state may change more often than a page can be drawn
      isDrawn = false
    })
    if (isClosed)
      return stop?.()
    draw()
    form?.begin(() => state.value())
  }

  /** Follows the state once it is there: writing its first value creates it. */
  function tryFollow() {
    following = following.then(() => stop || follow()).catch((error) => {
      fill(value, h('p.problem', { role: 'alert' }, error.message), !source.isStatic && h('p.quiet', {}, 'Writing a value creates the state.'))
    })
  }

  const form = source.isStatic ? undefined : writer(key, source, tryFollow)
  tryFollow()
  return {
    element: h('div', {}, h('h2', {}, key), value, form?.element, history?.element),
    close() {
      isClosed = true
      stop?.()
      history?.close()
    },
  }
}

/** The list of the last changes, which the server has recorded, with their authors. */
function changeList(key, source) {
  const list = h('ol.history', { 'role': 'list', 'aria-label': 'Changes' })
  const none = h('p.quiet', {}, 'No change is recorded.')
  let since = 0
  let timer
  let isAsking = false
  let isOutdated = false

  async function ask() {
    isOutdated = false
    isAsking = true
    try {
      const page = await source.ask('state-changes', key, since)
      since = page.next
      list.prepend(...page.changes.reverse().map(entry))
      while (list.children.length > SHOWN)
        list.lastChild.remove()
      none.hidden = list.children.length > 0
    }
    catch (error) {
      none.hidden = false
      none.textContent = `The changes could not be read: ${error.message}`
    }
    timer = setTimeout(() => {
      isAsking = false
      if (isOutdated)
        ask()
    }, PERIOD)
  }

  ask()
  return {
    element: h('section', {}, h('h3', {}, 'Changes'), none, list),
    changed() {
      isOutdated = true
      if (!isAsking)
        ask()
    },
    close: () => clearTimeout(timer),
  }
}

function entry({ at, session, by, values }) {
  const who = session === null ? 'the program' : `session ${session}${by ? ` · ${by}` : ''}`
  const lines = values ? changes(...values) : ['the values were too large to be recorded']
  return h('li', {}, h('span.quiet', {}, clock(new Date(at))), h('span.who', {}, who), lines.map(text => h('code', {}, text)))
}

/** A form that replaces the value of a state. */
function writer(key, source, written) {
  const text = h('textarea.code', { rows: 4, spellcheck: false, 'aria-label': 'New value as JSON' })
  const problem = h('p.problem', { role: 'alert' })
  const done = h('span.quiet', { role: 'status' })
  let current = () => undefined
  let filled = '' // the text that nobody has typed

  async function write(event) {
    event.preventDefault()
    problem.textContent = done.textContent = ''
    try {
      // Without the copy of the client, which would hide a refusal.
      await source.rpc.call('devframe:rpc:server-state:set', key, parseTagged(text.value))
      done.textContent = 'written'
      written()
    }
    catch (error) {
      problem.textContent = asRpcError(error).message
    }
  }

  /** Keeps what somebody has begun to write before the form was opened, or the value came. */
  function prefill() {
    if (text.value !== filled)
      return
    try {
      text.value = filled = current() === undefined ? 'null' : writeTagged(current(), 2)
    }
    catch (error) {
      problem.textContent = error.message
    }
  }

  const details = h('details', { ontoggle: () => details.open && prefill() }, h('summary', {}, 'Write a new value'), h('form', { onsubmit: write, onkeydown: event => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && write(event) }, text, taggedHelp(), problem, h('p.actions', {}, h('button.primary', { type: 'submit' }, 'Write'), ' ', h('small.quiet', {}, 'Ctrl + Enter'), ' ', done)))
  return {
    element: details,
    begin(value) {
      current = value
      if (details.open)
        prefill()
    },
  }
}
