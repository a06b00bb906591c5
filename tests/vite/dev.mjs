/** Pages in Chromium use a tool through a real Vite, with Vite's own DevTools client and interface. */
import assert from 'node:assert/strict'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { callsOf, closeAll, describe, openPage, originOf, startVite } from './servers.mjs'

const [tool] = parameters('TOOL')

/** A plugin of the project that is written in JavaScript. */
const neighbour = {
  name: 'neighbour',
  devtools: {
    setup(ctx) {
      const { idToModuleMap } = ctx.viteServer.moduleGraph
      ctx.rpc.register({ name: 'neighbour:get-lengths', type: 'query', handler: () => [...idToModuleMap.values()].map(({ id, transformResult }) => ({ id, length: transformResult?.code.length ?? null })) })
      ctx.rpc.register({ name: 'neighbour:swap', type: 'action', handler: map => new Map([...map].map(([key, value]) => [value, key])) })
      ctx.rpc.register({ name: 'neighbour:fail', type: 'action', handler: () => { throw new Error('the neighbour fails') } })
    },
  },
}

check('a call of a page reaches the tool and comes back, and the tool knows Vite', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const call = await callsOf(await openPage(server))
  assert.equal(await call('vite-tool:add', 2, 3), 5)
  const known = await call('vite-tool:known')
  assert.equal(known.root, server.config.root)
  assert.equal(known.rootAtSetup, server.config.root)
  assert.equal(known.mode, 'development')
  assert.match(known.version, /^8\./)
  assert.ok(known.plugins.includes('devtools-runtime:vite-tool'), String(known.plugins))
  assert.deepEqual(await call('vite-tool:urls'), server.resolvedUrls.local)
  assert.ok(server.lines.every(line => !/token|otp/i.test(line)), server.lines.join('\n'))
})

check('values keep their types, and errors arrive as errors with their code', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  const call = await callsOf(page)
  const same = await page.evaluate(async () => {
    const value = await rpc.call('vite-tool:same', new Map([['a', 1n], ['b', new Date(5)]]))
    return [value instanceof Map, value.get('a') === 1n, value.get('b') instanceof Date, value.get('b').getTime()]
  })
  assert.deepEqual(same, [true, true, true, 5])
  const failed = await page.evaluate(() => rpc.call('vite-tool:fail', '/nope').catch(error => [error instanceof Error, error.message]))
  assert.equal(failed[0], true)
  assert.match(failed[1], /^no file at \/nope\n\[code: not-found\]$/)
  await assert.rejects(call('vite-tool:add', 'x', 3), /argument 1/)
})

check('the module graph is that which a plugin in JavaScript sees, in each environment', async () => {
  const server = await startVite({ tools: [{ command: tool }], plugins: [neighbour] })
  const call = await callsOf(await openPage(server))
  const lengths = await call('vite-tool:get-lengths', 'client')
  assert.deepEqual(lengths, await call('neighbour:get-lengths'))
  const main = join(server.config.root, 'src/main.js')
  assert.ok(lengths.find(({ id }) => id === main)?.length > 100, JSON.stringify(lengths))
  assert.deepEqual(await call('vite-tool:get-lengths', 'ssr'), [])
  assert.match(await call('vite-tool:transform', 'ssr', '/src/text.js'), /__vite_ssr/)
  assert.deepEqual((await call('vite-tool:get-lengths', 'ssr')).map(({ id }) => id), [join(server.config.root, 'src/text.js')])
  await assert.rejects(call('vite-tool:get-lengths', 'nowhere'), /Vite has no environment "nowhere": it has client, ssr/)
})

check('the tool invokes functions of other plugins, and tells pages over HMR', async () => {
  const server = await startVite({ tools: [{ command: tool }], plugins: [neighbour] })
  const page = await openPage(server)
  const call = await callsOf(page)
  const swapped = await page.evaluate(async () => [...await rpc.call('vite-tool:invoke', 'neighbour:swap', [new Map([['a', 1n]])])].map(String))
  assert.deepEqual(swapped, ['1,a'])
  await assert.rejects(call('vite-tool:invoke', 'neighbour:fail', []), /the neighbour fails/)
  await assert.rejects(call('vite-tool:invoke', 'neighbour:nothing', []), /no plugin of this Vite project has registered the function "neighbour:nothing"/)
  await call('vite-tool:send', 'hello')
  await page.waitForFunction(() => messages.includes('hello'))
})

