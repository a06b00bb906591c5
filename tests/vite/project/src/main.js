import { getDevToolsRpcClient } from '@vitejs/devtools-kit/client'
import { text } from './text.js'

document.querySelector('#app').textContent = text
globalThis.messages = []
import.meta.hot?.on('vite-tool:message', data => globalThis.messages.push(data))
globalThis.getDevToolsRpcClient = getDevToolsRpcClient
globalThis.rpc = await getDevToolsRpcClient({ baseURL: '/__devtools/' })
globalThis.isReady = true
