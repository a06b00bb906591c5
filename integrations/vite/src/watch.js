/** Collects what Vite's watcher sees. */

/** The time in milliseconds in which changes are collected, because tools often change many files at once. */
const BATCH = 10

/** The most changes that are told at once. */
const MOST = 1000

/**
 * Calls `tell` with the changes that the watcher sees, until the returned function is called.
 *
 * @param {import('vite').ViteDevServer['watcher']} watcher
 * @param {(files: { event: string, path: string }[]) => void} tell
 */
export function watchFiles(watcher, tell) {
  let files = []
  let timer
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    tell(files.splice(0))
  }
  const take = (event, path) => {
    files.push({ event, path })
    if (files.length >= MOST)
      flush()
    else
      timer ??= setTimeout(flush, BATCH)
  }
  watcher.on('all', take)
  return () => {
    clearTimeout(timer)
    watcher.off('all', take)
  }
}
