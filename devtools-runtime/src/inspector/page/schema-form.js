/** A form for a value, made from its JSON Schema. Parts that have no fields of their own are written as JSON. */

import { classField } from './class-fields.js'
import { button, fill, h } from './dom.js'
import { classOf, enumOf, fits, hasConst, initial, resolve, typeOf, variantsOf, withoutNull } from './schema.js'

let lastId = 0

/**
 * Makes the fields for a value.
 *
 * @param {any} schema of the value
 * @param {import('./schema.js').Form} form
 * @param {any} value
 * @param {(value: any) => void} changed is called with each new value
 * @param {string} label
 * @returns {HTMLElement}
 */
export function field(schema, form, value, changed, label) {
  const it = resolve(schema, form)
  if (classOf(it)) {
    const special = classField(it, form, value, changed, label, { field, labelled, members })
    return special ?? textField(it, form, value, changed, label)
  }
  const optional = withoutNull(it, form)
  if (optional)
    return optionalField(optional, form, value, changed, label)
  const options = enumOf(it, form)
  if (options)
    return choice(options, value, changed, label)
  const variants = variantsOf(it, form)
  if (variants)
    return variant(variants, form, value, changed, label)
  switch (typeOf(it)) {
    case 'boolean': return labelled(label, it, id => h('input', { id, type: 'checkbox', checked: value === true, onchange: event => changed(event.target.checked) }), 'inline')
    case 'integer': case 'number': return labelled(label, it, id => h('input', {
      id, type: 'number', step: typeOf(it) === 'integer' ? '1' : 'any', min: it.minimum, max: it.maximum, value: typeof value === 'number' ? value : '',
      oninput: event => changed(event.target.value === '' ? undefined : event.target.valueAsNumber),
    }))
    case 'string': return labelled(label, it, id => h('textarea', { id, rows: 1, spellcheck: false, value: typeof value === 'string' ? value : '', oninput: event => changed(event.target.value) }))
    case 'array':
      if (it.prefixItems)
        return tuple(it, form, value, changed, label)
      if (it.items && it.items !== true)
        return list(it, form, value, changed, label)
      break
    case 'object':
      if (it.properties && Object.keys(it.properties).length)
        return group(it, form, value, changed, label)
      if (it.additionalProperties && it.additionalProperties !== true)
        return record(it, form, value, changed, label)
  }
  return textField(it, form, value, changed, label)
}

function labelled(label, schema, control, layout = '') {
  const id = `field-${++lastId}`
  return h(`div.field${layout && `.${layout}`}`, {}, h('label', { for: id }, label), control(id), schema.description && h('small.quiet', {}, schema.description))
}

function optionalField(schema, form, value, changed, label) {
  const body = h('div')
  const isGiven = () => value !== null && value !== undefined
  const draw = () => fill(body, isGiven() && field(schema, form, value, (next) => {
    value = next
    changed(next)
  }, label))
  const id = `field-${++lastId}`
  const box = h('input', { id, type: 'checkbox', checked: isGiven(), onchange: () => {
    value = box.checked ? initial(schema, form) : null
    changed(value)
    draw()
  } })
  draw()
  return h('div.field.optional', {}, h('div.inline', {}, box, h('label.quiet', { for: id }, `give ${label}`)), body)
}

function choice(options, value, changed, label) {
  return labelled(label, {}, id => h('select', { id, onchange: event => changed(options[event.target.selectedIndex]) }, options.map(option => h('option', { selected: option === value }, String(option)))))
}

/** One of several forms, which is chosen first. */
function variant(variants, form, value, changed, label) {
  const body = h('div')
  const at = variants.findIndex(({ schema }) => fits(schema, value))
  const draw = (index, content) => fill(body, hasConst(variants[index].schema) ? null : field(variants[index].schema, form, content, changed, variants[index].name))
  const control = labelled(label, {}, id => h('select', { id, onchange: (event) => {
    const chosen = event.target.selectedIndex
    const content = initial(variants[chosen].schema, form)
    changed(content)
    draw(chosen, content)
  } }, variants.map(({ name }, index) => h('option', { selected: index === Math.max(at, 0) }, name))))
  draw(Math.max(at, 0), value)
  return h('div.variant', {}, control, body)
}

/**
 * A list of members that are added and removed.
 *
 * @param {string} label
 * @param {any[]} begun the members at first
 * @param {() => any} make makes a new member
 * @param {(member: any, changed: (member: any) => void, label: string) => HTMLElement} content
 * @param {(members: any[]) => void} changed
 */
function members(label, begun, make, content, changed) {
  let all = [...begun]
  const body = h('div.members')
  const tell = () => changed([...all])
  const draw = () => fill(body, all.map((member, index) => h('div.member', {}, content(member, (next) => {
    all[index] = next
    tell()
  }, `${label} ${index + 1}`), button('Remove', () => {
    all = all.filter((_, other) => other !== index)
    tell()
    draw()
  }, { class: 'plain', 'aria-label': `Remove ${label} ${index + 1}` }))))
  draw()
  return h('fieldset', {}, h('legend', {}, label), body, button('Add', () => {
    all.push(make())
    tell()
    draw()
    body.lastElementChild.querySelector('input, textarea, select')?.focus()
  }, { class: 'plain', 'aria-label': `Add to ${label}` }))
}

function list(schema, form, value, changed, label) {
  return members(label, Array.isArray(value) ? value : [], () => initial(schema.items, form), (member, next, label) => field(schema.items, form, member, next, label), changed)
}

/** An object whose keys are free. */
function record(schema, form, value, changed, label) {
  const pairs = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return members(label, pairs, () => ['', initial(schema.additionalProperties, form)], (pair, next, label) => {
    let [key, content] = pair
    return h('div.pair', {}, field({ type: 'string' }, form, key, (to) => {
      key = to
      next([key, content])
    }, `${label} key`), field(schema.additionalProperties, form, content, (to) => {
      content = to
      next([key, content])
    }, `${label} value`))
  }, pairs => changed(Object.fromEntries(pairs)))
}

function tuple(schema, form, value, changed, label) {
  const all = schema.prefixItems.map((member, index) => value?.[index] ?? initial(member, form))
  return h('fieldset', {}, h('legend', {}, label), schema.prefixItems.map((member, index) => field(member, form, all[index], (next) => {
    all[index] = next
    changed([...all])
  }, `${label} ${index + 1}`)))
}

function group(schema, form, value, changed, label) {
  let content = typeof value === 'object' && value !== null ? { ...value } : {}
  const isFixed = member => hasConst(resolve(member, form))
  return h('fieldset', {}, h('legend', {}, label), Object.entries(schema.properties).filter(([, member]) => !isFixed(member)).map(([name, member]) => {
    const isRequired = schema.required?.includes(name)
    const change = (next) => {
      content = { ...content, [name]: next }
      if (!isRequired && (next === undefined || next === null))
        delete content[name]
      changed(content)
    }
    const it = resolve(member, form)
    // A member that may be left out is given only if it is wanted. One that may be null asks for itself.
    if (isRequired || withoutNull(it, form) || it.default !== undefined)
      return field(member, form, content[name], change, name)
    return optionalField(member, form, content[name], change, name)
  }))
}

/** A value as JSON. */
function textField(schema, form, value, changed, label) {
  return labelled(label, schema, (id) => {
    const area = h('textarea.code', { id, rows: 2, spellcheck: false, value: value === undefined ? '' : form.write(value), oninput: () => {
      try {
        const next = area.value.trim() === '' ? null : form.parse(area.value)
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
