/** The tab of the functions: a list, and the function that is chosen in it. */

import { asRpcError } from '../client.js'
import { button, copyButton, empty, facts, fill, h } from './dom.js'
import { encodingName } from './format.js'
import { functionList } from './function-list.js'
import { runner } from './run.js'
import { staticBuild } from './static-build.js'
import { asText } from './tree.js'

/**
 * @param {import('./source.js').Source} source
 * @param {(id: string, rest?: string) => void} open
 * @returns {import('./main.js').Tab}
 */
export function functionsTab(source, open) {
  const detail = h('article.detail', { tabIndex: -1 })
  const list = functionList()
  const element = h('section.panel.split', {}, list.element, detail)
  let functions
  let editor
  let shown

  async function load() {
    const [described, program] = await Promise.all([source.functions(), source.program()])
    functions = described
    editor = program.editor
    list.fill(functions)
  }

  /** Keeps what is shown, because somebody may be filling in the form. */
  async function refresh() {
    await load()
    if (shown && !functions.some(it => it.name === shown))
      fill(detail, empty(`The function ${shown} was removed.`))
    else if (shown && !detail.querySelector('form'))
      redraw(shown)
  }

  async function show(name) {
    if (!functions)
      await load()
    if (name === undefined)
      return
    const chosen = functions.find(it => it.name === name)
    element.classList.toggle('has-detail', Boolean(chosen))
    list.choose(name)
    if (!name)
      fill(detail, empty('Choose a function to see what it takes and returns, and to call it.'))
    else if (shown !== name)
      redraw(name)
    shown = name
  }

  function redraw(name) {
    const chosen = functions.find(it => it.name === name)
    fill(detail, chosen ? describe(chosen, source, editor) : empty(`There is no function named ${name}.`))
  }

  return {
    id: 'functions',
    title: 'Functions',
    element,
    show: name => show(name).catch(error => fill(detail, empty(error.message))),
    refresh: () => functions && refresh().catch(() => {}),
    search: list.search,
  }
}

function describe(info, source, editor) {
  const [, scope, name] = /^(.*:)?([^:]*)$/.exec(info.name)
  return [
    h('p.back', {}, h('a', { href: '#/functions' }, '← Functions')),
    h('h2', {}, h('span.quiet', {}, scope), name, ' ', copyButton('the name', () => info.name)),
    h('p.badges', {}, badges(info).map(([text, title]) => h('span.badge', { title, 'data-kind': text }, text))),
    info.title && h('p', {}, h('strong', {}, info.title)),
    info.description && h('p.description', {}, info.description),
    facts([
      ['Defined in', sourceOf(info, source, editor)],
      ['Takes', signature(info)],
      ['In a static build', staticBuild(info).text],
      ['Agents', info.agent && `may call it (${info.agent.safety})`],
    ]),
    info.schema && h('details.schema', {}, h('summary', {}, 'Schema'), h('pre', {}, asText(info.schema))),
    runner(info, source),
  ]
}

/** The place of a function in the source, with a button that opens it in the editor of the server. */
function sourceOf(info, source, editor) {
  const problem = h('span.problem', { role: 'alert' })
  const open = async () => {
    problem.textContent = ''
    try {
      await source.ask('open-source', info.name)
    }
    catch (error) {
      problem.textContent = asRpcError(error).message
    }
  }
  const place = `${info.file}:${info.line}`
  return h('span', {}, h('code', {}, place), info.package && h('span.quiet', {}, ` of ${info.package}`), ' ', editor ? button(`Open in ${editor}`, open, { class: 'plain' }) : copyButton('the place', () => place), problem)
}

function badges(info) {
  return [
    [info.type, `the kind of the function`],
    info.side === 'client' && ['client', 'clients implement it, and the server calls it'],
    [encodingName(info.encoding), 'the encoding of its values'],
    info.cacheable && ['cacheable', 'clients may cache its results'],
    info.setup && ['setup', 'it is set up once, before its first call'],
    info.role && [`role: ${info.role}`, 'the role that its callers must have'],
  ].filter(Boolean)
}

function signature({ parameters }) {
  if (!parameters.length)
    return 'nothing'
  const names = parameters.map(it => `${it.name}${it.optional ? '?' : ''}`)
  return h('code', {}, names.join(', '))
}
