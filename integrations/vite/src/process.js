/** The process of a tool: it is started, says where it listens, and is ended. */

import { spawn } from 'node:child_process'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const LISTENING = /^listening on (https?:\/\/\S+)/

/** The longest line that is logged, in characters. What follows is a line of its own. */
const LINE = 8192

/** How many of the last lines an error of a start quotes. */
const QUOTED = 5

/** The time in milliseconds that a process has to end, before it is told with more force. */
const GRACE = 2000

/**
 * @typedef {object} Child
 * @property {string} url the mount of the tool's functions
 * @property {Promise<string>} ended resolves with a description of the end
 * @property {() => Promise<void>} end ends the process, and waits for that
 */

/**
 * Starts a tool, and waits until it listens.
 *
 * @param {{ command: string, args: string[], cwd: string, env: Record<string, string | undefined>, startTimeout: number }} options
 * @param {(line: string) => void} log gets the lines that the tool prints
 * @param {AbortSignal} signal ends the process while it starts
 * @returns {Promise<Child>} rejects if it cannot be started, ends at once, or does not listen in time
 */
export async function startProcess({ command, args, cwd, env, startTimeout }, log, signal) {
  const child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true })
  child.stdin.on('error', () => {}) // the process may end before its input does
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill) // the process may not look at its standard input
  const ended = new Promise((resolve) => {
    child.once('error', error => resolve(describeFailure(error, command, cwd)))
    child.once('close', (code, sent) => resolve(sent ? `it was ended by ${sent}` : `it ended with status ${code}`))
  })
  ended.then(() => process.removeListener('exit', kill))

  const last = []
  const keep = (line) => {
    last.push(line)
    last.splice(0, last.length - QUOTED)
    log(line)
  }
  const listening = new Promise((resolve) => {
    onLines(child.stdout, (line) => {
      const [, url] = LISTENING.exec(line) ?? []
      if (url)
        resolve({ url })
      else
        keep(line)
    })
  })
  onLines(child.stderr, keep)

  const end = async () => {
    child.stdin.end()
    for (const force of ['SIGTERM', 'SIGKILL']) {
      if (await Promise.race([ended, sleep(GRACE, undefined, { ref: false })]) !== undefined)
        return
      child.kill(force)
    }
    await ended
  }
  const quote = () => last.length ? `; it printed: ${last.join(' | ')}` : ''
  const late = sleep(startTimeout, { problem: `it did not print \`listening on URL\` within ${startTimeout} ms: look at the options \`args\` and \`startTimeout\`` }, { ref: false })
  const aborted = new Promise((resolve) => {
    const stop = () => resolve({ problem: 'it was ended' })
    signal.aborted ? stop() : signal.addEventListener('abort', stop, { once: true })
  })
  const first = await Promise.race([listening, ended.then(problem => ({ problem })), late, aborted])
  if (first.url)
    return { url: first.url, ended, end }
  await end()
  throw new Error(`${first.problem}${quote()}`)
}

/** Calls `take` with each line of a stream. A long line is cut. */
export function onLines(stream, take) {
  let rest = ''
  const takePieces = (line) => {
    do {
      take(line.slice(0, LINE))
      line = line.slice(LINE)
    } while (line !== '')
  }
  stream.setEncoding('utf8')
  stream.on('data', (text) => {
    const lines = (rest + text).split(/\r?\n/)
    rest = lines.pop() ?? ''
    lines.forEach(takePieces)
    for (; rest.length > LINE; rest = rest.slice(LINE))
      take(rest.slice(0, LINE))
  })
  stream.on('end', () => rest && take(rest))
}

/** Says why a program could not be started. */
export function describeFailure(error, command, cwd) {
  switch (error.code) {
    case 'ENOENT': return `there is no program \`${command}\` (or no folder ${cwd}): look at the options \`command\` and \`cwd\``
    case 'EACCES': return `the program \`${command}\` cannot be executed: look at its permissions, or set the option \`command\``
    default: return `the program \`${command}\` could not be started: ${error.message}`
  }
}
