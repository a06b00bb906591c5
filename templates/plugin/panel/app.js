// @ts-check
import { asRpcError, connect } from './__client.js'

/** @typedef {import('./rpc').{{project-name | upper_camel_case}}ServerFunctions} ServerFunctions */
/** @typedef {import('./rpc').{{project-name | upper_camel_case}}ClientFunctions} ClientFunctions */

/** @type {import('./__client.js').Client<ServerFunctions, ClientFunctions>} */
const rpc = await connect()
const list = element('#entries')
const form = element('#add')

/** The numbers of the entries that are shown. @type {Set<number>} */
const shown = new Set()

rpc.register('{{project-name}}:entry-added', show)
form.addEventListener('submit', add)
form.hidden = rpc.backend === 'static' // a static build has no server that could add something
for (const entry of await rpc.call('{{project-name}}:get-entries'))
  show(entry)

/** @param {import('./rpc').Entry} entry */
function show({ number, text }) {
  if (shown.has(number))
    return
  shown.add(number)
  const item = document.createElement('li')
  item.value = number
  item.append(text)
  list.append(item)
}

/** @param {SubmitEvent} event */
async function add(event) {
  event.preventDefault()
  const input = /** @type {HTMLInputElement} */ (element('#add input'))
  const problem = element('#problem')
  problem.textContent = ''
  try {
    show(await rpc.call('{{project-name}}:add-entry', input.value))
    input.value = ''
  }
  catch (error) {
    problem.textContent = asRpcError(error).message
  }
}

/**
 * @param {string} selector
 * @returns {HTMLElement}
 */
function element(selector) {
  const found = document.querySelector(selector)
  if (!(found instanceof HTMLElement))
    throw new Error(`the page has no ${selector}`)
  return found
}
