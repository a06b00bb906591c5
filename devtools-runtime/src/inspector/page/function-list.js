/** The list of functions with its search and filters. */

import { button, empty, fill, h, withArrowKeys } from './dom.js'
import { plural } from './format.js'
import { isBuiltIn } from './source.js'

const KINDS = ['query', 'static', 'action', 'event', 'client']

export function functionList() {
  const search = h('input', { type: 'search', placeholder: 'Search name, description, file', 'aria-label': 'Search functions', autocomplete: 'off', spellcheck: false, oninput: draw })
  const kinds = KINDS.map(kind => button(kind, () => toggle(kind), { 'aria-pressed': 'false', class: 'chip' }))
  const builtIn = h('input', { type: 'checkbox', onchange: draw })
  const items = withArrowKeys(h('nav.items', { 'aria-label': 'Functions' }), 'a')
  const total = h('p.total.quiet', { role: 'status' })
  const element = h('div.list', {}, h('div.bar', {}, search), h('div.bar.wrap', {}, kinds, h('label.chip-like', {}, builtIn, ' protocol')), items, total)
  let functions = []
  let chosen
  let kind

  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'Enter') {
      event.preventDefault()
      const first = items.querySelector('a')
      first?.focus()
      if (event.key === 'Enter')
        first?.click()
    }
  })

  function toggle(next) {
    kind = kind === next ? undefined : next
    for (const [index, name] of KINDS.entries())
      kinds[index].setAttribute('aria-pressed', String(name === kind))
    draw()
  }

  function matches(info) {
    if (!builtIn.checked && isBuiltIn(info.name) && info.name !== chosen)
      return false
    if (kind && (kind === 'client') !== (info.side === 'client') || kind && kind !== 'client' && kind !== info.type)
      return false
    const text = `${info.name} ${info.title ?? ''} ${info.description ?? ''} ${info.file} ${info.package ?? ''}`.toLowerCase()
    return search.value.toLowerCase().split(/\s+/).every(word => text.includes(word))
  }

  function draw() {
    const groups = Map.groupBy?.(functions.filter(matches), it => it.package || 'closures') ?? groupsOf(functions.filter(matches))
    const shown = [...groups.values()].reduce((sum, group) => sum + group.length, 0)
    fill(items, shown ? [...groups].map(([name, group]) => [h('h3', {}, name), group.map(item)]) : empty(functions.length ? 'No function matches.' : 'The program has no functions.'))
    total.textContent = plural(shown, 'function')
  }

  function item(info) {
    const [, scope, name] = /^(.*:)?([^:]*)$/.exec(info.name)
    const isChosen = info.name === chosen
    return h('a', { href: `#/functions/${encodeURIComponent(info.name)}`, 'aria-current': isChosen ? 'true' : undefined, title: info.description ?? '' }, h('span.kind', { 'data-kind': info.side === 'client' ? 'client' : info.type }), h('span.name', {}, h('span.quiet', {}, scope), name))
  }

  return {
    element,
    fill(next) {
      functions = next
      draw()
    },
    choose(name) {
      chosen = name
      for (const link of items.querySelectorAll('a'))
        link.toggleAttribute('aria-current', link.hash === `#/functions/${encodeURIComponent(name)}`)
      if (name && !items.querySelector('[aria-current]'))
        draw()
    },
    search: () => search.focus(),
  }
}

function groupsOf(functions) {
  const groups = new Map()
  for (const info of functions) {
    const name = info.package || 'closures'
    groups.set(name, [...groups.get(name) ?? [], info])
  }
  return groups
}
