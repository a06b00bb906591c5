/** How a page earns the trust of the server: with a token that it has, or a code that it is given. */

import { quietly } from './attempt.js'
import { askInDialog, asksForItself } from './sign-in.js'

const TOKEN_KEY = '__DEVFRAME_CONNECTION_AUTH_TOKEN__' // these three are shared with the ecosystem's own client
const TOKEN_CHANNEL = 'devframe-auth'
const CODE_PARAM = 'devframe_otp'

export class UnauthorizedError extends Error {
  constructor(problem) {
    super(`${problem}: open it with the link that the server shows in its terminal`)
  }
}

/**
 * The trust of one client, over all its connections.
 *
 * @param {object} client
 * @param {string} [client.authToken]
 * @param {false | import('../client.js').RequestCode} [client.requestCode]
 * @param {(name: string, args: any[]) => Promise<any>} client.request calls the server before it trusts the page
 * @param {() => boolean} client.isConnected
 * @param {() => void} client.onNews the page has come by a token or a code that it had not before
 */
export function createTrust({ authToken, requestCode, request, isConnected, onNews }) {
  const ask = requestCode ?? (asksForItself() && askInDialog)
  let code = takeCode()
  let trustedBy = '' // the token
  let declined = false // the user was asked for a code, and has none
  let interrupt // ends the question for a code, while there is one

  /**
   * Shows the server what this page has, and what it comes by meanwhile, until the server trusts it.
   *
   * @returns {Promise<string>} the token that did it
   */
  async function authorize(published, takeTime) {
    const self = { ua: globalThis.navigator?.userAgent ?? '', origin: globalThis.location?.origin ?? '' }
    const shown = new Set()
    const hasNews = () => code || (authToken && !shown.has(authToken)) // from a link, or of another page
    for (let wrong = 0, reason; ;) {
      const tokens = [authToken, published, storedToken()].filter(Boolean)
      for (const token of tokens.length ? tokens : ['']) { // the handshake comes first in any case
        if (shown.has(token))
          continue
        shown.add(token)
        if ((await request('anonymous:devframe:auth', [{ authToken: token, ...self }])).isTrusted)
          return token
      }
      if (code) {
        const offer = { code, ...self }
        code = undefined // good for one try
        const given = await request('anonymous:devframe:auth:exchange', [offer])
        if (given.authToken)
          return keep(given.authToken)
        wrong++
        reason = typeof given.reason === 'string' ? given.reason : undefined // it was not looked at
      }
      if (hasNews())
        continue
      if (!ask || declined)
        throw new UnauthorizedError('the server does not trust this page')
      takeTime() // people are slow
      await request('anonymous:devframe:auth:request-code', [self]) // shows it once, so it does no harm to repeat
      if (hasNews())
        continue
      const entered = await question(ask, wrong, reason)
      declined = entered === null
      code = entered || code
    }
  }

  /** Asks the user; `undefined` if something came in between. */
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

  /** Another page has earned trust. */
  function hear({ data }) {
    if (data?.type !== 'auth-update' || typeof data.authToken !== 'string' || isConnected())
      return
    authToken = data.authToken
    tryAgain()
  }

  /** A tab that this page opened has earned trust, and hands it over: a frame in a page of another origin shares no storage with it. */
  function take(event) {
    if (event.origin === globalThis.location?.origin)
      hear(event)
  }

  /** Hands the token to the page that opened this one. */
  function handOver(token) {
    const { opener, location } = globalThis
    // Whether it is a page of this origin can be seen only if it is one.
    if (token && quietly(() => opener.location.origin === location.origin))
      quietly(() => opener.postMessage({ type: 'auth-update', authToken: token }, location.origin))
  }

  /** The page was sent to a link that differs in its fragment, which does not load it anew. */
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
    /** As `authorize`. `takeTime` is called before the user is asked. */
    async earn(published, takeTime) {
      trustedBy = await authorize(published, takeTime)
      handOver(trustedBy)
      declined = false
      code = undefined
    },
    /** The server has withdrawn its trust. */
    forget() {
      authToken = undefined
      if (storedToken() === trustedBy)
        quietly(() => localStorage.removeItem(TOKEN_KEY))
    },
    /** The connection is lost: whoever is asked for a code is asked in vain. */
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

/** Takes the one-time code out of the page's address, where it must not stay: addresses get shared. */
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
