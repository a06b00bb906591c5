/** Notices that the lists of a running program have changed, such as when a plugin registers a function late. */

const PERIOD = 1000 // milliseconds between two questions to the server

/**
 * Calls `changed` after each change, as long as the page is visible.
 *
 * @param {import('./source.js').Source} source
 * @param {() => void} changed
 */
export function followLists(source, changed) {
  if (source.isStatic)
    return
  let revision

  async function ask() {
    try {
      const next = await source.ask('revision')
      if (revision !== undefined && next !== revision)
        changed()
      revision = next
    }
    catch {} // the connection is lost, which the status shows; the lists may have changed when it is back
    setTimeout(askIfVisible, PERIOD)
  }

  function askIfVisible() {
    if (document.visibilityState === 'visible')
      ask()
    else
      document.addEventListener('visibilitychange', askIfVisible, { once: true })
  }

  askIfVisible()
}
