/** What a call fails with: errors of functions, with their code and data, and that of a lost connection. */

/** An error that a function of the server failed with, if it has a code there. */
class RpcError extends Error {
  constructor({ code, data, message }) {
    super(message)
    this.code = code
    this.data = data
  }
}

/**
 * What a call failed with: `code` and `data` are undefined if the error has none. It reads the errors of this client and of
 * `devframe/client`, which delivers both in the message alone, as its last line.
 *
 * @param {unknown} error
 * @returns {{ code: string | undefined, data: any, message: string }}
 */
export function asRpcError(error) {
  if (error instanceof RpcError)
    return { code: error.code, data: error.data, message: error.message }
  const text = String(error?.message ?? error)
  const [, message, code, data] = CODED.exec(text) ?? []
  try {
    if (code)
      return { code, data: data === undefined ? data : portable(data), message }
  }
  catch {} // it only looked like one
  return { code: undefined, data: undefined, message: text }
}

// Only `\n` ends a line here: JSON may hold the other line ends of JavaScript.
const CODED = /^([^]*)\n\[code: ([a-z0-9]+(?:-[a-z0-9]+)*)(?:, data: ([^\n]*))?\]$/

/** How many arrays and objects may be nested in each other, as on the server. */
const DEPTH = 128
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

/** Reads data that the server could have written: what it cannot hold is text of somebody else. */
function portable(json) {
  let depth = 0
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[{}\]]/g)) {
    if (token === '[' || token === '{')
      depth += 1
    else if (token === ']' || token === '}')
      depth -= 1
    if (depth > DEPTH)
      throw new RangeError('nested too deep')
  }
  return JSON.parse(json, (key, value) => {
    const holds = typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'string' || !LONE_SURROGATE.test(value)
    if (!holds || LONE_SURROGATE.test(key) || key.startsWith('$serde_json::private::'))
      throw new TypeError('not from the server')
    return value
  })
}

export function thrown(e) {
  const parts = asRpcError(e)
  if (parts.code)
    return new RpcError(parts)
  return e instanceof Error ? e : new Error(String(e))
}

/** A call that has no reply because of its connection. */
export class ConnectionError extends Error {
  /** @param {boolean} mayHaveRun whether the request has left, so that the function may have run, or may run still */
  constructor(message, mayHaveRun, options) {
    super(message, options)
    this.mayHaveRun = mayHaveRun
  }
}

/** A frame that is larger than the server takes. Its function has not run. */
export class TooLargeError extends ConnectionError {
  /**
   * @param {number} size of the frame, in bytes
   * @param {number | undefined} limit in bytes, if it is known
   */
  constructor(subject, size, limit, detail) {
    super(`${subject} has ${size} bytes, over the limit of the server${limit === undefined ? '' : ` of ${limit}`}${detail ? ` (${detail})` : ''}`, false)
    this.size = size
    this.limit = limit
  }
}

export const lost = mayHaveRun => new ConnectionError('the connection to the server was lost', mayHaveRun)
