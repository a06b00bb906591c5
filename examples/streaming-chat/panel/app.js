/**
 * The panel: the history of the chat, and the answers that are running. The history is a shared state with every finished text.
 * The tokens of a running answer come over the channel, from its beginning, whenever this page was opened.
 */
import { connect } from './__client.js'

const CHANNEL = 'streaming-chat:tokens'
const HISTORY = 'streaming-chat:history'
const NAMES = { user: 'You', assistant: 'Model' }
const STATES = { streaming: 'answering', done: '', cancelled: 'stopped', failed: 'failed' }
const NEAR = 40 // the distance from the end, in pixels, within which the page scrolls along

const view = Object.fromEntries([...document.querySelectorAll('[id]')].map(element => [element.id, element]))

let rpc
let readOnly = false
let asking = false

// ---- the connection -------------------------------------------------------------------------

async function start() {
  leave()
  say()
  showStatus('connecting')
  try {
    rpc = await connect()
  }
  catch (error) {
    showStatus('error')
    view.retry.hidden = false
    say(error.message)
    return
  }
  rpc.on('status', follow)
  await follow(rpc.status, rpc.error)
}

let history // the shared state, which is read again after each reconnection

async function follow(status, error) {
  showStatus(status)
  view.retry.hidden = status !== 'unauthorized'
  if (status === 'unauthorized')
    say(error.message)
  if (status === 'connected')
    await load(rpc)
}

async function load(from) {
  try {
    const info = await from.call('streaming-chat:get-info')
    if (from !== rpc)
      return
    // A static dump, or a server that previews one, which its mode shows.
    readOnly = rpc.backend === 'static' || info.mode === 'build'
    view['read-only'].hidden = !readOnly
    view.form.hidden = readOnly
    view.question.maxLength = info.questionChars
    say()
    const shared = await from.sharedState(HISTORY)
    if (from !== rpc || history)
      return
    history = shared
    history.on(render)
    render(history.value())
  }
  catch (error) {
    say(error.message)
  }
  enable()
}

/** Gives up the streams of the last connection. */
function leave() {
  rpc?.close()
  rpc = history = undefined
  for (const id of [...rows.keys()])
    forget(id)
}

function showStatus(status) {
  view.status.textContent = { error: 'no connection', disconnected: 'connection lost' }[status] ?? status
  view.status.dataset.status = status
  enable()
}

function say(message = '') {
  view.message.textContent = message
  view['message-bar'].hidden = !message
}

// ---- messages -------------------------------------------------------------------------------

const rows = new Map() // id → elements of a message

function render({ messages }) {
  const follows = isAtEnd()
  const ids = new Set(messages.map(({ id }) => id))
  for (const id of rows.keys()) {
    if (!ids.has(id))
      forget(id)
  }
  for (const message of messages) {
    const row = rows.get(message.id) ?? add(message)
    if (row.state !== message.state)
      update(row, message)
  }
  view.empty.hidden = messages.length > 0
  if (follows)
    toEnd()
}

function add({ id, role }) {
  const item = document.createElement('li')
  item.dataset.testid = item.className = role
  item.dataset.id = id
  const name = document.createElement('h2')
  name.textContent = NAMES[role] ?? role
  const text = document.createElement('p')
  text.dataset.testid = 'text'
  const end = document.createElement('p')
  end.className = 'end'
  const label = document.createElement('span')
  label.dataset.testid = 'state'
  end.append(label)
  item.append(name, text, end)
  view.messages.append(item)
  const row = { item, text, end, label }
  rows.set(id, row)
  return row
}

function update(row, { id, text, state, error }) {
  const before = row.state
  row.state = row.item.dataset.state = state
  row.label.textContent = [STATES[state] ?? state, error].filter(Boolean).join(': ')
  row.end.hidden = !row.label.textContent
  if (state === 'streaming') {
    if (!readOnly) {
      row.stop = stopButton(id)
      row.end.append(row.stop)
      read(id, row)
    }
    return
  }
  row.reader?.cancel()
  row.reader = undefined
  row.text.textContent = text // the whole text, whatever has come over the channel
  if (row.stop === document.activeElement)
    view.question.focus()
  row.stop?.remove()
  if (before === 'streaming')
    view.news.textContent = state === 'done' ? text : row.label.textContent
}

/** Shows the tokens of an answer as they come, beginning with the first one. */
async function read(id, row) {
  const reader = row.reader = rpc.streaming.subscribe(CHANNEL, id)
  row.text.textContent = ''
  try {
    for await (const token of reader) {
      if (row.reader !== reader)
        return // the history has the whole text by now
      const follows = isAtEnd()
      row.text.append(token)
      if (follows)
        toEnd()
    }
  }
  catch {} // the history and the status show how it ended
}

function stopButton(id) {
  const button = document.createElement('button')
  button.type = 'button'
  button.dataset.testid = 'stop'
  button.ariaKeyShortcuts = 'Escape'
  button.textContent = 'Stop'
  button.addEventListener('click', () => stop(id))
  return button
}

function forget(id) {
  const row = rows.get(id)
  rows.delete(id)
  row.reader?.cancel()
  row.reader = undefined
  row.item.remove()
}

const isAtEnd = () => view.messages.scrollHeight - view.messages.scrollTop - view.messages.clientHeight < NEAR
const toEnd = () => view.messages.scrollTop = view.messages.scrollHeight

// ---- asking and stopping --------------------------------------------------------------------

async function ask() {
  const question = view.question.value.trim()
  if (!question || view.ask.disabled)
    return
  asking = true
  enable()
  try {
    await rpc.call('streaming-chat:ask', question)
    view.question.value = ''
    say()
    toEnd()
  }
  catch (error) {
    say(`Could not ask: ${error.message}`)
  }
  asking = false
  enable()
}

/** Stops an answer for everybody. Cancelling the stream would only end it for this page. */
async function stop(id) {
  try {
    await rpc.call('streaming-chat:stop', id)
  }
  catch (error) {
    say(`Could not stop the answer: ${error.message}`)
  }
}

function enable() {
  const isConnected = rpc?.status === 'connected'
  view.ask.disabled = !isConnected || readOnly || asking
  for (const { stop } of rows.values()) {
    if (stop)
      stop.disabled = !isConnected
  }
}

view.form.addEventListener('submit', (event) => {
  event.preventDefault()
  ask()
})

view.question.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing)
    return
  event.preventDefault()
  ask()
})

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.isComposing)
    return
  const last = [...rows].findLast(([, row]) => row.state === 'streaming')
  if (last && !readOnly)
    stop(last[0])
})

view.retry.addEventListener('click', start)

start()
