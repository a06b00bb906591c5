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
      return { code, data: data && JSON.parse(data), message }
  }
  catch {} // it only looked like one
  return { code: undefined, data: undefined, message: text }
}

const CODED = /^([^]*)\n\[code: ([a-z0-9]+(?:-[a-z0-9]+)*)(?:, data: (.*))?\]$/

export function thrown(e) {
  const parts = asRpcError(e)
  if (parts.code)
    return new RpcError(parts)
  return e instanceof Error ? e : new Error(String(e))
}

export const lost = () => new Error('the connection to the server was lost')
