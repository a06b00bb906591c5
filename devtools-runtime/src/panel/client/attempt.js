/** What goes wrong without stopping the client. */

/** Nothing the server sends, and no listener, may stop the client. */
export function attempt(body) {
  try {
    body()
  }
  catch (error) {
    console.error('[devtools]', error)
  }
}

/** The storage and the history of a sandboxed frame throw when touched. */
export function quietly(body) {
  try {
    return body()
  }
  catch {
    return undefined
  }
}
