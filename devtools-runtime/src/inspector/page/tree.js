/** Shows a value as a tree whose branches open on demand. Values may have any type that structured clone has. */

import { fill, h } from './dom.js'

const FIRST = 100 // the members of a branch that are shown at once
const OPEN = 12 // a branch with at most so many members is open at first

/** @param {any} value */
export function tree(value) {
  return h('div.tree', { role: 'group', 'aria-label': 'Value' }, node(undefined, value, 0, []))
}

function node(key, value, depth, above) {
  const label = key === undefined ? undefined : [h('span.key', {}, key), ': ']
  if (above.includes(value))
    return h('div.leaf', {}, label, h('span.quiet', {}, 'the value itself, again'))
  const members = membersOf(value)
  if (!members || !members.length)
    return h('div.leaf', {}, label, leaf(value, members))
  const body = h('div.members')
  const branch = h('details', { open: depth < 2 && members.length <= OPEN }, h('summary', {}, label, h('span.type', {}, titleOf(value, members))), body)
  const open = () => branch.open && !body.firstChild && show(body, members, 0, depth + 1, [...above, value])
  branch.addEventListener('toggle', open)
  open()
  return branch
}

function show(body, members, from, depth, above) {
  const shown = members.slice(from, from + FIRST)
  body.append(...shown.map(([key, value]) => node(key, value, depth, above)))
  const rest = members.length - from - shown.length
  if (rest > 0) {
    const more = h('button.plain', { type: 'button', onclick: () => {
      more.remove()
      show(body, members, from + FIRST, depth, above)
    } }, `${rest} more`)
    body.append(more)
  }
}

/** The members of a container, or `undefined` for other values. */
function membersOf(value) {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof RegExp)
    return undefined
  if (value instanceof Map)
    return [...value].map(([key, member]) => [typeof key === 'object' ? JSON.stringify(key) : String(key), member])
  if (value instanceof Set)
    return [...value].map((member, index) => [String(index), member])
  if (value instanceof ArrayBuffer)
    return membersOf(new Uint8Array(value))
  if (value instanceof Error)
    return Object.entries({ name: value.name, message: value.message, ...value })
  if (Array.isArray(value) || ArrayBuffer.isView(value) && 'length' in value)
    return Array.from(value, (member, index) => [String(index), member])
  return Object.entries(value)
}

function titleOf(value, members) {
  const name = value?.constructor?.name
  if (Array.isArray(value))
    return `[${members.length}]`
  if (name && name !== 'Object')
    return `${name} (${members.length})`
  const keys = members.slice(0, 4).map(([key]) => key).join(', ')
  return `{ ${keys}${members.length > 4 ? ', …' : ''} }`
}

function leaf(value, members) {
  if (members)
    return h('span.type', {}, Array.isArray(value) ? '[]' : value.constructor?.name === 'Object' ? '{}' : `${value.constructor?.name} (0)`)
  if (value instanceof Date)
    return h('span.date', {}, `Date ${Number.isNaN(Number(value)) ? 'invalid' : value.toISOString()}`)
  switch (typeof value) {
    case 'string': return longText(value)
    case 'bigint': return h('span.number', {}, `${value}n`)
    case 'number': return h('span.number', {}, Object.is(value, -0) ? '-0' : String(value))
    case 'undefined': return h('span.quiet', {}, 'undefined')
    default: return h(value === null ? 'span.quiet' : 'span.number', {}, String(value))
  }
}

const LONG = 500 // the characters of a text that are shown at once

function longText(value) {
  const text = JSON.stringify(value)
  if (text.length <= LONG)
    return h('span.text', {}, text)
  const short = h('span.text', {}, `${text.slice(0, LONG)}…`)
  return h('span', {}, short, ' ', h('button.plain', { type: 'button', onclick: event => fill(event.target.parentNode, h('span.text', {}, text)) }, `all ${text.length} characters`))
}

/** The text of a value for copying: JSON, with the types that JSON does not have as texts. */
export function asText(value) {
  return JSON.stringify(value, (key, member) => {
    if (typeof member === 'bigint')
      return `${member}n`
    if (member instanceof Map)
      return Object.fromEntries(member)
    if (member instanceof Set)
      return [...member]
    return member
  }, 2) ?? String(value)
}
