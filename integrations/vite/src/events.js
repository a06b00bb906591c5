/** Collects what happens in Vite, so that a tool is told of many events at once. */

/** The time in milliseconds in which events are collected, because many often come together. */
const BATCH = 10

/** The most events that are told at once. */
const MOST = 1000

/**
 * Returns a function that takes events, and one that drops those that are not told yet.
 *
 * @param {(events: any[]) => void} tell
 */
function collect(tell) {
  let events = []
  let timer
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    tell(events.splice(0))
  }
  return {
    add(event) {
      events.push(event)
      if (events.length >= MOST)
        flush()
      else
        timer ??= setTimeout(flush, BATCH)
    },
    drop() {
      clearTimeout(timer)
      events = []
    },
  }
}

/**
 * Calls `tell` with the changes that the watcher sees, until the returned function is called.
 *
 * @param {import('vite').ViteDevServer['watcher']} watcher
 * @param {(files: { event: string, path: string }[]) => void} tell
 */
export function watchFiles(watcher, tell) {
  const files = collect(tell)
  const take = (event, path) => files.add({ event, path })
  watcher.on('all', take)
  return () => {
    watcher.off('all', take)
    files.drop()
  }
}

/** The modules that a Vite server has transformed. */
export class Transforms {
  #lengths = new Map() // environment → id → length of the code
  #news

  /** @param {(modules: { environment: string, id: string, codeLength: number }[]) => void} tell is called with those that are new */
  constructor(tell) {
    this.#news = collect(tell)
  }

  add(environment, id, codeLength) {
    if (!this.#lengths.has(environment))
      this.#lengths.set(environment, new Map())
    this.#lengths.get(environment).set(id, codeLength)
    this.#news.add({ environment, id, codeLength })
  }

  /** All modules, in parts that can be told at once. */
  * parts() {
    const all = [...this.#lengths].flatMap(([environment, lengths]) => [...lengths].map(([id, codeLength]) => ({ environment, id, codeLength })))
    for (let start = 0; start < all.length; start += MOST)
      yield all.slice(start, start + MOST)
  }

  drop() {
    this.#news.drop()
  }
}
