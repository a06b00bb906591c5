/** The tab of shared states and channels: a list of them, and the one that is chosen. */

import { empty, fill, h, withArrowKeys } from './dom.js'
import { plural } from './format.js'
import { channelView } from './channel-view.js'
import { stateView } from './state-view.js'

/**
 * @param {import('./source.js').Source} source
 * @param {(id: string, rest?: string) => void} open
 * @returns {import('./main.js').Tab}
 */
export function stateTab(source, open) {
  const items = withArrowKeys(h('nav.items', { 'aria-label': 'States and streams' }), 'a')
  const detail = h('article.detail', { tabIndex: -1 })
  const key = h('input', { type: 'text', placeholder: 'Key of a state', 'aria-label': 'Key of a state', autocomplete: 'off', spellcheck: false, required: true })
  const byKey = h('form.bar', { onsubmit: (event) => {
    event.preventDefault()
    open('state', `key/${key.value.trim()}`)
    key.value = ''
  } }, key, h('button', { type: 'submit' }, 'Open'))
  const element = h('section.panel.split', {}, h('div.list', {}, !source.isStatic && byKey, items), detail)
  let program
  let shown
  let close

  async function load() {
    program = await source.program()
    draw()
  }

  function draw() {
    const { states, channels } = program
    const link = (kind, name, ...more) => h('a', { href: `#/state/${kind}/${encodeURIComponent(name)}`, 'aria-current': shown === `${kind}/${name}` ? 'true' : undefined }, h('span.name', {}, name), more)
    const open = it => [it.open && plural(it.open, 'stream'), it.uploads && plural(it.uploads, 'upload')].filter(Boolean).join(', ')
    fill(items, h('h3', {}, 'Shared states'), states.length ? states.map(key => link('key', key)) : empty('none'), h('h3', {}, 'Channels'), channels.length ? channels.map(it => link('channel', it.name, h('span.quiet', {}, open(it)))) : empty('none'))
  }

  /** The choice is shown before the list is asked for, so that nobody writes into the form of the state before. */
  async function show(rest) {
    if (rest !== shown) {
      close?.()
      shown = rest
      if (program)
        draw()
      element.classList.toggle('has-detail', Boolean(rest))
      const [kind, ...name] = rest.split('/')
      const view = kind === 'key' ? stateView(name.join('/'), source) : kind === 'channel' ? channelView(name.join('/'), source) : undefined
      close = view?.close
      fill(detail, view ? [h('p.back', {}, h('a', { href: '#/state' }, '← State')), view.element] : empty('Choose a shared state or a channel.'))
    }
    await load()
  }

  function hide() {
    close?.()
    close = undefined
    shown = undefined
  }

  function problem(error) {
    hide()
    fill(detail, h('p.problem', { role: 'alert' }, error.message))
  }

  return {
    id: 'state',
    title: 'State',
    element,
    show: rest => show(rest).catch(problem),
    refresh: isShown => isShown && load().catch(() => {}),
    hide,
    search: source.isStatic ? undefined : () => key.focus(),
  }
}
