// The guide's complete example: a file changes, the client is told, calls back, and sees the new data.
//
//   node analytics.mjs BASE FOLDER
import './browser.mjs'
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run } from './checks.mjs'

const { connectDevframe } = await import('devframe/client')
const [base, folder] = parameters('BASE', 'FOLDER')

check('the metrics are a record', async () => {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, otpParam: false, simpleAuth: false })
  assert.deepEqual(await rpc.call('analytics:get-metrics'), { 'main.ts': 5 })
  rpc.close()
})

check('a change arrives, and calling back shows it', async () => {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, otpParam: false, simpleAuth: false })
  await rpc.ensureTrusted(5000)
  const changed = []
  let metrics
  rpc.client.register({
    name: 'analytics:metrics-updated',
    type: 'event',
    handler: async (file) => {
      changed.push(file)
      metrics = await rpc.call('analytics:get-metrics')
    },
  })
  await writeFile(join(folder, 'new.ts'), 'twelve bytes')
  await eventually(() => metrics?.['new.ts'] === 12)
  assert.ok(changed.includes('new.ts'))
  assert.equal(metrics['main.ts'], 5)
  rpc.close()
})

await run()
