/** A transport over HTTP alone: server-sent events bring the frames of the server, and POSTs bring those of the page. */

/** Browsers open six connections to a server of HTTP/1.1. One is the event stream, and each call keeps one until it ends. */
const CALLS_AT_ONCE = 3

/**
 * Opens an event stream.
 *
 * - After an event, no call and no event is sent until the server has acknowledged it. So events arrive in order.
 * - A call beyond those at once waits for another call to end. Replies to the server, and events, do not wait for calls.
 * - A reply that overtakes events which the server sent before it waits for them, if the server counts them.
 *
 * @param {string} url
 * @param {import('./transports.js').Listeners} listeners
 * @param {AbortSignal} signal closes it, also while it opens
 * @returns {Promise<import('./transports.js').Transport>} rejects if it does not open
 */
export async function openEventStream(url, { onFrame, onClose, onRefusal }, signal) {
  const over = new AbortController()
  const waiting = [] // calls and events that are not sent yet
  let early = [] // replies that wait for events: their text, and how many events come before
  let calls = 0 // the number of calls that are sent and not answered
  let events = 0 // the number of events that have arrived
  let backlog = 0 // the length of all frames that are not sent, or not answered
  let isAcknowledged = true // whether the server has acknowledged the last event of the page
  let isOver = false

  const transport = {
    get isOpen() {
      return !isOver
    },
    backlog: () => backlog,
    send(text, kind) {
      backlog += text.length
      if (kind === undefined) {
        post(text)
        return
      }
      waiting.push({ text, kind })
      sendWaiting()
    },
    close: end,
  }
  signal.addEventListener('abort', end)
  const stream = await open().catch((error) => {
    signal.removeEventListener('abort', end)
    over.abort()
    throw error
  })
  const { session } = stream
  read(stream.events)
  return transport

  async function open() {
    let response
    try {
      signal.throwIfAborted()
      response = await fetch(url, { headers: { accept: 'text/event-stream' }, cache: 'no-store', signal: over.signal })
    }
    catch (cause) {
      throw new Error(`cannot connect to ${url}`, { cause })
    }
    if (!response.ok || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
      const reason = response.ok ? 'it is no event stream' : (await response.text()).trim().slice(0, 200)
      throw new Error(`cannot connect to ${url}: status ${response.status}, ${reason}`)
    }
    const events = eventsIn(response.body)
    const first = await events.next().catch(cause => ({ cause }))
    if (first.value?.event !== 'session')
      throw new Error(`cannot connect to ${url}: the event stream does not begin with its session`, { cause: first.cause })
    return { events, session: first.value.data }
  }

  async function read(stream) {
    try {
      for await (const { event, data } of stream) {
        if (event !== 'message' || isOver)
          continue
        events++
        onFrame(transport, data)
        const isDue = ({ after }) => after <= events
        const due = early.filter(isDue)
        early = early.filter(reply => !isDue(reply))
        for (const { text } of due)
          onFrame(transport, text)
      }
    }
    catch {} // the connection is lost
    end()
  }

  function sendWaiting() {
    while (isAcknowledged) {
      const next = waiting.findIndex(({ kind }) => kind === 'event' || calls < CALLS_AT_ONCE)
      if (next < 0)
        return
      const [{ text, kind }] = waiting.splice(next, 1)
      post(text, kind)
    }
  }

  async function post(text, kind) {
    if (kind === 'call')
      calls++
    else if (kind === 'event')
      isAcknowledged = false
    try {
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-birpc-session': session }
      const response = await fetch(url, { method: 'POST', headers, body: text, signal: over.signal })
      answered(text, response, await response.text())
    }
    catch {
      end() // the connection is lost
    }
    backlog -= text.length
    if (kind === 'call')
      calls--
    else if (kind === 'event')
      isAcknowledged = true
    if (!isOver)
      sendWaiting()
  }

  function answered(text, { ok, status, headers }, body) {
    if (isOver)
      return
    if (status === 400 || status === 409)
      end() // the server no longer has the session
    else if (!ok)
      onRefusal(text, status)
    else if (body && headers.get('x-birpc-after-events') > events)
      early.push({ text: body, after: Number(headers.get('x-birpc-after-events')) })
    else if (body)
      onFrame(transport, body)
  }

  function end() {
    if (isOver)
      return
    for (const { text } of early.splice(0))
      onFrame(transport, text)
    isOver = true
    signal.removeEventListener('abort', end)
    over.abort()
    onClose(transport, {})
  }
}

/** Reads the events of a stream: their names and data. */
async function* eventsIn(body) {
  let event = 'message'
  let data = []
  for await (const line of linesIn(body)) {
    if (line === '') {
      if (data.length)
        yield { event, data: data.join('\n') }
      event = 'message'
      data = []
    }
    const [, field, value] = /^(\w+)(?:: ?([^]*))?$/.exec(line) ?? [] // a comment has no field
    if (field === 'data')
      data.push(value ?? '')
    else if (field === 'event')
      event = value || 'message'
  }
}

async function* linesIn(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let begun = [] // the pieces of a line that has not ended yet
  for (; ;) {
    const { done, value } = await reader.read()
    if (done)
      return
    const [first, ...further] = value.split('\n')
    begun.push(first)
    for (const line of further) {
      yield begun.join('').replace(/\r$/, '')
      begun = [line]
    }
  }
}
