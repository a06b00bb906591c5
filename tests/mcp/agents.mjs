/** Clients of agents, and the tool that they call. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'

const ended = []
const me = { name: 'tests', version: '0.0.0' }

/** Ends everything that was started. */
export async function endAll() {
  await Promise.allSettled(ended.splice(0).map(end => end()))
}

/** Starts `dev` of a tool and gives the address of its functions. `--auth none` lets everybody in. */
export async function serve(tool, options = [], env = {}) {
  const child = spawn(tool, ['dev', '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let errors = ''
  child.stderr.on('data', text => errors += text)
  const left = new Promise(resolve => child.once('exit', resolve))
  ended.push(async () => {
    child.kill('SIGTERM')
    await left
  })
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('listening on '))
      return { url: line.slice('listening on '.length), end: () => (child.kill('SIGTERM'), left), errors: () => errors }
  }
  throw new Error(`the tool does not listen: ${errors}`)
}

function kept(client) {
  ended.push(() => client.close())
  return client
}

const bearer = token => (token ? { headers: { authorization: `Bearer ${token}` } } : {})

/** Connects the client of the older SDK. */
export async function connectHttp(url, token) {
  const client = kept(new Client(me))
  await client.connect(new StreamableHTTPClientTransport(new URL('__mcp', url), { requestInit: bearer(token) }))
  return client
}

/** Starts a tool as an agent with the older SDK does. */
export async function connectStdio(tool, env, options = []) {
  const client = kept(new Client(me))
  const transport = new StdioClientTransport({ command: tool, args: ['mcp', ...options], env, stderr: 'pipe' })
  let errors = ''
  transport.stderr.on('data', text => errors += text)
  await client.connect(transport)
  return Object.assign(client, { errors: () => errors, toolsChanged: ToolListChangedNotificationSchema })
}

/** Connects the client of the newer SDK: `mode` is `legacy` with a handshake, or `auto` with a version in each request. */
export async function connectModernHttp(url, mode, token) {
  const client = kept(new ModernClient(me, { versionNegotiation: { mode } }))
  await client.connect(new ModernHttp(new URL('__mcp', url), { requestInit: bearer(token) }))
  return client
}

/** Starts a tool as an agent with the newer SDK does. */
export async function connectModernStdio(tool, mode) {
  const client = kept(new ModernClient(me, { versionNegotiation: { mode } }))
  await client.connect(new ModernStdio({ command: tool, args: ['mcp'], stderr: 'inherit' }))
  return client
}
