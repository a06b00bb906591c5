/** Runs code whose errors must not stop the client. */

/** Runs a listener, or handles a frame, and logs its error. */
export function attempt(body) {
  try {
    body()
  }
  catch (error) {
    console.error('[devtools]', error)
  }
}

/** Runs code and ignores its error. The storage and the history of a sandboxed frame throw on access. */
export function quietly(body) {
  try {
    return body()
  }
  catch {
    return undefined
  }
}
