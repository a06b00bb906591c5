/** The calls whose answers the real client has read from the dump of the vectors, and a check that another client reads the same. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'

export const VECTORS = new URL('../vectors/', import.meta.url)
export const readVectors = async path => JSON.parse(await readFile(new URL(path, VECTORS), 'utf8'))

/** Its file is found where paths are not decoded. */
export const WEIRD = 'demo:weird/na me%~ü?#:x'

/** The calls; left out is what is no call, and an accident of the real client. */
export const reads = (await readVectors('static-dump/definitions.json')).reads
  .filter(({ method }) => !method.startsWith('(') && method !== 'toString')

export async function readAgain(rpc, row, client) {
  const args = revive(row.args)
  const how = row.how === 'callEvent' ? async (...all) => rpc.callEvent(...all) : rpc[row.how]
  if (row.ok)
    return assert.deepStrictEqual(await how(row.method, ...args), revive(row.ok), row.method)
  await assert.rejects(how(row.method, ...args), (error) => {
    const { name, message, cause, own } = row.error
    assert.ok(error instanceof Error)
    assert.equal(error.name, name)
    if (client === 'client.js' && message.startsWith('[devframe-rpc]')) {
      assert.ok(error.message.includes(`"${row.method}"`), error.message)
      assert.ok(args.every(arg => error.message.includes(String(arg))), error.message)
      return true
    }
    assert.equal(error.message, message)
    assert.deepEqual(error.cause && { name: error.cause.name, message: error.cause.message }, cause)
    const { name: _, ...further } = error
    assert.deepStrictEqual(further, revive(own))
    return true
  })
}

/** A value of the vectors. */
function revive({ $: type, v }) {
  switch (type) {
    case 'null': return null
    case 'array': return v.map(revive)
    case 'object': return Object.fromEntries(v.map(([key, value]) => [revive(key), revive(value)]))
    case 'map': return new Map(v.map(([key, value]) => [revive(key), revive(value)]))
    case 'set': return new Set(v.map(revive))
    case 'date': return new Date(v)
    case 'bigint': return BigInt(v)
    default: return v
  }
}
