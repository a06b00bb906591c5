/** The one-time codes that the server of a test shows: it writes the latest to a file, as `{ code, link }`. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

export function codesIn(file) {
  let last
  return {
    /** The code that was shown since this was last called, and its link. It is shown before the request for it is answered. */
    next() {
      const shown = JSON.parse(readFileSync(file, 'utf8'))
      assert.notEqual(shown.code, last, 'no code was shown')
      last = shown.code
      return shown
    },
  }
}

/** Six digits that are not this code. */
export const not = code => code === '000000' ? '000001' : '000000'
