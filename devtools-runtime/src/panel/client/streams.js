/** Streams: those that a page reads, and those that it uploads to. */

import { lost, thrown } from './errors.js'

const ROOM = { items: 256, bytes: 16 * 1024 * 1024 } // the capacity for chunks of one stream that are not read yet

/**
 * The streams of one client, over all its connections.
 *
 * @param {object} client
 * @param {(name: string, ...args: any[]) => void} client.send sends an event to the server
 * @param {(name: string, handler: (...args: any[]) => any) => void} client.offer lets the server call a function
 * @param {() => boolean} client.isConnected
 */
export function createStreams({ send, offer, isConnected }) {
  const readers = new Map() // channel and id → reader of that stream
  const uploads = new Map() // channel and id → function that stops that upload

  function subscribe(channel, id) {
    const key = streamKey(channel, id)
    if (readers.has(key))
      throw new Error(`the stream "${id}" has a reader already`)
    const number = Math.trunc(Math.random() * 2 ** 32) // identifies the reader after reconnections
    const chunks = []
    let last = 0 // the sequence number of the last chunk
    let taken = 0 // the number of chunks that were read since the subscription
    let missed = 0
    let ended = false
    let failure, wake
    const end = (error) => {
      readers.delete(key)
      ended = true
      failure = error
      wake?.()
    }
    const cancel = () => {
      if (ended)
        return
      send('devframe:streaming:cancel', channel, id)
      end()
    }
    const reader = {
      subscribe() {
        taken = 0
        const room = { ...ROOM, items: Math.max(ROOM.items - chunks.length, 0) }
        send('devframe:streaming:subscribe', channel, id, { afterSeq: last, room, reader: number })
      },
      begin(after, seq) {
        if (seq > last)
          missed += seq - last
        if (seq > last || seq < after) // the server was restarted and begins to count again
          last = seq
      },
      push(seq, chunk) {
        if (seq <= last)
          return
        missed += seq - last - 1
        last = seq
        chunks.push(chunk)
        wake?.()
      },
      end,
    }
    readers.set(key, reader)
    reader.subscribe()
    return {
      get missed() {
        return missed
      },
      cancel,
      async* [Symbol.asyncIterator]() {
        try {
          for (; ;) {
            while (chunks.length) {
              if (++taken % (ROOM.items / 8) === 0)
                send('devtools-runtime:streaming:taken', channel, id, taken, last)
              yield chunks.shift()
            }
            if (failure)
              throw failure
            if (ended)
              return
            await new Promise(resolve => wake = resolve)
          }
        }
        finally {
          cancel()
        }
      },
    }
  }

  function upload(channel, id) {
    const key = streamKey(channel, id)
    if (uploads.has(key))
      throw new Error(`there is an upload to "${id}" already`)
    const stopped = new AbortController()
    let seq = 0
    const stop = (reason) => {
      uploads.delete(key)
      stopped.abort(reason)
    }
    uploads.set(key, stop)
    if (!isConnected())
      stop(lost(false))
    return {
      signal: stopped.signal,
      write(chunk) {
        stopped.signal.throwIfAborted()
        send('devframe:streaming:upload-chunk', channel, id, ++seq, chunk)
      },
      close(error) {
        if (stopped.signal.aborted)
          return
        uploads.delete(key)
        const failure = error && { name: error.name ?? 'Error', message: String(error.message ?? error) }
        send('devframe:streaming:upload-end', channel, id, failure)
      },
    }
  }

  offer('devframe:streaming:chunk', (channel, id, seq, chunk) => readers.get(streamKey(channel, id))?.push(seq, chunk))
  offer('devtools-runtime:streaming:from', (channel, id, after, seq) => readers.get(streamKey(channel, id))?.begin(after, seq))
  offer('devframe:streaming:end', (channel, id, error) => readers.get(streamKey(channel, id))?.end(error && streamError(error)))
  offer('devframe:streaming:upload-cancel', (channel, id) => {
    uploads.get(streamKey(channel, id))?.(new Error('the server cancelled the upload'))
  })

  return {
    /** @type {import('../client.js').Streaming} */
    streaming: { subscribe, upload },
    /** Subscribes again over a new connection. */
    resume() {
      for (const reader of readers.values())
        reader.subscribe()
    },
    /** Stops all uploads, because their connection is lost. */
    stopUploads(error) {
      for (const stop of [...uploads.values()])
        stop(error)
    },
    /** Ends all readers, because the client is closed. */
    endReaders(error) {
      for (const reader of [...readers.values()])
        reader.end(error)
    },
  }
}

/** Returns the key of a stream. Neither part can contain the separator. */
const streamKey = (channel, id) => `${channel}\u001F${id}`

/** Creates the error that a stream ends with, with its own name. */
function streamError({ name, message }) {
  const error = thrown(new Error(message))
  error.name = name
  return error
}
