/** Hashes arguments with the real package: `[{ text, hash }]` in a file, where `text` is structured clone and a hash of null stands for none. */
import { readFileSync } from 'node:fs'
import { hash } from 'devframe/utils/hash'
import { structuredCloneParse } from 'devframe/utils/structured-clone'
import { parameters } from './checks.mjs'

const [file] = parameters('<file>')
const cases = JSON.parse(readFileSync(file, 'utf8'))
const hashed = (text) => {
  const value = structuredCloneParse(text)
  try {
    return hash(value)
  }
  catch {
    return null
  }
}
let failed = 0
let without = 0
for (const { text, hash } of cases) {
  const expected = hashed(text)
  if (expected === null)
    without++
  if (expected !== hash && ++failed <= 10)
    console.log(`FAIL ${text}: ${hash} here, ${expected} in JavaScript`)
}
console.log(`${cases.length - failed} of ${cases.length} hashes are equal, ${without} of them none at all`)
process.exit(failed ? 1 : 0)
