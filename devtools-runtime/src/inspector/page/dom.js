/** Makes and fills elements. */

/**
 * Makes an element. Properties that begin with `on` are listeners, `class`, `for` and names with a hyphen are attributes, and others are properties. Children that
 * are `null`, `undefined` or `false` are left out.
 *
 * @param {string} tag the name of the element, with classes after dots: `span.quiet`
 * @param {Record<string, any>} [properties]
 * @param {...any} children nodes, texts, or lists of them
 */
export function h(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split('.')
  const element = document.createElement(name)
  if (classes.length)
    element.className = classes.join(' ')
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false && !(key in element))
      continue
    if (key.startsWith('on'))
      element.addEventListener(key.slice(2), value)
    else if (key.includes('-') || key === 'role' || key === 'for' || !(key in element))
      element.setAttribute(key, value === true ? '' : value)
    else
      element[key] = value
  }
  element.append(...flat(children))
  return element
}

/** Replaces the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children))
  return element
}

function flat(children) {
  return children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false)
}

/** A button. */
export function button(label, onclick, properties = {}) {
  return h('button', { type: 'button', onclick, ...properties }, label)
}

/** A button that copies a text. `what` says which, as some pages have several of these. */
export function copyButton(what, text) {
  const copy = button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(text())
      copy.textContent = 'Copied'
    }
    catch {
      copy.textContent = 'Not allowed'
    }
    setTimeout(() => copy.textContent = 'Copy', 1500)
  }, { class: 'plain', title: `Copy ${what}` })
  return copy
}

/** A message in place of content. */
export const empty = (...content) => h('p.empty', {}, ...content)

/** A list of names and values. Entries whose value is missing are left out. */
export function facts(entries) {
  const shown = entries.filter(([, value]) => value !== undefined && value !== null && value !== '' && value !== false)
  return h('dl.facts', {}, shown.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]))
}

/** Moves the focus between the elements of a list with the arrow keys. */
export function withArrowKeys(container, selector, keys = ['ArrowUp', 'ArrowDown']) {
  container.addEventListener('keydown', (event) => {
    const step = [keys[0], keys[1]].indexOf(event.key)
    const all = [...container.querySelectorAll(selector)].filter(element => element.offsetParent !== null)
    const at = all.indexOf(document.activeElement)
    if (at < 0)
      return
    const next = step === 0 ? at - 1 : step === 1 ? at + 1 : event.key === 'Home' ? 0 : event.key === 'End' ? all.length - 1 : undefined
    if (next === undefined || event.target.matches('input, textarea, select'))
      return
    event.preventDefault()
    all[next]?.focus()
  })
  return container
}

/**
 * A table whose rows become cards on a narrow page. Its roles are written out, because some browsers take them away from a table that is not displayed as one.
 *
 * @param {string} label
 * @param {[title: string, kind?: string][]} columns without that of the buttons, which is the last one
 */
export function cards(label, columns) {
  const body = h('tbody', { role: 'rowgroup' })
  const heads = columns.map(([title, kind]) => h('th', { role: 'columnheader', scope: 'col', class: kind ?? '' }, title))
  const buttons = h('th', { role: 'columnheader', scope: 'col' }, h('span.unseen', {}, 'Actions'))
  const head = h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads, buttons))
  return { body, element: h('div.scroll', {}, h('table.cards', { 'role': 'table', 'aria-label': label }, head, body)) }
}

/** A row of such a table: a cell for each column, and the buttons. */
export function card(columns, ...buttons) {
  const cells = columns.map(([title, kind]) => h('td', { 'role': 'cell', 'class': kind ?? '', 'data-label': title }))
  return { cells, element: h('tr', { role: 'row' }, cells, h('td', { role: 'cell' }, buttons)) }
}