check('each page is a session: the caller is asked, others are told, and all are told', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const pages = [await openPage(server), await openPage(server)]
  for (const [index, page] of pages.entries()) {
    await callsOf(page)
    await page.evaluate((index) => {
      globalThis.told = []
      rpc.client.register({ name: 'vite-tool:told', type: 'event', handler: text => void told.push(text) })
      rpc.client.register({ name: 'vite-tool:confirm', type: 'action', handler: question => `page ${index}: ${question}` })
    }, index)
  }
  const answers = await Promise.all(pages.map(page => page.evaluate(() => rpc.call('vite-tool:ask', 'sure?'))))
  assert.deepEqual(answers, ['page 0: sure?', 'page 1: sure?'])
  const told = () => Promise.all(pages.map(page => page.evaluate(() => told)))
  await pages[0].evaluate(() => rpc.call('vite-tool:tell', 'all'))
  await eventually(async () => JSON.stringify(await told()) === '[["all"],["all"]]')
  await pages[0].evaluate(() => rpc.call('vite-tool:tell-others', 'others'))
  await eventually(async () => (await told())[1].includes('others'))
  assert.deepEqual(await told(), [['all'], ['all', 'others']])
})

check('a page that leaves ends its calls and its streams', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const [leaving, staying] = [await openPage(server), await openPage(server)]
  await callsOf(leaving)
  const call = await callsOf(staying)
  await leaving.evaluate(async () => {
    rpc.call('vite-tool:hang').catch(() => {})
    globalThis.reader = rpc.streaming.subscribe('vite-tool:numbers', await rpc.call('vite-tool:count', 0))
    await reader[Symbol.asyncIterator]().next()
  })
  await eventually(async () => await call('vite-tool:hanging') === 1)
  await leaving.close()
  await eventually(async () => await call('vite-tool:hanging') === 0)
  await staying.evaluate(async () => globalThis.cancelled = await rpc.sharedState.get('vite-tool:cancelled'))
  await eventually(() => staying.evaluate(() => cancelled.value() === 1))
})

check('shared state goes both ways, as values and as patches', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const pages = [await openPage(server), await openPage(server)]
  for (const page of pages) {
    await callsOf(page)
    await page.evaluate(async () => globalThis.list = await rpc.sharedState.get('vite-tool:list'))
  }
  assert.deepEqual(await pages[0].evaluate(() => list.value()), ['first'])
  await pages[0].evaluate(() => list.mutate(list => void list.push('second')))
  await pages[1].waitForFunction(() => JSON.stringify(list.value()) === '["first","second"]')
  await pages[1].evaluate(() => list.mutate(list => void list.push('third')))
  await pages[0].waitForFunction(() => list.value().length === 3)
})

check('streams arrive and are cancelled, and uploads reach the tool', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  await callsOf(page)
  const numbers = await page.evaluate(async () => {
    globalThis.cancelled = await rpc.sharedState.get('vite-tool:cancelled')
    const reader = rpc.streaming.subscribe('vite-tool:numbers', await rpc.call('vite-tool:count', 10))
    const numbers = []
    for await (const number of reader) {
      numbers.push(number)
      if (numbers.length === 20)
        break
    }
    return numbers
  })
  assert.deepEqual(numbers, Array.from({ length: 20 }, (_, index) => index + 10))
  await page.waitForFunction(() => cancelled.value() === 1)
  await page.evaluate(async () => {
    globalThis.sum = await rpc.sharedState.get('vite-tool:sum')
    const upload = rpc.streaming.upload('vite-tool:numbers', await rpc.call('vite-tool:upload'))
    for (const number of [1, 2, 3])
      upload.write(number)
    upload.close()
  })
  await page.waitForFunction(() => sum.value().total === 6)
})

check('what changes on disk reaches the tool and from there the page, and hot updates go on', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  await callsOf(page)
  await page.evaluate(async () => globalThis.seen = await rpc.sharedState.get('vite-tool:seen'))
  const file = join(server.config.root, 'src/text.js')
  await writeFile(file, (await readFile(file, 'utf8')).replace('the project', 'changed'))
  await page.waitForFunction(file => seen.value().files.some(({ event, path }) => event === 'change' && path === file), file)
  await page.waitForFunction(file => seen.value().updates.some(update => update.environment === 'client' && update.type === 'update' && update.modules.includes(file)), file)
  await page.waitForFunction(() => document.querySelector('#app').textContent === 'changed')
  const added = join(server.config.root, 'src/added.js')
  await appendFile(added, '')
  await page.waitForFunction(file => seen.value().files.some(({ event, path }) => event === 'add' && path === file), added)
})

