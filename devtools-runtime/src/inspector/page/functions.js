/** The tab of the functions: a list, and the function that is chosen in it. */

import { copyButton, empty, facts, fill, h } from './dom.js'
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
  let shown

  async function show(name) {
    if (!functions) {
      functions = await source.functions()
      list.fill(functions)
    }
    if (name === undefined)
      return
    const chosen = functions.find(it => it.name === name)
    element.classList.toggle('has-detail', Boolean(chosen))
    list.choose(name)
    if (!name)
      fill(detail, empty('Choose a function to see what it takes and returns, and to call it.'))
    else if (!chosen)
      fill(detail, empty(`There is no function named ${name}.`))
    else if (shown !== name)
      fill(detail, describe(chosen, source))
    shown = name
  }

  return {
    id: 'functions',
    title: 'Functions',
    element,
    show: name => show(name).catch(error => fill(detail, empty(error.message))),
    search: list.search,
  }
}

function describe(info, source) {
  const [, scope, name] = /^(.*:)?([^:]*)$/.exec(info.name)
  return [
    h('p.back', {}, h('a', { href: '#/functions' }, '← Functions')),
    h('h2', {}, h('span.quiet', {}, scope), name, ' ', copyButton(() => info.name)),
    h('p.badges', {}, badges(info).map(([text, title]) => h('span.badge', { title, 'data-kind': text }, text))),
    info.title && h('p', {}, h('strong', {}, info.title)),
    info.description && h('p.description', {}, info.description),
    facts([
      ['Defined in', h('span', {}, h('code', {}, `${info.file}:${info.line}`), info.package && h('span.quiet', {}, ` of ${info.package}`))],
      ['Takes', signature(info)],
      ['In a static build', staticBuild(info).text],
      ['Agents', info.agent && `may call it (${info.agent.safety})`],
    ]),
    info.schema && h('details.schema', {}, h('summary', {}, 'Schema'), h('pre', {}, asText(info.schema))),
    runner(info, source),
  ]
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
