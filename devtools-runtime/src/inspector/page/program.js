/** The tab of the program: its pages, docks, commands and packages, and what a static build would not have. */

import { coverage } from './coverage.js'
import { empty, facts, fill, h } from './dom.js'
import { plural } from './format.js'
import { isBuiltIn } from './source.js'
import { staticBuild } from './static-build.js'
import { tree } from './tree.js'

/**
 * @param {import('./source.js').Source} source
 * @returns {import('./main.js').Tab}
 */
export function programTab(source) {
  const page = h('div.page')
  const calls = source.isStatic ? undefined : coverage(source)
  const outcomes = new Map() // id of a command → what its last run has returned
  const element = h('section.panel', {}, page)

  async function show() {
    const [program, functions] = await Promise.all([source.program(), source.functions()])
    const own = functions.filter(it => !isBuiltIn(it.name))
    fill(page,
      h('h2', {}, program.name),
      facts([
        ['Runtime', `devtools-runtime ${program.runtimeVersion}`],
        ['Mode', program.mode],
        ['Works in', program.cwd !== '' && h('code', {}, program.cwd)],
        ['Workspace', program.workspaceRoot !== program.cwd && h('code', {}, program.workspaceRoot)],
        ['Schemas', program.hasSchemas ? 'yes' : 'no: the feature typescript adds them, and with them forms'],
      ]),
      section('Pages', program.views, ['Address'], base => [h('a', { href: new URL(base.slice(1), source.root).href }, base)]),
      section('Docks', program.docks, ['Title', 'Id', 'Type', 'Shows'], it => [it.title, h('code', {}, it.id), it.type, h('code', {}, it.url ?? it.action?.importFrom ?? '')]),
      section('Commands', program.commands.flatMap(withChildren), ['Title', 'Id', 'Description', ''], it => command(it, source, outcomes)),
      section('Packages', [...countBy(own, it => it.package || 'closures')], ['Package', 'Functions'], ([name, amount]) => [name, plural(amount, 'function')]),
      calls,
      section('Not in a static build', own.filter(it => !staticBuild(it).isRecorded), ['Function', 'Reason'], it => [h('a', { href: `#/functions/${encodeURIComponent(it.name)}` }, it.name), staticBuild(it).text.replace('not recorded: ', '')]))
  }

  const tryShow = () => show().catch(error => fill(page, empty(error.message)))
  return { id: 'program', title: 'Program', element, show: tryShow, refresh: isShown => isShown && tryShow() }
}

function section(title, entries, columns, row) {
  return h('section.block', {}, h('h3', {}, title), entries.length
    ? h('div.scroll', {}, h('table', { 'aria-label': title }, h('thead', {}, h('tr', {}, columns.map(name => h('th', { scope: 'col' }, name)))), h('tbody', {}, entries.map(entry => h('tr', {}, row(entry).map(cell => h('td', {}, cell)))))))
    : h('p.quiet', {}, 'none'))
}

const withChildren = command => [command, ...(command.children ?? []).flatMap(withChildren)]

function command(it, source, outcomes) {
  if (!outcomes.has(it.id))
    outcomes.set(it.id, h('div', { role: 'status' }))
  const outcome = outcomes.get(it.id)
  const run = h('button', { type: 'button', 'aria-label': `Run ${it.title}`, onclick: async () => {
    try {
      fill(outcome, tree(await source.rpc.call('hub:commands:execute', it.id)))
    }
    catch (error) {
      fill(outcome, h('p.problem', {}, error.message))
    }
  } }, 'Run')
  return [it.title, h('code', {}, it.id), it.description ?? '', source.isStatic ? '' : [run, outcome]]
}

function countBy(list, key) {
  const amounts = new Map()
  for (const it of list)
    amounts.set(key(it), (amounts.get(key(it)) ?? 0) + 1)
  return amounts
}
