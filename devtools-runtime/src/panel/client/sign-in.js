/** The dialog in which a page asks for the one-time code. */

import { quietly } from './attempt.js'

export function isTopLevel() {
  return quietly(() => window === window.top)
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
    [role=alert] { color: light-dark(#b3261e, #ff8a80); margin-top: .5rem }
    div { display: flex; flex-direction: row-reverse; gap: .5rem; margin-top: .75rem }
    button { padding: .3rem .9rem }
  </style>
  <dialog aria-labelledby="title" aria-describedby="hint">
    <form method="dialog">
      <h2 id="title">Connect to DevTools</h2>
      <p id="hint">The terminal of the server shows a code of six digits, and a link that ends in it.</p>
      <label>Code <input inputmode="numeric" autocomplete="one-time-code" pattern="\\s*[0-9]{6}\\s*" title="six digits" required autofocus aria-describedby="problem"></label>
      <p id="problem" role="alert"></p>
      <div><button value="connect">Connect</button><button type="button">Cancel</button></div>
    </form>
  </dialog>`

/**
 * Asks in a dialog that neither sees nor touches the page's styles.
 *
 * @type {import('../client.js').RequestCode}
 */
export function askInDialog(wrong, signal) {
  const host = document.createElement('devtools-code')
  const root = host.attachShadow({ mode: 'open' })
  root.innerHTML = DIALOG
  const dialog = root.querySelector('dialog')
  const input = root.querySelector('input')
  host.addEventListener('keydown', event => event.stopPropagation()) // the page's shortcuts are not meant
  root.querySelector('[type=button]').addEventListener('click', () => dialog.close())
  signal.addEventListener('abort', () => dialog.close())
  document.body.append(host)
  dialog.showModal()
  if (wrong) { // once it can be seen, so that it is read aloud
    input.ariaInvalid = 'true'
    root.querySelector('[role=alert]').textContent = 'This code is not right, or not any more. The latest in the terminal is the one that counts.'
  }
  return new Promise(resolve => dialog.addEventListener('close', () => {
    host.remove()
    resolve(dialog.returnValue === 'connect' ? input.value.trim() : null)
  }))
}
