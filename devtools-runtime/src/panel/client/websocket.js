/** A transport over a WebSocket. */

/**
 * Opens a WebSocket.
 *
 * @param {string} url
 * @param {import('./transports.js').Listeners} listeners
 * @param {AbortSignal} signal closes it, also while it opens
 * @returns {Promise<import('./transports.js').Transport>} rejects if it does not open
 */
export async function openWebSocket(url, { onFrame, onClose }, signal) {
  const socket = new WebSocket(url)
  const abort = () => socket.close()
  signal.addEventListener('abort', abort)
  try {
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = () => {} // always followed by a close
      socket.onclose = () => reject(new Error(`cannot connect to ${url}`))
      if (signal.aborted)
        abort()
    })
  }
  finally {
    signal.removeEventListener('abort', abort)
  }
  const transport = {
    get isOpen() {
      return socket.readyState === socket.OPEN
    },
    backlog: () => socket.bufferedAmount,
    send: text => socket.send(text),
    close: () => end({}),
  }
  const end = (how) => {
    socket.onmessage = socket.onclose = null // the browser may take a minute to close it
    socket.close()
    signal.removeEventListener('abort', transport.close)
    onClose(transport, how)
  }
  socket.onmessage = ({ data }) => onFrame(transport, data)
  socket.onclose = end
  signal.addEventListener('abort', transport.close)
  return transport
}
