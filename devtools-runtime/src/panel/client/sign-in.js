/** The dialog in which a page asks for the one-time code. */

import { quietly } from './attempt.js'

/** Returns `true` for a page that asks the user itself. A frame leaves that to a page of the same origin around it. */
export function asksForItself() {
  if (typeof window === 'undefined')
    return false
  for (let inner = window; inner !== inner.parent; inner = inner.parent) {
    if (quietly(() => inner.parent.location.origin === location.origin))
      return false
  }
  return true
}

const DIALOG = `
  <style>
    :host { all: initial; color-scheme: light dark }
    dialog { border: 1px solid GrayText; border-radius: 8px; padding: 1.25rem; max-width: 22rem; font: 15px/1.5 system-ui, sans-serif }
    dialog::backdrop { background: rgb(0 0 0 / .5) }
    h2, p { margin: 0 0 .75rem }
    h2, input, button { font: inherit }
    h2 { font-weight: 600 }
    input { box-sizing: border-box; width: 100%; padding: .4rem .6rem; letter-spacing: .2em }
    [role=alert]:empty { display: none }
    #tab { margin-top: .75rem }
    [role=alert] { color: light-dark(#b3261e, #ff8a80); margin-top: .5rem }
    div { display: flex; flex-direction: row-reverse; gap: .5rem; margin-top: .75rem }
    button { padding: .3rem .9rem }
  </style>
  <dialog aria-labelledby="title" aria-describedby="hint">
    <form method="dialog">
      <h2 id="title">Connect to DevTools</h2>
      <p id="hint">The terminal of the server shows a code of six digits, and a link that signs in.</p>
      <label>Code <input inputmode="numeric" autocomplete="one-time-code" pattern="\\s*[0-9]{6}\\s*" title="six digits" required autofocus aria-describedby="problem"></label>
      <p id="problem" role="alert"></p>
      <p id="tab" hidden>Or <a target="_blank" rel="opener">sign in in a new tab</a>, which also signs in this page.</p>
      <div><button value="connect">Connect</button><button type="button">Cancel</button></div>
    </form>
  </dialog>`

/**
 * Asks in a dialog whose styles are isolated from the page's. In a frame it also offers to open the page in a tab, which may be
 * trusted already, or can store its token where the browser does not let a frame.
 *
 * @type {import('../client.js').RequestCode}
 */
export function askInDialog(wrong, signal, reason) {
  const host = document.createElement('devtools-code')
  const root = host.attachShadow({ mode: 'open' })
  root.innerHTML = DIALOG
  const dialog = root.querySelector('dialog')
  const input = root.querySelector('input')
  host.addEventListener('keydown', event => event.stopPropagation()) // keys must not trigger shortcuts of the page
  root.querySelector('[type=button]').addEventListener('click', () => dialog.close())
  signal.addEventListener('abort', () => dialog.close())
  if (window !== window.top) {
    input.autofocus = false // browsers warn about it in a frame of another origin, and the dialog focuses the input anyway
    root.querySelector('a').href = location.href
    root.querySelector('#tab').hidden = false
  }
  document.body.append(host)
  dialog.showModal()
  if (wrong || reason) { // set after the dialog is shown, so that screen readers announce it
    input.ariaInvalid = String(wrong > 0)
    root.querySelector('[role=alert]').textContent = reason ? sentence(reason) : 'This code is wrong or has expired. Enter the latest code from the terminal.'
  }
  return new Promise(resolve => dialog.addEventListener('close', () => {
    host.remove()
    resolve(dialog.returnValue === 'connect' ? input.value.trim() : null)
  }))
}

const sentence = text => `${text[0].toUpperCase()}${text.slice(1)}.`
