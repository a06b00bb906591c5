/**
 * The client for panels without a bundler: the declarations of `__client.js`, and of `client.js`. A copy of this file beside the scripts of a
 * panel gives editors and compilers the types, as `__client.d.ts`:
 *
 *     import { connect } from './__client.js'
 *
 * @module
 */

/** Functions by their names, such as the interfaces that the command `types` of a program writes. */
export type Functions<F> = { [K in keyof F]: (...args: any[]) => any }

/** Functions of which nothing is known. */
export interface AnyFunctions {
  [name: string]: (...args: any[]) => any
}

/**
 * The state of the connection. `suspicious` means that the server has not answered for a while. Calls are still sent; then either the server
 * answers, or the connection is closed. After `disconnected` and `error` the client connects again, unless `close` was called. `unauthorized`
 * lasts until another page of this origin becomes trusted, or this page opens a link with a code.
 */
export type Status = 'connecting' | 'connected' | 'suspicious' | 'disconnected' | 'error' | 'unauthorized'

/**
 * Asks the user for the one-time code that the server shows; `null` gives up.
 *
 * @param wrong the number of wrong codes so far
 * @param signal aborts when no code is needed any more
 * @param reason a message, if the server refused to check the last code
 */
export type RequestCode = (wrong: number, signal: AbortSignal, reason?: string) => Promise<string | null>

export interface Options {
  /**
   * The folder of the metadata: the mount of the server, or a folder of a dump. Default: that of the page around this one, if it has the same origin
   * and is connected with the ecosystem's client; else the folder of the imported file.
   */
  base?: string | URL
  /** Whether this page uses the connection of the page around it, if `base` is not set. Default: `true`. */
  inherit?: boolean
  /**
   * The transport. `auto` is the default: a WebSocket. If the server was not heard over it, the client uses server-sent events and POSTs, if
   * the server offers them. It keeps the transport that works for later connections.
   */
  transport?: 'auto' | 'websocket' | 'sse'
  /** The time in milliseconds in which a transport has to connect, and the server has to answer over it. Default: 10,000. */
  connectTimeout?: number
  /**
   * The time in milliseconds for which new WebSockets have to fail until the client uses server-sent events, once a WebSocket has worked.
   * Default: 60,000.
   */
  fallbackAfter?: number
  /** The time in milliseconds until a call without a reply fails. Default: 0, which waits forever. */
  callTimeout?: number
  /**
   * The time of silence in milliseconds after which the client sends a keep-alive request. Default: 30,000. With 0 it sends one only after a call
   * without a reply, or when the page was asleep.
   */
  keepAlive?: number
  /** The token of the page. Default: the one that an earlier visit stored in `localStorage`. */
  authToken?: string
  /**
   * Asks the user for a code when the server does not trust the page. Default: with a dialog, but not in a frame of a page of the same origin,
   * which asks for both. `false` never asks.
   */
  requestCode?: false | RequestCode
}

/** A client, which is connected to a server, or has opened a static dump. */
export interface Client<Server extends Functions<Server> = AnyFunctions, Page extends Functions<Page> = AnyFunctions> {
  /** The source of answers: a server, by the transport of its last connection, or the files of a static dump. */
  readonly backend: 'websocket' | 'sse' | 'static'
  /** The state of the connection. On a dump it is `connected`, until the client is closed. */
  readonly status: Status
  /** The reason, for the user, why there is no connection; `undefined` while there is one. */
  readonly error: Error | undefined
  /**
   * Calls a function of the server. Arguments and results may be structured-clone values such as a `Map`, a `Date` or a `BigInt`, if the function does
   * not use plain JSON.
   *
   * Rejects with the function's error (see {@link asRpcError}). Rejects with a {@link ConnectionError} if there is no connection or the request
   * is too large, or if the connection was lost before the reply came. Rejects if a dump has no record for these arguments and no fallback.
   */
  call: <Name extends keyof Server & string>(name: Name, ...args: Parameters<Server[Name]>) => Promise<Awaited<ReturnType<Server[Name]>>>
  /** Calls a function as `call` does. The result is `undefined` if the server does not have the function. */
  callOptional: <Name extends keyof Server & string>(name: Name, ...args: Parameters<Server[Name]>) => Promise<Awaited<ReturnType<Server[Name]>> | undefined>
  /** Sends an event, which gets no reply. It is lost without a connection, and on a dump. */
  callEvent: <Name extends keyof Server & string>(name: Name, ...args: Parameters<Server[Name]>) => void
  /**
   * Lets the server call a function, also after reconnections, until the returned function is called. Throws if the name is registered. A handler
   * that asks the user something is a `function`, and stops asking when `this.signal` is aborted.
   */
  register: <Name extends keyof Page & string>(name: Name, handler: Handler<Page[Name]>) => () => void
  /** Registers a function in the form of the kit's client. `type` is not needed. */
  readonly client: {
    register: <Name extends keyof Page & string>(definition: { name: Name, type?: string, handler: Handler<Page[Name]> }) => () => void
  }
  /**
   * Follows a shared state of the server, also after reconnections. Rejects if the server has no state with this key and there is no initial
   * value. On a dump it begins with the recorded value, and changes stay in the page.
   */
  sharedState: <T = any>(key: string, initial?: T) => Promise<SharedState<T>>
  /** The streams of the server. A dump has none, and both functions throw there. */
  readonly streaming: Streaming
  /** Adds a listener, until the returned function is called. */
  on: (event: 'status', listener: (status: Status, error?: Error) => void) => () => void
  /** Closes the connection finally. Calls in flight fail. */
  close: () => void
}

