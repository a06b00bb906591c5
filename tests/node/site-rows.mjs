/** The answers of the functions of `tests/e2e/served/static_site.rs`: live, and from the dump that is written of them. */
import assert from 'node:assert/strict'

const KINDS = {
  map: new Map([['a', 1], ['b', 2]]),
  set: new Set([1, 2, 3]),
  date: new Date(0),
  big: 2n ** 70n,
  bytes: new Uint8Array([1, 2, 3]),
  nan: null,
  negativeZero: 0,
  missing: undefined,
}
const ADA = { id: 1, name: 'Ada' }
const absentTwice = [[], [undefined], [null], [undefined, undefined], [null, null], [undefined, null], [null, undefined]]

/**
 * A call gives a value or fails with an error, `name`, `cause` and `own` properties of which are in the dump alone. What has
 * no record and no fallback is `unrecorded`. `inDump` marks what a live server answers otherwise.
 */
export const ROWS = [
  { call: ['site:get-config'], gives: { name: 'site', list: [1, 2, 3] } },
  { call: ['site:get-config', undefined, null], gives: { name: 'site', list: [1, 2, 3] }, inDump: true },
  { call: ['site:get-config', 0], unrecorded: true },
  { call: ['site:get-nothing'], gives: null },
  { call: ['site:get-kinds'], gives: KINDS },

  { call: ['site:get-user', 1], gives: ADA },
  { call: ['site:get-user', 3], fails: 'no user 3\n[code: not-found, data: {"id":3}]', own: { code: 'not-found', data: { id: 3 } } },
  { call: ['site:get-user', 4], fails: 'cannot read\n[code: disk, data: {"device":"sda"}]', own: { code: 'disk', data: { device: 'sda' } }, cause: { name: 'Error', message: 'disk full' } },
  { call: ['site:get-user', 5], fails: 'internal error\n[code: secret]', own: { code: 'secret' } },
  { call: ['site:get-user', 6], fails: 'internal error (id 00000000)' },
  { call: ['site:get-user', 9], unrecorded: true },
  { call: ['site:get-user', '1'], unrecorded: true },

  { call: ['site:find-user', 'Ada'], gives: ADA },
  { call: ['site:find-user', 'Bob'], gives: null },
  { call: ['site:find-user', 'nobody knows'], gives: null },
  { call: ['site:score', 'Ada'], gives: 7 },
  { call: ['site:score', 'Eve'], gives: -1, inDump: true },
  { call: ['site:size'], gives: 2 },
  { call: ['site:size', 'any'], gives: 2, inDump: true },
  { call: ['site:of:several-scopes'], gives: 'found' },

  ...absentTwice.map(absent => ({ call: ['site:greet', 'Ada', ...absent], gives: 'Hello, Ada' })),
  ...[[], [undefined], [null]].map(absent => ({ call: ['site:greet', 'Ada', 'Hi', ...absent], gives: 'Hi, Ada' })),
  ...[undefined, null].map(absent => ({ call: ['site:greet', 'Bob', absent, true], gives: 'HELLO, BOB' })),
  { call: ['site:greet', 'Bob'], unrecorded: true },

  { call: ['site:later', new Date(0)], gives: { when: new Date(1), tags: new Set(['a']) } },
  { call: ['site:later', new Date(5)], fails: 'no time', name: 'QuotaExceededError' },
  { call: ['site:sum', { b: 1, a: [true, null] }], gives: 2 },
  { call: ['site:sum', { a: [true, null], b: 1 }], gives: 2 },

  { call: ['site:live'], unknown: true },
  { call: ['site:touch'], unknown: true },
  { call: ['site:nothing-of-this-name'], unknown: true },
]

/** The state that the plugin shares. */
const STATE = 'site:progress'
const PROGRESS = { done: 3, started: new Date(86_400_000), tags: new Set(['a', 'b']) }

/** A shared state, whose interface is not that of `client.js` in other clients. */
function stateOf(rpc, key, { isOurs }) {
  return isOurs ? rpc.sharedState(key) : rpc.sharedState.get(key)
}

/** Changes the shared state of a dump, which is not changed for others. */
export async function changeState(rpc, options) {
  const state = await stateOf(rpc, STATE, options)
  state.mutate((draft) => {
    draft.done++
  })
  assert.deepStrictEqual(state.value(), { ...PROGRESS, done: 4 })
  assert.equal(await stateOf(rpc, STATE, options), state)
}

async function readState(rpc, options) {
  const state = await stateOf(rpc, STATE, options)
  assert.deepStrictEqual(state.value(), PROGRESS)
}

/** Reads the state and all rows as a dump has them. The messages of `client.js` are its own, and it takes the code off those of errors. */
export async function readDump(rpc, { isOurs }) {
  assert.equal(rpc.status, 'connected')
  await readState(rpc, { isOurs })
  for (const row of ROWS) {
    const call = rpc.call(...row.call)
    if ('gives' in row)
      assert.deepStrictEqual(await call, row.gives, text(row))
    else
      await assert.rejects(call, error => expectError(error, row, isOurs) || true, text(row))
  }
  assert.equal(await rpc.callOptional('site:touch'), undefined)
  assert.equal(await rpc.callOptional('site:nothing-of-this-name'), undefined)
  assert.deepEqual(await rpc.callOptional('site:find-user', 'Ada'), ADA)
  assert.equal(await rpc.callEvent('site:note', 'x'), undefined)
}

/** The text of an error without its id, under which the log has what it is about. */
const withoutId = message => message.replace(/\(id [0-9a-f]{8}\)$/, '(id 00000000)')

function expectError(error, row, isOurs) {
  const [name, ...args] = row.call
  assert.ok(error instanceof Error)
  if (row.unknown || row.unrecorded) {
    const message = isOurs ? (row.unknown ? 'no function' : 'no record') : (row.unknown ? 'not found in dump store' : 'No dump match')
    assert.ok([message, `"${name}"`, ...args.filter(arg => typeof arg === 'string')].every(part => error.message.includes(part)), error.message)
    return
  }
  assert.equal(withoutId(error.message), isOurs ? row.fails.replace(/\n\[code: .*$/, '') : row.fails)
  assert.equal(error.name, row.name ?? 'Error')
  assert.deepEqual(error.cause && { name: error.cause.name, message: error.cause.message }, row.cause)
  const { name: _, ...own } = error
  assert.deepEqual(JSON.parse(JSON.stringify(own)), row.own ?? {})
}

/** Reads the same state and rows from a live server. To one, `client.js` sends JSON alone. */
export async function readLive(rpc, { isOurs }) {
  await readState(rpc, { isOurs })
  const isJson = row => row.call.every(arg => !(arg instanceof Date))
  for (const row of ROWS.filter(row => !row.inDump && !row.unrecorded && !row.unknown && (isJson(row) || !isOurs))) {
    if ('gives' in row)
      assert.deepStrictEqual(await rpc.call(...row.call), row.gives, text(row))
    else
      await assert.rejects(rpc.call(...row.call), error => row.fails.startsWith(withoutId(error.message)), text(row))
  }
}

const text = ({ call: [name, ...args] }) => `${name} ${args.map(String)}`
