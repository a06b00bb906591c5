/** Keep-alive requests: a page cannot see the pings of a WebSocket, so it sends a small request when the server is silent. */

const PATIENCE = 5000 // milliseconds without an answer until the connection is suspicious, and again until it is closed
const EVENTS = [['window', 'online'], ['window', 'pageshow'], ['document', 'visibilitychange']]

/**
 * Checks whether the server is alive, over all connections of one client.
 *
 * @param {number} keepAlive milliseconds of silence after which a request is sent; with 0 only `check` sends one
 * @param {object} client
 * @param {() => void} client.ask sends a request that every server answers
 * @param {() => number} client.backlog returns the number of bytes that are not sent yet; while it shrinks, the server is alive
 * @param {(isSuspicious: boolean) => void} client.onDoubt is called when an answer is late, and when it comes after all
 * @param {() => void} client.onDead is called when no answer came
 * @param {() => void} client.onWake is called when the page was asleep, hidden or offline, and is active again
 */
export function createPulse(keepAlive, { ask, backlog, onDoubt, onDead, onWake }) {
  const patience = keepAlive > 0 ? Math.min(keepAlive, PATIENCE) : PATIENCE
  let isSilent, interval
  let question // the timer of the pending request
  let isSuspicious = false

  function look() {
    if (isSilent)
      check()
    isSilent = true
  }

  /** Sends a request now. If the connection `seemsDead`, it becomes suspicious at once. */
  function check(seemsDead = false) {
    if (interval === undefined)
      return // there is no connection
    if (question === undefined) {
      ask()
      wait(doubt)
    }
    if (seemsDead && !isSuspicious) {
      clearTimeout(question)
      doubt()
    }
  }

  function wait(then) {
    const before = backlog()
    question = setTimeout(() => backlog() < before ? wait(then) : then(), patience)
  }

  function doubt() {
    isSuspicious = true
    wait(() => {
      stop()
      onDead()
    })
    onDoubt(true)
  }

  function heard() {
    isSilent = false
    clearTimeout(question)
    question = undefined
    if (isSuspicious) {
      isSuspicious = false
      onDoubt(false)
    }
  }

  function stop() {
    clearInterval(interval)
    clearTimeout(question)
    interval = question = undefined
    isSuspicious = false
  }

  function wake() {
    if (globalThis.document?.visibilityState === 'hidden')
      return
    check()
    onWake()
  }

  for (const [target, event] of EVENTS)
    globalThis[target]?.addEventListener(event, wake)

  return {
    /** Begins the checks of a new connection. */
    start() {
      stop()
      isSilent = false
      interval = keepAlive > 0 ? setInterval(look, keepAlive) : null
    },
    /** Notes that a frame has come. */
    heard,
    check,
    /** Ends the checks of a lost connection. */
    stop,
    close() {
      stop()
      for (const [target, event] of EVENTS)
        globalThis[target]?.removeEventListener(event, wake)
    },
  }
}
