/** The declarations that are served with the client say what the client has. */
import assert from 'node:assert/strict'
import ts from 'typescript-6'
import { check } from '../checks.mjs'
import * as panel from '../panel.mjs'
import { base, connect, script } from './setup.mjs'

async function declared() {
  const response = await fetch(new URL('client.d.ts', base))
  assert.equal(response.status, 200)
  return ts.createSourceFile('client.d.ts', await response.text(), ts.ScriptTarget.Latest)
}

const isExported = ({ modifiers }) => modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
const isValue = node => ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)
const names = nodes => nodes.map(({ name }) => name.text).sort()

check('the declarations have the exports of the client', async () => {
  const { statements } = await declared()
  // A function with several signatures has its name several times.
  const exported = new Set(names(statements.filter(node => isExported(node) && isValue(node))))
  assert.deepEqual([...exported], Object.keys(script).sort())
})

check('the declarations have the members of a client', async () => {
  const { statements } = await declared()
  const membersOf = name => names(statements.find(node => ts.isInterfaceDeclaration(node) && node.name.text === name).members)
  const rpc = await connect()
  assert.deepEqual(membersOf('Client'), Object.keys(rpc).sort())
  assert.deepEqual(membersOf('Streaming'), Object.keys(rpc.streaming).sort())
  assert.deepEqual(membersOf('SharedState'), Object.keys(await rpc.sharedState('declarations:state', 1)).sort())
  assert.deepEqual(membersOf('Upload'), Object.keys(rpc.streaming.upload('declarations', 'none')).sort())
  const reader = rpc.streaming.subscribe('declarations', 'none')
  assert.deepEqual(membersOf('StreamReader'), Object.keys(reader).sort())
  reader.cancel()
})

check('the declarations have the options of the client', async () => {
  const { statements } = await declared()
  const options = statements.find(node => ts.isInterfaceDeclaration(node) && node.name.text === 'Options')
  const read = new Set()
  const asked = new Proxy({ base, authToken: 'none', requestCode: false }, { get: (target, name) => (read.add(name), target[name]) })
  const rpc = await panel.connect(asked)
  rpc.close()
  // With a base, it does not matter whether a connection is inherited.
  assert.deepEqual(names(options.members), [...read, 'inherit'].sort())
})
