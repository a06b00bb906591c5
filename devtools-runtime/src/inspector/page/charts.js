/** The tab of the charts: calls, latencies and bytes over the last minutes. */

import { h, fill } from './dom.js'
import { bytes, count, duration } from './format.js'

const PERIOD = 1000 // milliseconds between two points
const POINTS = 300

/**
 * @param {import('./source.js').Source} source
 * @param {ReturnType<import('./traffic-log.js').trafficFeed>} feed
 * @returns {import('./main.js').Tab}
 */
export function chartsTab(source, feed) {
  const calls = chart('Calls and events per second', ['calls', 'events'], count)
  const latency = chart('Latency of calls', ['median', '95 %', 'slowest'], duration)
  const traffic = chart('Bytes per second', ['read', 'written'], bytes)
  const problem = h('p.problem', { role: 'alert' })
  const element = h('section.panel', {}, h('div.page.charts', {}, problem, calls.element, latency.element, traffic.element, h('p.quiet', {}, 'The charts go on while this tab is open. The calls of this page are left out.')))
  let timer
  let leave
  let before

  async function ask() {
    clearTimeout(timer)
    try {
      const { stats: { total }, sessions } = await source.ask('sessions')
      problem.textContent = ''
      point({ at: performance.now(), total, own: sessions.find(it => it.isOwn) })
    }
    catch (error) {
      problem.textContent = error.message
    }
    if (leave)
      timer = setTimeout(ask, PERIOD)
  }

  function point(next) {
    if (before && next.own?.id === before.own?.id) {
      const seconds = (next.at - before.at) / 1000
      // The questions of this page are left out.
      const ofOthers = (point, key) => point.total[key] - (point.own?.stats[key] ?? 0)
      const rate = key => Math.max(ofOthers(next, key) - ofOthers(before, key), 0) / seconds
      calls.add([rate('calls'), rate('events')])
      traffic.add([rate('bytesRead'), rate('bytesWritten')])
      latency.add(percentiles(feed.rows.filter(row => row.duration !== undefined && row.incoming && !row.isOwn && row.reply.at > feed.now - PERIOD).map(row => row.duration)))
    }
    before = next
  }

  return {
    id: 'charts',
    title: 'Charts',
    element,
    show() {
      leave ??= feed.use(() => {})
      ask()
    },
    hide() {
      leave?.()
      leave = undefined
      feed.forget()
      before = undefined
      clearTimeout(timer)
    },
  }
}

/** The median, the 95th percentile and the largest value; `undefined` without values. */
function percentiles(values) {
  values.sort((a, b) => a - b)
  return [0.5, 0.95, 1].map(share => values[Math.max(Math.ceil(values.length * share) - 1, 0)])
}

const WIDTH = 600
const HEIGHT = 120

/** A chart with a line for each series. */
function chart(title, names, format) {
  const points = []
  const svg = (tag, attributes = {}) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
    for (const [name, value] of Object.entries(attributes))
      element.setAttribute(name, value)
    return element
  }
  const lines = names.map((_, index) => svg('path', { 'data-series': index }))
  const drawing = svg('svg', { 'viewBox': `0 0 ${WIDTH} ${HEIGHT}`, 'preserveAspectRatio': 'none', 'aria-hidden': 'true' })
  drawing.append(...lines)
  const top = h('span.quiet.top-value')
  const legend = h('p.legend')
  const element = h('figure', { 'aria-label': title }, h('figcaption', {}, h('h3', {}, title), legend), h('div.drawing', {}, top, drawing))
  drawLegend([])

  function drawLegend(last) {
    fill(legend, names.map((name, index) => h('span', { 'data-series': String(index) }, `${name} `, h('strong', {}, last[index] === undefined ? '–' : format(rounded(last[index]))))))
  }

  return {
    element,
    add(values) {
      points.push(values)
      points.splice(0, points.length - POINTS)
      const largest = Math.max(1, ...points.flat().filter(value => value !== undefined))
      top.textContent = format(rounded(largest))
      for (const [index, line] of lines.entries())
        line.setAttribute('d', path(points.map(point => point[index]), largest))
      drawLegend(values)
    },
  }
}

const rounded = value => value < 10 ? Math.round(value * 100) / 100 : Math.round(value)

/** A line through the values, with gaps where there are none. */
function path(values, largest) {
  const step = WIDTH / (POINTS - 1)
  const first = WIDTH - (values.length - 1) * step
  let isOpen = false
  return values.map((value, index) => {
    if (value === undefined) {
      isOpen = false
      return ''
    }
    const place = `${(first + index * step).toFixed(1)} ${(HEIGHT - 2 - value / largest * (HEIGHT - 8)).toFixed(1)}`
    const text = isOpen ? `L${place}` : `M${place}h.1`
    isOpen = true
    return text
  }).join('')
}
