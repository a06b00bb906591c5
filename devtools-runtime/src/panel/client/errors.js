/** The errors of calls: those of functions, with code and data, and those of the connection. */

/** An error with a code from a function of the server. */
class RpcError extends Error {
  constructor({ code, data, message }) {
    super(message)
    this.code = code
    this.data = data
  }
}

/**
 * Returns code, data and message of a call's error. `code` and `data` are undefined if the error has none. It accepts errors of
 * this client and of `devframe/client`, which has code and data only in the last line of the message.
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
  catch {} // the line has the form of a code, but is not one
  return { code: undefined, data: undefined, message: text }
}

// Only `\n` ends a line here, because JSON may contain the other line ends of JavaScript.
const CODED = /^([^]*)\n\[code: ([a-z0-9]+(?:-[a-z0-9]+)*)(?:, data: ([^\n]*))?\]$/

/** The deepest nesting of arrays and objects, as on the server. */
const DEPTH = 128
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

/** Parses data that the server could have written. Throws for any other text. */
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

/** The error of a call that got no reply because of the connection. */
export class ConnectionError extends Error {
  /** @param {boolean} mayHaveRun whether the request was sent, so that the function may have run */
  constructor(message, mayHaveRun, options) {
    super(message, options)
    this.mayHaveRun = mayHaveRun
  }
}

/** The error of a frame that is too large for the server. The function has not run. */
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