/** The call that a handler answers, as its `this`. */
export interface Answering {
  /** Is aborted when the server does not wait for the result any more: another page has answered, the time is over, or the connection is lost. */
  readonly signal: AbortSignal
}

/** The implementation of a function, which may be `async`. The result of a function without one is not used. */
export type Handler<F extends (...args: any[]) => any> = (this: Answering, ...args: Parameters<F>) => [Awaited<ReturnType<F>>] extends [void]
  ? unknown
  : Awaited<ReturnType<F>> | Promise<Awaited<ReturnType<F>>>

export interface Streaming {
  /** Reads a stream of the server, also after reconnections. Throws if it is being read already. */
  subscribe: <T = any>(channel: string, id: string) => StreamReader<T>
  /** Uploads to a stream that the server has opened. The upload is lost with the connection. */
  upload: <T = any>(channel: string, id: string) => Upload<T>
}

/** The chunks of a stream. Throws the error that the stream ends with. Leaving the loop cancels it. */
export interface StreamReader<T = any> extends AsyncIterable<T> {
  /** Stops reading. */
  cancel: () => void
  /** The number of chunks that were lost because this side was slow or disconnected. */
  readonly missed: number
}

export interface Upload<T = any> {
  /** Aborts when the server stops the upload, or the connection is lost. */
  readonly signal: AbortSignal
  /** Sends a chunk. Throws if the upload was stopped. */
  write: (chunk: T) => void
  /** Ends the upload, with an error if there is one. */
  close: (error?: Error) => void
}

export interface SharedState<T = any> {
  /** Returns the current value, which must not be changed in place. */
  value: () => T
  /** Changes a copy of the value, or returns another value, and sends it to the server. A change that the server refuses is undone. */
  mutate: (change: (draft: T) => T | void) => void
  /** Replaces the value, and sends it to the server. */
  set: (value: T) => void
  /** Adds a listener for changes by anybody, until the returned function is called. */
  on: (listener: (value: T) => void) => () => void
}

/**
 * Connects to the server, and waits until it trusts or refuses this page. Opens a static dump if the metadata names one. Rejects if there is
 * neither a server nor a dump.
 *
 * With types that the command `types` of a program writes: `connect<MyPluginServerFunctions, MyPluginClientFunctions>()`.
 */
export function connect<Server extends Functions<Server> = AnyFunctions, Page extends Functions<Page> = AnyFunctions>(options?: Options): Promise<Client<Server, Page>>

/**
 * Returns code, data and message of a call's error. `code` and `data` are undefined if the error has none. It accepts errors of this client and
 * of `devframe/client`.
 */
export function asRpcError(error: unknown): { code: string | undefined, data: any, message: string }
/**
 * Returns the same with the types of a function's errors, which the command `types` writes:
 * `asRpcError<MyPluginErrors['my-plugin:read-file']>(error)`. A server of another version may also send other codes.
 */
export function asRpcError<E extends RpcErrorVariant>(error: unknown): (E | { code: undefined, data: undefined }) & { message: string }

/** A code with its data, such as the members of the interface of errors in the declarations of a program. */
export interface RpcErrorVariant { code: string, data?: unknown }

/** The error of a call that got no reply because of the connection. */
export class ConnectionError extends Error {
  constructor(message: string, mayHaveRun: boolean, options?: ErrorOptions)
  /** Whether the request was sent, so that the function may have run. */
  readonly mayHaveRun: boolean
  /** The length of the frame in bytes, if it was too large for the server. */
  readonly size?: number
  /** The largest length that the server accepts, if the frame was longer and the limit is known. */
  readonly limit?: number
}
