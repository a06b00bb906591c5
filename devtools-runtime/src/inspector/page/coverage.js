/** Compares the calls that panels make with what a static build would record. */

import { button, copyButton, fill, h } from './dom.js'
import { count, plural } from './format.js'

const PERIOD = 1000 // milliseconds between two questions to the server

/** @param {import('./source.js').Source} source */
export function coverage(source) {
  const status = h('p.quiet', { role: 'status' })
  const problem = h('p.problem', { role: 'alert' })
  const outcome = h('div')
  const toggle = button('Note calls', () => isNoting ? compare() : note())
  let isNoting = false
  let timer

  const attempt = async (act) => {
    problem.textContent = ''
    try {
      await act()
    }
    catch (error) {
      problem.textContent = error.message
    }
  }

  const note = () => attempt(async () => {
    await source.ask('note-calls')
    isNoting = true
    fill(outcome)
    toggle.textContent = 'Compare'
    await follow()
  })

  /** Says how many calls were noted so far. */
  async function follow() {
    clearTimeout(timer)
    const noted = await source.ask('noted-calls')
    if (!isNoting)
      return
    if (noted === null)
      return end('The server does not note calls any more.')
    status.textContent = `${plural(noted, 'different call')} so far. Use the panels, and then compare.`
    timer = setTimeout(() => follow().catch(() => end('The connection was lost, and with it the calls.')), PERIOD)
  }

  function end(text) {
    isNoting = false
    clearTimeout(timer)
    toggle.textContent = 'Note calls'
    status.textContent = text
  }

  const compare = () => attempt(async () => {
    const { compared, beyond, missed, problems, code } = await source.ask('compare-calls')
    end(`${plural(compared, 'different call')} compared${beyond ? `, ${count(beyond)} more were too many` : ''}: a static build would miss ${missed.length || 'none'}.`)
    fill(outcome,
      problems.map(text => h('p.problem', {}, text)),
      missed.length > 0 && [
        h('div.scroll', {}, h('table', { 'aria-label': 'Missed calls' }, h('thead', {}, h('tr', {}, ['Call', 'Reason'].map(title => h('th', { scope: 'col' }, title)))), h('tbody', {}, missed.map(it => h('tr', {}, h('td', {}, h('a', { href: `#/functions/${encodeURIComponent(it.function)}` }, h('code', {}, it.call))), h('td', {}, reason(it))))))),
        h('details.schema', {}, h('summary', {}, 'As inputs of dumps'), copyButton('the inputs', () => code), h('pre', {}, code)),
      ])
  })

  return h('section.block', {}, h('h3', {}, 'Calls that a static build would miss'), h('p.quiet', {}, 'The server notes the calls of all panels, and compares them with the dumps that the functions declare.'), h('p', {}, toggle), status, problem, outcome)
}

function reason({ kind, fallback }) {
  if (kind === 'action')
    return 'an action changes something'
  if (kind === 'event')
    return 'an event has no result'
  return fallback ? 'its arguments are not recorded, so it gets the fallback' : 'its arguments are not recorded'
}
