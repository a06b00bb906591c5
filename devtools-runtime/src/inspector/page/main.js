/** The frame of the inspector: its tabs, the status of the connection, and the keys. */

import { button, empty, fill, withArrowKeys } from './dom.js'
import { openSource } from './source.js'
import { followLists } from './lists.js'
import { functionsTab } from './functions.js'
import { trafficTab } from './traffic.js'
import { trafficFeed } from './traffic-log.js'
import { sessionsTab } from './sessions.js'
import { stateTab } from './state.js'
import { programTab } from './program.js'
import { chartsTab } from './charts.js'

/**
 * @typedef {object} Tab
 * @property {string} id
 * @property {string} title
 * @property {HTMLElement} element
 * @property {(rest: string) => void} show is called when the tab is opened, with the rest of the address
 * @property {() => void} [hide] is called when the tab is left
 * @property {(isShown: boolean) => void} [refresh] is called when the lists of the program have changed
 * @property {() => void} [search] moves the focus to the search
 */

const panels = document.querySelector('#panels')
const status = document.querySelector('#status')
fill(panels, empty('Connecting…'))

try {
  await start(await openSource())
}
catch (error) {
  status.textContent = 'error'
  status.dataset.status = 'error'
  fill(panels, empty('The inspector could not connect: ', error.message))
}

/** @param {import('./source.js').Source} source */
async function start(source) {
  const { rpc } = source
  let begun = false
  const begin = async () => {
    showStatus(source)
    if (begun || rpc.status !== 'connected')
      return
    begun = true
    try {
      await openTabs(source)
    }
    catch (error) {
      begun = false
      fill(panels, empty(error.message))
    }
  }
  rpc.on('status', begin)
  await begin()
  if (!begun)
    fill(panels, empty(rpc.error?.message ?? 'There is no connection.'))
}

function showStatus({ rpc, isStatic }) {
  status.textContent = isStatic ? 'static dump' : rpc.status
  status.dataset.status = rpc.status
  status.title = rpc.error?.message ?? ''
}

/** @param {import('./source.js').Source} source */
async function openTabs(source) {
  const program = await source.program()
  document.querySelector('#program').textContent = program.name
  document.title = `${program.name} – Inspector`
  const feed = trafficFeed(source)
  const live = source.isStatic ? [] : [trafficTab(source, feed), sessionsTab(source)]
  const charts = source.isStatic ? [] : [chartsTab(source, feed)]
  /** @type {Tab[]} */
  const tabs = [functionsTab(source, open), ...live, stateTab(source, open), programTab(source), ...charts]
  const bar = withArrowKeys(document.querySelector('#tabs'), '[role=tab]', ['ArrowLeft', 'ArrowRight'])
  const buttons = tabs.map((tab, index) => button(tab.title, () => open(tab.id), {
    role: 'tab', id: `tab-${tab.id}`, 'aria-controls': `panel-${tab.id}`, title: `${tab.title} (${index + 1})`,
  }))
  fill(bar, buttons)
  for (const tab of tabs) {
    Object.assign(tab.element, { id: `panel-${tab.id}`, hidden: true, role: 'tabpanel' })
    tab.element.setAttribute('aria-labelledby', `tab-${tab.id}`)
  }
  fill(panels, tabs.map(tab => tab.element))
  let current

  function open(id, rest = '') {
    const address = `#/${id}${rest ? `/${rest}` : ''}`
    if (location.hash === address)
      follow()
    else
      location.hash = address
  }

  function follow() {
    const [, id, ...rest] = decodeURIComponent(location.hash.slice(1)).split('/')
    const tab = tabs.find(tab => tab.id === id) ?? tabs[0]
    if (tab !== current) {
      current?.hide?.()
      current = tab
      for (const [index, other] of tabs.entries()) {
        other.element.hidden = other !== tab
        buttons[index].setAttribute('aria-selected', String(other === tab))
        buttons[index].tabIndex = other === tab ? 0 : -1
      }
      buttons[tabs.indexOf(tab)].scrollIntoView({ block: 'nearest', inline: 'nearest' })
    }
    tab.show(rest.join('/'))
  }

  addEventListener('hashchange', follow)
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, dialog'))
      return
    const tab = tabs[Number(event.key) - 1]
    if (tab) {
      open(tab.id)
      buttons[tabs.indexOf(tab)].focus()
    }
    else if (event.key === '/' && current?.search) {
      event.preventDefault()
      current.search()
    }
  })
  follow()
  followLists(source, () => {
    for (const tab of tabs)
      tab.refresh?.(tab === current)
  })
}
