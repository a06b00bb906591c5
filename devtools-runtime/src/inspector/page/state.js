/** The tab of shared states and streams: their live values, and what has changed. */

import { empty, facts, fill, h, withArrowKeys } from './dom.js'
import { bytes, clock, count, plural } from './format.js'
import { changes } from './changes.js'
import { streamView } from './stream-view.js'
import { asText, tree } from './tree.js'

const HISTORY = 50

/**
 * @param {import('./source.js').Source} source
 * @returns {import('./main.js').Tab}
 */
export function stateTab(source) {
  const items = withArrowKeys(h('nav.items', { 'aria-label': 'States and streams' }), 'a')
  const detail = h('article.detail')
  const element = h('section.panel.split', {}, h('div.list', {}, items), detail)
  const followed = new Map() // key → view of the state
  let shown
  let leave

  async function show(rest) {
    const { states, channels } = await source.program()
    const chosen = rest ?? shown ?? ''
    const link = (kind, name, ...more) => h('a', { href: `#/state/${kind}/${encodeURIComponent(name)}`, 'aria-current': chosen === `${kind}/${name}` ? 'true' : undefined }, h('span.name', {}, name), more)
    fill(items, h('h3', {}, 'Shared states'), states.length ? states.map(key => link('key', key)) : empty('none'), h('h3', {}, 'Streams'), channels.length ? channels.map(it => link('channel', it.name, h('span.quiet', {}, plural(it.open, 'open stream')))) : empty('none'))
    if (rest === undefined || rest === shown && shown !== '')
      return
    leave?.()
    leave = undefined
    shown = rest
    element.classList.toggle('has-detail', Boolean(rest))
    const [kind, ...name] = rest.split('/')
    if (kind === 'key')
      fill(detail, back(), await stateView(name.join('/')))
    else if (kind === 'channel')
      fill(detail, back(), channelView(channels.find(it => it.name === name.join('/'))))
    else
      fill(detail, empty('Choose a shared state or a channel.'))
  }

  async function stateView(key) {
    if (!followed.has(key))
      followed.set(key, await follow(key, source))
    return followed.get(key)
  }

  function channelView(channel) {
    if (!channel)
      return empty('There is no such channel.')
    const view = h('div')
    const openStream = (id) => {
      leave?.()
      const stream = streamView(source, channel.name, id)
      leave = stream.close
      fill(view, stream.element)
    }
    return [
      h('h2', {}, channel.name),
      facts([
        ['Open streams', count(channel.open)],
        ['Ended, kept for replay', count(channel.retained)],
        ['Subscribers', count(channel.subscribers)],
        ['Bytes kept', bytes(channel.bytes)],
        ['Chunks lost by slow readers', channel.droppedChunks && count(channel.droppedChunks)],
        ['Readers closed as too slow', channel.closedSubscribers && count(channel.closedSubscribers)],
        ['Open uploads', count(channel.uploads)],
      ]),
      channel.streams.length ? h('p', {}, 'Read: ', channel.streams.map(id => [h('button', { type: 'button', onclick: () => openStream(id) }, id), ' '])) : h('p.quiet', {}, 'The channel has no streams now.'),
      view,
    ]
  }

  return {
    id: 'state',
    title: 'State',
    element,
    show: rest => show(rest).catch(error => fill(detail, h('p.problem', {}, error.message))),
    hide() {
      leave?.()
      leave = undefined
    },
  }
}

const back = () => h('p.back', {}, h('a', { href: '#/state' }, '← State'))

/** Follows a state from now on, and returns its view. */
async function follow(key, source) {
  const state = await source.rpc.sharedState(key)
  const value = h('div')
  const history = h('ol.history', { 'aria-label': 'Changes' })
  const none = h('p.quiet', {}, 'No change since this page has opened the state.')
  let last = state.value()

  const draw = () => fill(value, tree(state.value()))
  state.on((next) => {
    none.remove()
    const entry = h('li', {}, h('span.quiet', {}, clock(new Date())), ' ', changes(last, next).map(text => h('code', {}, text)))
    history.prepend(entry)
    while (history.children.length > HISTORY)
      history.lastChild.remove()
    last = next
    draw()
  })
  draw()
  return h('div', {}, h('h2', {}, key), value, !source.isStatic && writer(key, state, source), !source.isStatic && h('section', {}, h('h3', {}, 'Changes'), none, history))
}

/** A form that replaces the value of a state. */
function writer(key, state, source) {
  const text = h('textarea.code', { rows: 4, spellcheck: false, 'aria-label': 'New value as JSON' })
  const problem = h('p.problem', { role: 'alert' })
  const details = h('details', { ontoggle: () => details.open && (text.value = asText(state.value())) }, h('summary', {}, 'Write a new value'), h('form', { onsubmit: async (event) => {
    event.preventDefault()
    problem.textContent = ''
    try {
      // Without the copy of the client, which would hide a refusal.
      await source.rpc.call('devframe:rpc:server-state:set', key, JSON.parse(text.value))
    }
    catch (error) {
      problem.textContent = error.message
    }
  } }, text, problem, h('p.actions', {}, h('button.primary', { type: 'submit' }, 'Write'))))
  return details
}