check('the dock is in the interface, and its panel opens on the origin of Vite', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  const call = await callsOf(page)
  const docks = () => page.evaluate(async () => (await rpc.sharedState.get('devframe:docks')).value())
  const [dock] = (await docks()).filter(({ id }) => id === 'vite-tool')
  assert.deepEqual([dock.title, dock.type, dock.url], ['Vite tool', 'iframe', '/__vite-tool/'])
  const panel = await fetch(`${originOf(server)}/__vite-tool/`)
  assert.equal(panel.status, 200)
  assert.match(await panel.text(), /the panel of the tool/)
  const meta = await fetch(`${originOf(server)}/__vite-tool/__connection.json`)
  assert.equal(meta.url, `${originOf(server)}/__devtools/__connection.json`)
  assert.equal(await page.evaluate(() => rpc.call('hub:commands:execute', 'vite-tool:greet')), 'hello')

  await call('vite-tool:grow')
  await eventually(async () => (await docks()).some(({ id }) => id === 'vite-tool:late'))
  assert.equal(await eventually(() => call('vite-tool:late').catch(() => false)), 'late')

  const ui = await page.context().newPage()
  await ui.goto(`${originOf(server)}/__devtools/`)
  await ui.getByRole('button', { name: 'Vite tool' }).first().click()
  await ui.frameLocator('iframe').getByText('2 squared is 4').waitFor()
})

check('states, channels and views that the tool creates later are its own, whatever their scope', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const [early, page] = [await openPage(server), await openPage(server)]
  const call = await callsOf(page)
  // This page asks before the states exist, so Vite takes the one whose scope it does not know for its own.
  await early.evaluate(async () => {
    globalThis.foreign = await rpc.sharedState.get('another-scope:late', { initialValue: 'of the page' })
    globalThis.ours = await rpc.sharedState.get('vite-tool:late', { initialValue: 'of the page' })
  })
  await call('vite-tool:grow')
  for (const key of ['another-scope:late', 'vite-tool:late']) {
    await eventually(() => page.evaluate(async key => (await rpc.sharedState.get(key)).value() === `the state ${key}`, key))
    await early.waitForFunction(key => [foreign, ours].some(state => state.value() === `the state ${key}`), key)
  }
  await early.evaluate(() => foreign.mutate(() => 'changed'))
  await page.waitForFunction(async () => (await rpc.sharedState.get('another-scope:late')).value() === 'changed')
  const word = await page.evaluate(async () => {
    for await (const word of rpc.streaming.subscribe('another-scope:words', 'words'))
      return word
  })
  assert.equal(word, 'hello')
  assert.match(await (await fetch(`${originOf(server)}/__vite-tool-late/`)).text(), /the panel of the tool/)
})

check('a view that is described in JSON is drawn by the interface, and follows its state', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  const call = await callsOf(page)
  const ui = await page.context().newPage()
  ui.setDefaultTimeout(30_000)
  await ui.goto(`${originOf(server)}/__devtools/`)
  await ui.getByRole('button', { name: 'JSON view' }).first().click()
  await ui.getByText('before', { exact: true }).waitFor()
  await call('vite-tool:change-view', 'after')
  await ui.getByText('after', { exact: true }).waitFor()
})

check('a view that a script of the tool draws is drawn by the interface', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  await callsOf(page)
  const ui = await page.context().newPage()
  ui.setDefaultTimeout(30_000)
  await ui.goto(`${originOf(server)}/__devtools/`)
  await ui.getByRole('button', { name: 'Drawn view' }).first().click()
  await ui.getByText('drawn by the tool').waitFor()
})

check('a stranger calls nothing and is told nothing', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const friend = await openPage(server)
  const call = await callsOf(friend)
  const stranger = await openPage(server, { isStranger: true })
  await stranger.evaluate(() => {
    globalThis.told = []
    rpc.client.register({ name: 'vite-tool:told', type: 'event', handler: text => void told.push(text) })
  })
  const refused = await stranger.evaluate(() => Promise.race([rpc.call('vite-tool:add', 1, 2).catch(error => error.message), new Promise(resolve => setTimeout(resolve, 2000, 'no answer'))]))
  assert.match(String(refused), /not authorized|no answer|unauthorized/i)
  await friend.evaluate(() => {
    globalThis.told = []
    rpc.client.register({ name: 'vite-tool:told', type: 'event', handler: text => void told.push(text) })
  })
  await call('vite-tool:tell', 'secret')
  await friend.waitForFunction(() => told.includes('secret'))
  await friend.waitForTimeout(500)
  assert.deepEqual(await stranger.evaluate(() => told), [])
})

await run({ describe, afterEach: closeAll })
