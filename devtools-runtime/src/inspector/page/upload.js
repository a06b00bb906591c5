/** Sends a file to an upload that the program has opened. */

const CHUNK = 16 * 1024 // bytes of a chunk

/**
 * Sends a file in chunks of bytes.
 *
 * @param {import('./source.js').Source} source
 * @param {string} channel
 * @param {string} id of the upload
 * @param {File} [file]
 */
export async function sendFile(source, channel, id, file) {
  if (!file)
    return
  const sink = source.rpc.streaming.upload(channel, id)
  let room = 0
  try {
    for (let at = 0; at < file.size; at += CHUNK) {
      const chunk = new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer())
      while (room < 1 && !sink.signal.aborted)
        room = await roomOf(source, channel, id)
      sink.write(chunk)
      room--
    }
    sink.close()
  }
  catch (error) {
    sink.close(error)
    throw error
  }
}

/** Waits until the program wants more, and returns how many chunks. Without this, a program that reads slowly would lose some. */
async function roomOf(source, channel, id) {
  const { open, items, bytes } = await source.rpc.call('devtools-runtime:streaming:upload-room', channel, id)
  if (!open)
    throw new Error('the upload has ended')
  return Math.min(items, Math.floor(bytes / (8 * CHUNK)) || 1) // bytes are written as numbers with commas
}
