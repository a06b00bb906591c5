/** The streams of the server that a page reads, and those that it uploads to. */

import { lost, thrown } from './errors.js'

const ROOM = { items: 256, bytes: 16 * 1024 * 1024 } // of a stream, that may wait here to be read

/**
 * The streams of one client, over all its connections.
 *
 * @param {object} client
 * @param {(name: string, ...args: any[]) => void} client.send calls the server, and wants no reply
 * @param {(name: string, handler: (...args: any[]) => any) => void} client.offer has the server call a function
 * @param {() => boolean} client.isConnected
 */
export function createStreams({ send, offer, isConnected }) {
  const readers = new Map() // channel and id → who reads that stream
  const uploads = new Map() // channel and id → how to stop that upload

  function subscribe(channel, id) {
    const key = streamKey(channel, id)
    if (readers.has(key))
      throw new Error(`the stream "${id}" is read already`)
    const number = Math.trunc(Math.random() * 2 ** 32) // by which the server knows the reader again
    const chunks = []
    let last = 0 // the number of the last chunk that came
    let taken = 0 // since it was subscribed to
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
        if (seq > last || seq < after) // the server was started again, and counts anew
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
    /** There is a connection again. */
    resume() {
      for (const reader of readers.values())
        reader.subscribe()
    },
    /** The connection is lost, and what is uploaded over it. */
    stopUploads(error) {
      for (const stop of [...uploads.values()])
        stop(error)
    },
    /** There will be no connection again. */
    endReaders(error) {
      for (const reader of [...readers.values()])
        reader.end(error)
    },
  }
}

/** Neither of the two may hold the character between them. */
const streamKey = (channel, id) => `${channel}\u001F${id}`

/** The error that a stream ends with: here it has its real name. */
function streamError({ name, message }) {
  const error = thrown(new Error(message))
  error.name = name
  return error
}
