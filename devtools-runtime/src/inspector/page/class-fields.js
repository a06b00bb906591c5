/** Fields for the types that only structured clone has. */

import { h } from './dom.js'
import { bytes } from './format.js'
import { initial } from './schema.js'

/**
 * Makes the fields for a value of a class. Returns `undefined` for a class that has none.
 *
 * @param {any} schema of the value
 * @param {import('./schema.js').Form} form
 * @param {any} value
 * @param {(value: any) => void} changed
 * @param {string} label
 * @param {{ field: typeof import('./schema-form.js').field, labelled: Function, members: Function }} parts
 * @returns {HTMLElement | undefined}
 */
export function classField(schema, form, value, changed, label, { field, labelled, members }) {
  switch (schema['x-js-class']) {
    case 'bigint': return labelled(label, schema, id => typed(id, value === undefined ? '' : String(value), { inputMode: 'numeric', class: 'code' }, text => changed(BigInt(text))))
    case 'RegExp': return labelled(label, schema, id => typed(id, value instanceof RegExp ? String(value) : '', { class: 'code', placeholder: '/a+/g' }, text => changed(regExp(text))))
    case 'Date': return labelled(label, schema, id => h('input', { id, type: 'datetime-local', step: '0.001', value: value instanceof Date ? local(value) : '', oninput: event => event.target.value && changed(new Date(event.target.value)) }))
    case 'Uint8Array': return labelled(label, schema, id => file(id, value, changed))
    case 'Set': {
      const [member] = schema['x-js-class-of']
      return members(label, value instanceof Set ? value : [], () => initial(member, form), (it, next, label) => field(member, form, it, next, label), all => changed(new Set(all)))
    }
    case 'Map': return map(schema['x-js-class-of'], form, value, changed, label, { field, members })
  }
  return undefined
}

/** A field for a text that not every text is. */
function typed(id, value, properties, changed) {
  return h('input', { id, type: 'text', autocomplete: 'off', spellcheck: false, value, ...properties, oninput: (event) => {
    try {
      changed(event.target.value.trim())
      event.target.setCustomValidity('')
    }
    catch (error) {
      event.target.setCustomValidity(error.message)
    }
  } })
}

function regExp(text) {
  const [, source, flags] = /^\/([^]*)\/([a-z]*)$/.exec(text) ?? []
  if (source === undefined)
    throw new SyntaxError('write it between slashes, such as /a+/g')
  return new RegExp(source, flags)
}

/** The bytes of a file. */
function file(id, value, changed) {
  const size = h('small.quiet', {}, value instanceof Uint8Array ? bytes(value.length) : '')
  return h('div', {}, h('input', { id, type: 'file', onchange: async (event) => {
    const [chosen] = event.target.files
    if (!chosen)
      return
    const content = new Uint8Array(await chosen.arrayBuffer())
    size.textContent = bytes(content.length)
    changed(content)
  } }), size)
}

/** A date as the field has it: in the time of this place. */
function local(date) {
  return Number.isNaN(Number(date)) ? '' : new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, -1)
}

function map([key, content], form, value, changed, label, { field, members }) {
  return members(label, value instanceof Map ? value : [], () => [initial(key, form), initial(content, form)], (pair, next, label) => {
    const both = [...pair]
    const part = (index, schema, name) => field(schema, form, both[index], (to) => {
      both[index] = to
      next([...both])
    }, `${label} ${name}`)
    return h('div.pair', {}, part(0, key, 'key'), part(1, content, 'value'))
  }, pairs => changed(new Map(pairs)))
}
