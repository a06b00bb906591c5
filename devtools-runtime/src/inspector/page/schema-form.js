/** A form for a value, made from its JSON Schema. Parts that have no fields of their own are written as JSON. */

import { button, fill, h } from './dom.js'

let lastId = 0

/**
 * Makes the fields for a value.
 *
 * @param {any} schema of the value
 * @param {any} root the schema that has the `$defs`
 * @param {any} value
 * @param {(value: any) => void} changed is called with each new value
 * @param {string} label
 * @returns {HTMLElement}
 */
export function field(schema, root, value, changed, label) {
  const it = resolve(schema, root)
  const optional = withoutNull(it, root)
  if (optional)
    return optionalField(optional, root, value, changed, label)
  const options = enumOf(it, root)
  if (options)
    return choice(options, value, changed, label)
  switch (typeOf(it)) {
    case 'boolean': return labelled(label, it, id => h('input', { id, type: 'checkbox', checked: value === true, onchange: event => changed(event.target.checked) }), 'inline')
    case 'integer': case 'number': return labelled(label, it, id => h('input', {
      id, type: 'number', step: typeOf(it) === 'integer' ? '1' : 'any', min: it.minimum, max: it.maximum, value: typeof value === 'number' ? value : '',
      oninput: event => changed(event.target.value === '' ? undefined : event.target.valueAsNumber),
    }))
    case 'string': return labelled(label, it, id => h('textarea', { id, rows: 1, spellcheck: false, value: typeof value === 'string' ? value : '', oninput: event => changed(event.target.value) }))
    case 'array': if (it.items && it.items !== true) return list(it, root, value, changed, label); break
    case 'object': if (it.properties && Object.keys(it.properties).length) return group(it, root, value, changed, label); break
  }
  return jsonField(it, value, changed, label)
}

/** Returns the value that a new field begins with. */
export function initial(schema, root, depth = 0) {
  const it = resolve(schema, root)
  if (it.default !== undefined)
    return it.default
  if (withoutNull(it, root) || depth > 4)
    return null
  const options = enumOf(it, root)
  if (options)
    return options[0]
  switch (typeOf(it)) {
    case 'boolean': return false
    case 'integer': case 'number': return it.minimum ?? 0
    case 'string': return ''
    case 'array': return []
    case 'object': {
      const required = Object.entries(it.properties ?? {}).filter(([name]) => it.required?.includes(name))
      return Object.fromEntries(required.map(([name, member]) => [name, initial(member, root, depth + 1)]))
    }
  }
  return null
}

function labelled(label, schema, control, layout = '') {
  const id = `field-${++lastId}`
  return h(`div.field${layout && `.${layout}`}`, {}, h('label', { for: id }, label), control(id), schema.description && h('small.quiet', {}, schema.description))
}

function optionalField(schema, root, value, changed, label) {
  const body = h('div')
  const isGiven = () => value !== null && value !== undefined
  const draw = () => fill(body, isGiven() && field(schema, root, value, (next) => {
    value = next
    changed(next)
  }, label))
  const id = `field-${++lastId}`
  const box = h('input', { id, type: 'checkbox', checked: isGiven(), onchange: () => {
    value = box.checked ? initial(schema, root) : null
    changed(value)
    draw()
  } })
  draw()
  return h('div.field.optional', {}, h('div.inline', {}, box, h('label.quiet', { for: id }, `give ${label}`)), body)
}

function choice(options, value, changed, label) {
  return labelled(label, {}, id => h('select', { id, onchange: event => changed(options[event.target.selectedIndex]) }, options.map(option => h('option', { selected: option === value }, String(option)))))
}

function list(schema, root, value, changed, label) {
  let members = Array.isArray(value) ? [...value] : []
  const body = h('div.members')
  const tell = () => changed([...members])
  const draw = () => fill(body, members.map((member, index) => h('div.member', {}, field(schema.items, root, member, (next) => {
    members[index] = next
    tell()
  }, `${label} ${index + 1}`), button('Remove', () => {
    members = members.filter((_, other) => other !== index)
    tell()
    draw()
  }, { class: 'plain', 'aria-label': `Remove ${label} ${index + 1}` }))))
  draw()
  return h('fieldset', {}, h('legend', {}, label), body, button('Add', () => {
    members.push(initial(schema.items, root))
    tell()
    draw()
  }, { class: 'plain', 'aria-label': `Add to ${label}` }))
}

function group(schema, root, value, changed, label) {
  let members = typeof value === 'object' && value !== null ? { ...value } : {}
  return h('fieldset', {}, h('legend', {}, label), Object.entries(schema.properties).map(([name, member]) => field(member, root, members[name], (next) => {
    members = { ...members, [name]: next }
    if (next === undefined || next === null && !schema.required?.includes(name))
      delete members[name]
    changed(members)
  }, name)))
}

function jsonField(schema, value, changed, label) {
  return labelled(label, schema, (id) => {
    const area = h('textarea.code', { id, rows: 2, spellcheck: false, value: value === undefined ? '' : JSON.stringify(value), oninput: () => {
      try {
        const next = area.value.trim() === '' ? null : JSON.parse(area.value)
        area.setCustomValidity('')
        changed(next)
      }
      catch (error) {
        area.setCustomValidity(error.message)
      }
    } })
    return area
  })
}

/** Follows references to the types of the schema. */
function resolve(schema, root) {
  let it = schema
  for (let steps = 0; typeof it?.$ref === 'string' && steps < 20; steps++) {
    const { $ref, ...beside } = it
    const target = $ref.replace(/^#\//, '').split('/').reduce((at, part) => at?.[part.replaceAll('~1', '/').replaceAll('~0', '~')], root)
    it = { ...target, ...beside }
  }
  return typeof it === 'object' && it !== null ? it : {}
}

function typeOf(schema) {
  return Array.isArray(schema.type) ? schema.type[0] : schema.type
}

/** Returns the schema without `null`, if `null` is allowed. */
function withoutNull(schema, root) {
  if (Array.isArray(schema.type) && schema.type.includes('null')) {
    const types = schema.type.filter(type => type !== 'null')
    return { ...schema, type: types.length === 1 ? types[0] : types }
  }
  const branches = schema.anyOf ?? schema.oneOf
  const rest = branches?.filter(branch => resolve(branch, root).type !== 'null')
  return rest?.length === 1 && branches.length === 2 ? { description: schema.description, ...rest[0] } : undefined
}

/** Returns the values of a schema that allows only some. */
function enumOf(schema, root) {
  if (schema.enum)
    return schema.enum
  const constants = schema.oneOf?.map(branch => resolve(branch, root)).map(branch => branch.enum ?? ('const' in branch ? [branch.const] : undefined))
  return constants?.length && constants.every(Boolean) ? constants.flat() : undefined
}
