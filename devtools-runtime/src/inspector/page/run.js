/** Calls a function with arguments from a form or from JSON, and shows the outcome. */

import { asRpcError, ConnectionError } from '../client.js'
import { encodeClone } from '../client/clone.js'
import { button, copyButton, empty, fill, h } from './dom.js'
import { bytes, duration, encodingName } from './format.js'
import { field } from './schema-form.js'
import { initial } from './schema.js'
import { FORMS, parseTagged, writeTagged } from './tagged.js'
import { asText, tree } from './tree.js'

const VERB = { query: 'Run', static: 'Run', action: 'Run action', event: 'Send event' }

/**
 * @param {any} info the description of the function
 * @param {import('./source.js').Source} source
 */
export function runner(info, source) {
  if (info.side === 'client')
    return empty('Clients implement this function. The server calls it, so it cannot be called here.')
  if (source.isStatic && (info.type === 'action' || info.type === 'event'))
    return empty('A static dump answers with recorded results, so it has no actions and events.')
  const schemas = info.parameters.map((_, index) => info.schema?.arguments?.[index] ?? true)
  const isClone = info.encoding === 'structured-clone'
  const [parse, write] = isClone ? [parseTagged, writeTagged] : [JSON.parse, value => JSON.stringify(value)]
  const forms = schemas.map(root => ({ root, parse, write }))
  let values = info.parameters.map((parameter, index) => parameter.optional ? undefined : initial(schemas[index], forms[index]))
  const form = h('div.fields')
  const raw = h('textarea.code', { id: 'raw-arguments', rows: 4, spellcheck: false, oninput: readRaw })
  const problem = h('p.problem', { role: 'alert' })
  const outcome = h('div.outcome', { role: 'status' })
  const run = h('button.primary', { type: 'submit' }, VERB[info.type] ?? 'Run')
  const hint = h('small.quiet', {}, 'Ctrl + Enter')
  let last = 0

  function drawForm() {
    fill(form, info.parameters.map((parameter, index) => given(parameter, index)))
  }

  /** The fields of a parameter. One that is optional is left out at first. */
  function given(parameter, index) {
    const change = (value) => {
      values[index] = value
      writeRaw()
    }
    if (!parameter.optional)
      return field(schemas[index], forms[index], values[index], change, parameter.name)
    const nullable = typeof schemas[index] === 'object' ? schemas[index] : { anyOf: [{}, { type: 'null' }] }
    return field(nullable, { ...forms[index], root: nullable }, values[index], value => change(value ?? undefined), parameter.name)
  }

  /** The arguments, without those at the end that are left out. */
  function shortened() {
    return values.slice(0, values.findLastIndex(value => value !== undefined) + 1).map(value => value === undefined ? null : value)
  }

  function writeRaw() {
    raw.value = `[${shortened().map(value => write(value)).join(', ')}]`
    problem.textContent = ''
  }

  function readRaw() {
    const read = parseRaw()
    if (!read)
      return
    values = info.parameters.map((_, index) => read[index])
    drawForm()
  }

  function parseRaw() {
    try {
      const read = parse(raw.value.trim() || '[]')
      if (!Array.isArray(read))
        throw new TypeError('write the arguments as a JSON array, such as ["/src/main.ts"]')
      problem.textContent = ''
      return read
    }
    catch (error) {
      problem.textContent = error.message
      return undefined
    }
  }

  async function call(event) {
    event.preventDefault()
    const args = parseRaw()
    if (!args)
      return
    const number = ++last
    fill(outcome, h('p.quiet', {}, 'Running…'))
    const began = performance.now()
    const took = () => duration(performance.now() - began)
    if (info.type === 'event') {
      source.rpc.callEvent(info.name, ...args)
      fill(outcome, h('p.summary', {}, 'sent; an event has no reply'))
      return
    }
    let shown
    try {
      const result = await source.rpc.call(info.name, ...args)
      shown = success(result, took(), info)
    }
    catch (error) {
      shown = failure(error, took())
    }
    if (number === last)
      fill(outcome, shown)
  }

  drawForm()
  writeRaw()
  return h('form.run', { onsubmit: call, onkeydown: event => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && call(event), 'aria-label': 'Call' }, h('h3', {}, 'Try it'), info.parameters.length > 0 && h('div.arguments', {}, form, h('div.field', {}, h('label', { for: 'raw-arguments' }, 'Arguments as JSON'), raw, isClone && taggedHelp())), problem, h('p.actions', {}, run, ' ', hint), outcome)
}

function success(result, took, info) {
  const text = info.encoding === 'json' ? JSON.stringify(result) : JSON.stringify(encodeClone(result))
  const size = new TextEncoder().encode(text ?? '').length
  return [
    h('p.summary', { 'data-outcome': 'success' }, h('strong', {}, 'Succeeded'), ` in ${took} · ${bytes(size)} · ${encodingName(info.encoding)} `, copyButton('the result', () => asText(result))),
    tree(result),
  ]
}

function failure(error, took) {
  const { code, data, message } = asRpcError(error)
  return [
    h('p.summary', { 'data-outcome': 'failure' }, h('strong', {}, 'Failed'), ` after ${took}`, code && [' · code ', h('code', {}, code)]),
    h('p.message', {}, error.name && error.name !== 'Error' ? `${error.name}: ${message}` : message),
    error instanceof ConnectionError && h('p.quiet', {}, error.mayHaveRun ? 'The function may have run.' : 'The function has not run.'),
    data !== undefined && [h('h4', {}, 'Data'), tree(data)],
    error.cause !== undefined && [h('h4', {}, 'Cause'), h('p.message', {}, String(error.cause?.message ?? error.cause))],
    error.stack && h('details', {}, h('summary', {}, 'Stack'), h('pre', {}, error.stack)),
    button('Dismiss', event => fill(event.target.closest('.outcome')), { class: 'plain' }),
  ]
}

/** The forms of the types that JSON does not have. */
export function taggedHelp() {
  return h('details.schema', {}, h('summary', {}, 'Types that JSON does not have'), h('dl.facts', {}, FORMS.map(([type, form]) => [h('dt', {}, type), h('dd', {}, h('code', {}, form))])))
}
