/** A WebSocket for text messages. Node 20 has none of its own. */

import { Buffer } from 'node:buffer'
import { createHash, randomBytes, randomFillSync } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11' // RFC 6455, section 1.3
const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10
const NORMAL = 1000
const PROTOCOL_ERROR = 1002
const TOO_LARGE = 1009

/** The largest message that is read, in bytes. A larger one closes the socket. */
const MESSAGE_BYTES = 128 * 1024 * 1024

/** The most bytes that wait for a peer which does not read. What is sent beyond that fails. */
const QUEUED_BYTES = 128 * 1024 * 1024

/** The time in milliseconds for a closing handshake. */
const CLOSE_LIMIT = 1000

/**
 * Opens a WebSocket.
 *
 * @param {string} address begins with `ws:` or `wss:`
 * @param {number} limit the time in milliseconds until the peer has answered
 * @returns {Promise<Socket>} rejects if there is no WebSocket at the address
 */
export function openSocket(address, limit) {
  const url = new URL(address.replace(/^ws/, 'http'))
  const key = randomBytes(16).toString('base64')
  const accept = createHash('sha1').update(key + GUID).digest('base64')
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      agent: false,
      headers: { 'connection': 'Upgrade', 'upgrade': 'websocket', 'sec-websocket-key': key, 'sec-websocket-version': '13' },
    })
    request.setTimeout(limit, () => request.destroy(new Error(`no answer within ${limit} ms`)))
    request.once('error', reject)
    request.once('response', (response) => {
      response.resume()
      reject(new Error(`the status ${response.statusCode} in place of a WebSocket`))
    })
    request.once('upgrade', (response, stream, head) => {
      if (response.headers['sec-websocket-accept'] !== accept) {
        stream.destroy()
        reject(new Error('a broken handshake'))
        return
      }
      stream.setTimeout(0)
      stream.setNoDelay(true)
      resolve(new Socket(stream, head))
    })
    request.end()
  })
}

/** An open WebSocket. `onMessage` and `onClose` are set by its owner, in the turn in which it was opened. */
class Socket {
  /** @type {(text: string) => void} */
  onMessage = () => {}
  /** @type {(reason: string) => void} */
  onClose = () => {}
  #stream
  #chunks = /** @type {Buffer[]} */ ([])
  #size = 0
  #wanted = 2 // the number of bytes that the next step needs
  #parts = /** @type {Buffer[]} */ ([]) // of a message in several frames
  #partBytes = 0
  #reason = 'the connection was lost'
  #isClosing = false

  constructor(stream, head) {
    this.#stream = stream
    stream.on('error', error => this.#reason = `${this.#reason} (${error.message})`)
    stream.on('end', () => stream.end())
    stream.once('close', () => this.onClose(this.#reason))
    if (head.length)
      stream.unshift(head)
    setImmediate(() => stream.on('data', chunk => this.#receive(chunk))) // its owner listens by then
  }

  get isOpen() {
    return !this.#isClosing && this.#stream.writable
  }

  /** Sends a text. Throws if the peer does not read what was sent before. */
  send(text) {
    if (this.#stream.writableLength > QUEUED_BYTES)
      throw new Error('the connection is congested: the program does not read')
    if (this.isOpen)
      this.#write(TEXT, Buffer.from(text))
  }

  /** Closes the socket. `reason` is what `onClose` is told, if the peer gives none. */
  close(reason = this.#reason, code = NORMAL) {
    if (!this.isOpen)
      return
    this.#reason = reason
    const payload = Buffer.alloc(2)
    payload.writeUInt16BE(code)
    this.#write(CLOSE, payload)
    this.#isClosing = true
    setTimeout(() => this.#stream.destroy(), CLOSE_LIMIT).unref()
  }

  #fail(code, reason) {
    this.close(reason, code)
    this.#stream.destroy()
  }

  #receive(chunk) {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    while (this.#size >= this.#wanted && !this.#stream.destroyed) {
      const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
      const { end, ...frame } = readFrame(bytes)
      if (end > MESSAGE_BYTES)
        return this.#fail(TOO_LARGE, `a message has more than ${MESSAGE_BYTES} bytes`)
      const isWhole = frame.payload !== undefined
      const rest = isWhole ? bytes.subarray(end) : bytes
      this.#chunks = [rest]
      this.#size = rest.length
      this.#wanted = isWhole ? 2 : end
      if (isWhole)
        this.#handle(frame)
    }
  }

  #handle({ isMasked, isLast, opcode, payload }) {
    if (isMasked)
      return this.#fail(PROTOCOL_ERROR, 'a masked frame')
    if (opcode === PING)
      return this.isOpen && this.#write(PONG, payload)
    if (opcode === CLOSE) {
      if (payload.length > 2)
        this.#reason = payload.toString('utf8', 2)
      this.close()
      this.#stream.end()
      return
    }
    if (opcode >= CLOSE)
      return
    this.#parts.push(payload)
    this.#partBytes += payload.length
    if (this.#partBytes > MESSAGE_BYTES)
      return this.#fail(TOO_LARGE, `a message has more than ${MESSAGE_BYTES} bytes`)
    if (!isLast)
      return
    const text = (this.#parts.length === 1 ? payload : Buffer.concat(this.#parts)).toString()
    this.#parts = []
    this.#partBytes = 0
    this.onMessage(text)
  }

  #write(opcode, payload) {
    const { length } = payload
    const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8
    const frame = Buffer.allocUnsafe(6 + extended + length)
    frame[0] = 0x80 | opcode
    frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127)
    if (extended === 2)
      frame.writeUInt16BE(length, 2)
    else if (extended === 8)
      frame.writeBigUInt64BE(BigInt(length), 2)
    const mask = 2 + extended
    randomFillSync(frame, mask, 4)
    const start = mask + 4
    for (let index = 0; index < length; index++)
      frame[start + index] = payload[index] ^ frame[mask + (index & 3)]
    this.#stream.write(frame)
  }
}

/** Reads the first frame. `end` is where it ends. It has no payload if there are fewer bytes than that. */
function readFrame(bytes) {
  const short = bytes[1] & 0x7F
  let start = 2
  let length = short
  if (short >= 126) {
    start += short === 126 ? 2 : 8
    if (bytes.length < start)
      return { end: start }
    length = short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  }
  const end = start + length
  if (bytes.length < end)
    return { end }
  return { end, isMasked: bytes[1] >= 0x80, isLast: bytes[0] >= 0x80, opcode: bytes[0] & 0x0F, payload: bytes.subarray(start, end) }
}
