/** Signs of life: a page cannot see the pings of a WebSocket, so it asks the server something small when that is silent. */

const PATIENCE = 5000 // milliseconds without an answer until the connection is suspicious, and as many until it is given up
const EVENTS = [['window', 'online'], ['window', 'pageshow'], ['document', 'visibilitychange']]

/**
 * The signs of life of one client, over all its connections.
 *
 * @param {number} keepAlive milliseconds of silence after which the server is asked; 0 asks only where there is a reason
 * @param {object} client
 * @param {() => void} client.ask sends what any server answers
 * @param {() => number} client.backlog how much of what was sent has not left yet: while it shrinks, the server is there
 * @param {(isSuspicious: boolean) => void} client.onDoubt there was no answer in time, or there is one after all
 * @param {() => void} client.onDead there is no answer
 * @param {() => void} client.onWake the page was asleep, hidden or without a network, and is not any more
 */
export function createPulse(keepAlive, { ask, backlog, onDoubt, onDead, onWake }) {
  const patience = keepAlive > 0 ? Math.min(keepAlive, PATIENCE) : PATIENCE
  let isSilent, interval
  let question // the timer of the question that is not answered yet
  let isSuspicious = false

  function look() {
    if (isSilent)
      check()
    isSilent = true
  }

  /** Asks for a sign of life now. There is a reason to doubt that one comes if the connection `seemsDead`. */
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
    /** There is a connection. */
    start() {
      stop()
      isSilent = false
      interval = keepAlive > 0 ? setInterval(look, keepAlive) : null
    },
    /** Something has come over the connection. */
    heard,
    check,
    /** There is no connection any more. */
    stop,
    close() {
      stop()
      for (const [target, event] of EVENTS)
        globalThis[target]?.removeEventListener(event, wake)
    },
  }
}
