/** Reads a stream, and shows its newest chunks. */

import { h } from './dom.js'
import { count } from './format.js'
import { tree } from './tree.js'

const SHOWN = 100

/** @param {import('./source.js').Source} source */
export function streamView(source, channel, id) {
  const status = h('p.quiet', { role: 'status' }, 'Reading…')
  const list = h('ol.chunks', { 'role': 'list', 'aria-label': 'Chunks' })
  const reader = source.rpc.streaming.subscribe(channel, id)
  let chunks = 0
  let isClosed = false
  const told = how => status.textContent = `${count(chunks)} chunks${reader.missed ? `, ${count(reader.missed)} missed` : ''}, ${how}`

  async function read() {
    try {
      for await (const chunk of reader) {
        chunks++
        list.append(h('li', {}, tree(chunk)))
        while (list.children.length > SHOWN)
          list.firstChild.remove()
        told('reading')
      }
      told('the stream has ended')
    }
    catch (error) {
      told(`the stream has failed: ${error.message}`)
    }
    isClosed = true
  }

  read()
  return {
    element: h('section', {}, h('h3', {}, id), status, list),
    close() {
      if (isClosed)
        return
      isClosed = true
      // A reader that cancels last ends the stream for the program. The inspector only stops to listen.
      source.rpc.callEvent('devframe:streaming:unsubscribe', channel, id)
      reader.cancel()
    },
  }
}
