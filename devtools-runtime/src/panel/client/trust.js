/** Authentication: a page becomes trusted with a token that it has, or with a one-time code. */

import { quietly } from './attempt.js'
import { askInDialog, asksForItself } from './sign-in.js'

const TOKEN_KEY = '__DEVFRAME_CONNECTION_AUTH_TOKEN__' // these three names are shared with the ecosystem's client
const TOKEN_CHANNEL = 'devframe-auth'
const CODE_PARAM = 'devframe_otp'

export class UnauthorizedError extends Error {
  constructor(problem) {
    super(`${problem}: open it with the link that the server shows in its terminal`)
  }
}

/**
 * Authenticates one client, over all its connections.
 *
 * @param {object} client
 * @param {string} [client.authToken]
 * @param {false | import('../client.js').RequestCode} [client.requestCode]
 * @param {(name: string, args: any[]) => Promise<any>} client.request calls the server before the page is trusted
 * @param {() => boolean} client.isConnected
 * @param {() => void} client.onNews is called when the page gets a new token or code
 */
export function createTrust({ authToken, requestCode, request, isConnected, onNews }) {
  const ask = requestCode ?? (asksForItself() && askInDialog)
  let code = takeCode()
  let trustedBy = '' // the token that the server trusts
  let declined = false // the user was asked for a code and gave none
  let interrupt // ends a running question for a code

  /**
   * Sends tokens and codes, including new ones that the page gets meanwhile, until the server trusts the page.
   *
   * @returns {Promise<string>} the token that the server trusts
   */
  async function authorize(published, takeTime) {
    const self = { ua: globalThis.navigator?.userAgent ?? '', origin: globalThis.location?.origin ?? '' }
    const shown = new Set()
    const hasNews = () => code || (authToken && !shown.has(authToken)) // from a link, or from another page
    for (let wrong = 0, reason; ;) {
      const tokens = [authToken, published, storedToken()].filter(Boolean)
      for (const token of tokens.length ? tokens : ['']) { // the handshake must be the first call
        if (shown.has(token))
          continue
        shown.add(token)
        if ((await request('anonymous:devframe:auth', [{ authToken: token, ...self }])).isTrusted)
          return token
      }
      if (code) {
        const offer = { code, ...self }
        code = undefined // a code is tried once
        const given = await request('anonymous:devframe:auth:exchange', [offer])
        if (given.authToken)
          return keep(given.authToken)
        wrong++
        reason = typeof given.reason === 'string' ? given.reason : undefined // the server did not check the code
      }
      if (hasNews())
        continue
      if (!ask || declined)
        throw new UnauthorizedError('the server does not trust this page')
      takeTime() // the user may need longer than the time limit
      const notShown = await request('anonymous:devframe:auth:request-code', [self]) // the server shows a code once, so this may be repeated
      if (hasNews())
        continue
      reason ??= typeof notShown?.reason === 'string' ? notShown.reason : undefined
      const entered = await question(ask, wrong, reason)
      declined = entered === null
      code = entered || code
    }
  }

  /** Asks the user for a code. Returns `undefined` if the question was interrupted. */
  async function question(ask, wrong, reason) {
    const over = new AbortController()
    const interrupted = new Promise(resolve => interrupt = resolve)
    try {
      return await Promise.race([ask(wrong, over.signal, reason), interrupted])
    }
    finally {
      interrupt = undefined
      over.abort()
    }
  }

  function keep(token) {
    authToken = token
    quietly(() => localStorage.setItem(TOKEN_KEY, token))
    channel?.postMessage({ type: 'auth-update', authToken: token })
    return token
  }

  /** Handles the message that another page has become trusted. */
  function hear({ data }) {
    if (data?.type !== 'auth-update' || typeof data.authToken !== 'string' || isConnected())
      return
    authToken = data.authToken
    tryAgain()
  }

  /** Handles the token of a tab that this page opened. A frame in a page of another origin shares no storage with that tab. */
  function take(event) {
    if (event.origin === globalThis.location?.origin)
      hear(event)
  }

  /** Sends the token to the page that opened this one. */
  function handOver(token) {
    const { opener, location } = globalThis
    // Reading the origin of the opener throws if it is another one.
    if (token && quietly(() => opener.location.origin === location.origin))
      quietly(() => opener.postMessage({ type: 'auth-update', authToken: token }, location.origin))
  }

  /** Handles a link that differs only in its fragment, which does not reload the page. */
  function follow() {
    const given = takeCode()
    if (!given || isConnected())
      return
    code = given
    tryAgain()
  }

  function tryAgain() {
    interrupt?.()
    onNews()
  }

  const channel = quietly(() => new BroadcastChannel(TOKEN_CHANNEL))
  if (channel)
    channel.onmessage = hear
  globalThis.addEventListener?.('hashchange', follow)
  globalThis.addEventListener?.('message', take)

  return {
    /** Authenticates as `authorize` does. `takeTime` is called before the user is asked. */
    async earn(published, takeTime) {
      trustedBy = await authorize(published, takeTime)
      handOver(trustedBy)
      declined = false
      code = undefined
    },
    /** Forgets the token, because the server no longer trusts it. */
    forget() {
      authToken = undefined
      if (storedToken() === trustedBy)
        quietly(() => localStorage.removeItem(TOKEN_KEY))
    },
    /** Ends a running question for a code, because the connection is lost. */
    fail: error => interrupt?.(Promise.reject(error)),
    close() {
      channel?.close()
      globalThis.removeEventListener?.('hashchange', follow)
      globalThis.removeEventListener?.('message', take)
    },
  }
}

function storedToken() {
  return quietly(() => localStorage.getItem(TOKEN_KEY))
}

/** Returns the one-time code in the page's address, and removes it there, because addresses get shared. */
function takeCode() {
  const page = globalThis.location
  const fragment = new URLSearchParams(page?.hash?.slice(1))
  const code = fragment.get(CODE_PARAM)
  if (code) {
    fragment.delete(CODE_PARAM)
    quietly(() => history.replaceState(history.state, '', `${page.pathname}${page.search}${String(fragment) && `#${fragment}`}`))
  }
  return code
}
