/** Shows the content of the frames of one row. It is fetched on demand. */

import { decodeFrame } from '../client/frames.js'
import { asRpcError } from '../client.js'
import { button, facts, fill, h } from './dom.js'
import { bytes, clock, duration, encodingName, sessionName } from './format.js'
import { tree } from './tree.js'

/**
 * @param {import('./traffic-log.js').Row} row
 * @param {import('./source.js').Source} source
 * @param {{ date: (at: number) => Date }} feed
 * @param {() => void} close
 */
export function frameDetail(row, source, feed, close) {
  const sent = row.incoming ? 'client to server' : 'server to client'
  return [
    h('div.bar.title', {}, h('h3.grow', {}, row.name), button('Close', close, { class: 'plain' })),
    facts([
      ['Direction', row.isBroadcast ? `${sent}, a broadcast` : sent],
      ['Session', sessionName(row.session)],
      ['Time', clock(feed.date(row.at))],
      ['Duration', row.kind === 'call' ? row.reply ? duration(row.duration) : row.isUnsure ? 'not known: frames came too fast to record all of them' : 'still running' : undefined],
      ['Outcome', row.kind === 'call' && row.reply && (row.failed ? 'failed' : 'succeeded')],
    ]),
    frame(row.kind === 'reply' ? 'Reply' : 'Arguments', row.frame, source),
    row.reply && frame(row.failed ? 'Error' : 'Result', row.reply, source),
  ]
}

function frame(title, info, source) {
  const body = h('div', {}, h('p.quiet', {}, 'Loading…'))
  load(body, info, source).catch(error => fill(body, h('p.problem', {}, error.message)))
  return h('section', {}, h('h4', {}, title, h('span.quiet', {}, ` ${bytes(info.bytes)} · ${encodingName(info.encoding)}`)), body)
}

async function load(body, info, source) {
  const text = await source.ask('frame', info.number)
  if (text === null)
    return fill(body, h('p.quiet', {}, 'The server does not hold this frame any more, because newer ones have taken its place.'))
  const raw = h('details', {}, h('summary.quiet', {}, 'Frame as sent'), h('pre', {}, text))
  try {
    const envelope = decodeFrame(text)
    fill(body, content(envelope), raw)
  }
  catch (error) {
    raw.open = true
    fill(body, h('p.problem', {}, error.message), raw)
  }
}

function content(envelope) {
  if (envelope.t === 'q')
    return tree(envelope.a ?? [])
  if (envelope.e === undefined)
    return tree(envelope.r)
  const { code, data, message } = asRpcError(envelope.e)
  return [h('p.message', {}, message), code && h('p', {}, 'code ', h('code', {}, code)), data !== undefined && tree(data)]
}
