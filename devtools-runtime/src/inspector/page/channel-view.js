/** Shows one channel: its counters, its streams, and its uploads. */

import { button, card, cards, facts, fill, h } from './dom.js'
import { bytes, count, duration, plural } from './format.js'
import { streamView } from './stream-view.js'
import { sendFile } from './upload.js'

const PERIOD = 1000 // milliseconds between two questions to the server
const UPLOAD = ['Upload', 'Session', 'Chunks', 'Bytes', 'Rate', 'Waiting', 'Open for'].map(title => [title])

/**
 * Follows a channel until it is closed.
 *
 * @param {string} name
 * @param {import('./source.js').Source} source
 */
export function channelView(name, source) {
  const counters = h('div')
  const streams = h('p')
  const uploads = h('div')
  const table = cards('Uploads', UPLOAD)
  const problem = h('p.problem', { role: 'alert' })
  const stream = h('div')
  const rows = new Map() // id of an upload → its row
  let reading
  let ids
  let timer
  let isClosed = false

  async function ask() {
    clearTimeout(timer)
    try {
      const channel = source.isStatic ? (await source.program()).channels.find(it => it.name === name) : await source.ask('channel', name)
      draw(channel)
    }
    catch (error) {
      problem.textContent = error.message
    }
    if (!isClosed && !source.isStatic)
      timer = setTimeout(ask, PERIOD)
  }

  function draw(channel) {
    if (!channel)
      return fill(counters, h('p.quiet', {}, 'There is no such channel.'))
    fill(counters, facts([
      ['Open streams', count(channel.open)],
      ['Ended, kept for replay', count(channel.retained)],
      ['Subscribers', count(channel.subscribers)],
      ['Bytes kept', bytes(channel.bytes)],
      ['Chunks lost by slow readers', channel.droppedChunks > 0 && count(channel.droppedChunks)],
      ['Readers closed as too slow', channel.closedSubscribers > 0 && count(channel.closedSubscribers)],
    ]))
    if (ids !== String(channel.streams)) {
      ids = String(channel.streams)
      fill(streams, channel.streams.length ? ['Read: ', channel.streams.map(id => [button(id, () => read(id)), ' '])] : h('span.quiet', {}, 'The channel has no streams now.'))
    }
    drawUploads(channel.running ?? [])
  }

  function read(id) {
    reading?.close()
    reading = streamView(source, name, id)
    fill(stream, reading.element)
  }

  function drawUploads(running) {
    const open = new Set(running.map(it => it.id))
    for (const [id, row] of rows) {
      if (!open.has(id)) {
        row.element.remove()
        rows.delete(id)
      }
    }
    if (running.length && !uploads.firstChild)
      fill(uploads, h('h3', {}, 'Uploads'), table.element)
    if (!running.length)
      fill(uploads)
    for (const it of running) {
      if (!rows.has(it.id)) {
        rows.set(it.id, uploadRow(it.id, name, source, text => problem.textContent = text))
        table.body.append(rows.get(it.id).element)
      }
      rows.get(it.id).update(it)
    }
  }

  ask()
  return {
    element: h('div', {}, h('h2', {}, name), counters, problem, streams, stream, uploads),
    close() {
      isClosed = true
      clearTimeout(timer)
      reading?.close()
    },
  }
}

/** A row stays the same element, so that it keeps the focus. */
function uploadRow(id, channel, source, tell) {
  const cancel = button('Cancel', async () => {
    try {
      await source.ask('cancel-upload', channel, id)
    }
    catch (error) {
      tell(error.message)
    }
  }, { 'class': 'danger', 'aria-label': `Cancel ${id}` })
  const send = h('label.button', { title: 'Send a file in chunks of bytes, as a client would' }, 'Send a file', h('input.hidden', { type: 'file', 'aria-label': `Send a file to ${id}`, onchange: event => sendFile(source, channel, id, event.target.files[0]).catch(error => tell(error.message)) }))
  const { cells, element } = card(UPLOAD, send, ' ', cancel)
  let before
  return {
    element,
    update(it) {
      const rate = before && it.age > before.age ? (it.bytes - before.bytes) / (it.age - before.age) * 1000 : 0
      before = it
      send.hidden = it.session !== null
      const texts = [id, it.session === null ? 'waits for a client' : `session ${it.session}`, count(it.chunks), bytes(it.bytes), `${bytes(Math.round(rate))}/s`, plural(it.waiting, 'chunk'), duration(it.age)]
      for (const [index, text] of texts.entries())
        cells[index].textContent = text
    },
  }
}
