/** The tab of the traffic: a row for each call, event and chunk, in both directions. */

import { button, empty, fill, h } from './dom.js'
import { bytes, clock, duration, plural, sessionName } from './format.js'
import { isRunning, isSlow } from './traffic-log.js'
import { frameDetail } from './traffic-detail.js'

const HEIGHT = 26 // pixels of a row, as in the styles
const KINDS = ['call', 'event', 'chunk']
const OUTCOMES = ['failed', 'slow', 'running']

/**
 * @param {import('./source.js').Source} source
 * @param {ReturnType<import('./traffic-log.js').trafficFeed>} feed
 * @returns {import('./main.js').Tab}
 */
export function trafficTab(source, feed) {
  const search = h('input', { type: 'search', placeholder: 'Filter names', 'aria-label': 'Filter traffic', autocomplete: 'off', spellcheck: false, oninput: draw })
  const session = h('select', { 'aria-label': 'Session', onchange: draw }, h('option', { value: '' }, 'all sessions'))
  const kinds = chips(KINDS)
  const outcomes = chips(OUTCOMES)
  const own = h('input', { type: 'checkbox', onchange: draw })
  const pause = button('Pause', () => isPaused ? resume() : stop(), { 'aria-pressed': 'false' })
  const clear = button('Clear', () => {
    feed.clear()
    choose(undefined)
    draw()
  })
  const total = h('p.total.quiet', { role: 'status' })
  const head = h('div.row.head', { role: 'row' }, ['Time', 'Session', 'Name', 'Bytes', 'Duration', 'Waterfall'].map(title => h('span', { role: 'columnheader' }, title)))
  const body = h('div.rows', { role: 'rowgroup' })
  const grid = h('div.grid', { role: 'grid', 'aria-label': 'Traffic', tabIndex: 0, onscroll: drawRows, onkeydown: move }, head, body)
  const detail = h('div.detail.frame', { hidden: true })
  const element = h('section.panel.traffic', {}, h('div.bar.wrap', {}, search, session, kinds.element, outcomes.element, h('label.chip-like', { title: 'The calls of this page' }, own, ' inspector'), h('span.grow'), pause, clear), h('div.columns', {}, grid, detail), total)
  let leave
  let isPaused = false
  let shown = []
  let chosen

  function chips(names) {
    let current
    const buttons = names.map(name => button(name, () => {
      current = current === name ? undefined : name
      for (const [index, other] of names.entries())
        buttons[index].setAttribute('aria-pressed', String(other === current))
      draw()
    }, { 'class': 'chip', 'aria-pressed': 'false' }))
    return { element: h('span.chips', {}, buttons), get current() {
      return current
    } }
  }

  function stop() {
    isPaused = true
    pause.textContent = 'Resume'
    pause.setAttribute('aria-pressed', 'true')
    leave?.()
    leave = undefined
  }

  function resume() {
    isPaused = false
    pause.textContent = 'Pause'
    pause.setAttribute('aria-pressed', 'false')
    leave ??= feed.use(draw)
  }

  function matches(row, words) {
    return (own.checked || !row.isOwn)
      && (!session.value || String(row.session) === session.value)
      && (!kinds.current || row.kind === kinds.current)
      && (outcomes.current !== 'failed' || row.failed)
      && (outcomes.current !== 'slow' || isSlow(row, feed.now))
      && (outcomes.current !== 'running' || isRunning(row))
      && words.every(word => row.name.toLowerCase().includes(word))
  }

  function draw() {
    const isAtEnd = grid.scrollTop + grid.clientHeight >= grid.scrollHeight - HEIGHT
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
    shown = feed.rows.filter(row => matches(row, words))
    listSessions()
    body.style.height = `${shown.length * HEIGHT}px`
    if (isAtEnd)
      grid.scrollTop = grid.scrollHeight
    drawRows()
    const parts = [plural(shown.length, 'row')]
    if (feed.skipped)
      parts.push(`${plural(feed.skipped, 'frame')} came too fast to be recorded`)
    if (isPaused)
      parts.push('paused')
    if (feed.problem)
      parts.push(feed.problem.message)
    total.textContent = parts.join(' · ')
    if (chosen && isRunningDetail && chosen.reply)
      choose(chosen)
  }

  let isRunningDetail = false

  function listSessions() {
    const ids = [...new Set(feed.rows.map(row => String(row.session)))]
    const known = [...session.options].map(option => option.value)
    for (const id of ids.filter(id => !known.includes(id)))
      session.append(h('option', { value: id }, id === '0' ? 'plain HTTP' : `session ${id}`))
  }

  /** Makes elements for the visible rows only. */
  function drawRows() {
    const first = Math.max(Math.floor(grid.scrollTop / HEIGHT) - 5, 0)
    const visible = shown.slice(first, first + Math.ceil(grid.clientHeight / HEIGHT) + 10)
    const begin = visible[0]?.at ?? 0
    const end = Math.max(...visible.map(row => row.at + (row.duration ?? (isRunning(row) ? feed.now - row.at : 0))), begin + 1)
    fill(body, visible.length || shown.length ? visible.map((row, index) => rowElement(row, first + index, begin, end)) : empty(feed.rows.length ? 'No row matches.' : 'Waiting for traffic. Use a panel, or call a function.'))
    grid.setAttribute('aria-rowcount', String(shown.length))
  }

  function rowElement(row, index, begin, end) {
    const took = row.duration ?? (isRunning(row) ? feed.now - row.at : undefined)
    const states = [row.failed && 'failed', isSlow(row, feed.now) && 'slow', isRunning(row) && 'running'].filter(Boolean).join(' ')
    const arrow = row.incoming ? h('span.in', { title: 'to the server' }, '→') : h('span.out', { title: 'from the server' }, '←')
    const line = h('div.row', { role: 'row', id: `row-${row.key}`, 'data-kind': row.kind, 'data-state': states, 'aria-selected': String(row === chosen), onclick: () => choose(row) },
      h('span', { role: 'gridcell' }, clock(feed.date(row.at))),
      h('span', { role: 'gridcell' }, sessionName(row.session)),
      h('span.name', { role: 'gridcell', title: row.name }, arrow, ' ', row.name, row.kind !== 'call' && [' ', h('span.tag', {}, row.kind)], row.isBroadcast && [' ', h('span.tag', {}, 'broadcast')]),
      h('span.number', { role: 'gridcell' }, bytes(row.frame.bytes + (row.reply?.bytes ?? 0))),
      h('span.number.took', { role: 'gridcell' }, took === undefined ? row.isUnsure ? h('span.quiet', { title: 'The reply was not recorded yet, because frames came too fast' }, 'not seen') : '' : isRunning(row) ? 'running' : duration(took)),
      h('span.fall', { role: 'gridcell' }, bar(row.at, took ?? 0, begin, end)))
    line.style.top = `${index * HEIGHT}px`
    line.setAttribute('aria-rowindex', String(index + 1))
    return line
  }

  function choose(row) {
    chosen = row
    isRunningDetail = Boolean(row && isRunning(row))
    detail.hidden = !row
    element.classList.toggle('has-detail', Boolean(row))
    if (row) {
      grid.setAttribute('aria-activedescendant', `row-${row.key}`)
      fill(detail, frameDetail(row, source, feed, () => {
        choose(undefined)
        grid.focus()
      }))
    }
    else {
      grid.removeAttribute('aria-activedescendant')
    }
    drawRows()
  }

  function move(event) {
    if (event.target !== grid)
      return
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }
    if (event.key === 'Escape')
      return choose(undefined)
    if (!(event.key in steps) || !shown.length)
      return
    event.preventDefault()
    const at = chosen ? shown.indexOf(chosen) : steps[event.key] > 0 ? -1 : shown.length
    const next = Math.min(Math.max(at + steps[event.key], 0), shown.length - 1)
    const top = next * HEIGHT
    if (top < grid.scrollTop || top + 2 * HEIGHT > grid.scrollTop + grid.clientHeight)
      grid.scrollTop = top - grid.clientHeight / 2
    choose(shown[next])
  }

  return {
    id: 'traffic',
    title: 'Traffic',
    element,
    show() {
      if (!isPaused)
        resume()
      draw()
    },
    hide() {
      leave?.()
      leave = undefined
      feed.forget()
    },
    search: () => search.focus(),
  }
}

/** The time of a call between the first and the last visible moment. */
function bar(at, took, begin, end) {
  const span = end - begin
  const left = Math.max((at - begin) / span, 0) * 100
  const width = Math.min(took / span * 100, 100 - left)
  const mark = h('span.time')
  mark.style.left = `${left}%`
  mark.style.width = `max(2px, ${width}%)`
  return mark
}
