/** The options of the plugin. */

import { basename, extname } from 'node:path'

const START_TIMEOUT = 60_000
const BUILD_TIMEOUT = 600_000

/** The longest time that a timer of Node can wait, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Checks the options, and fills the defaults in. Throws for options that cannot be meant. */
export function readOptions(options) {
  const { command, args = ['dev'], buildArgs = ['build'], cwd, env = {}, url, token, name, startTimeout = START_TIMEOUT, buildTimeout = BUILD_TIMEOUT, ...unknown } = options ?? {}
  const [stray] = Object.keys(unknown)
  if (stray)
    throw wrong(`there is no option \`${stray}\``)
  if ((command === undefined) === (url === undefined))
    throw wrong('set `command`, to start a program, or `url`, to join one that runs already')
  for (const [key, text] of Object.entries({ command, cwd, url, token, name })) {
    if (text !== undefined && (typeof text !== 'string' || text.trim() === ''))
      throw wrong(`the option \`${key}\` is not a text, or is empty`)
  }
  if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    throw wrong(`the option \`url\` is not an address that begins with \`http://\` or \`https://\`: ${url}`)
  if (token !== undefined && url === undefined)
    throw wrong('the option `token` belongs to `url`: a program that is started gets a token of its own')
  for (const [key, list] of Object.entries({ args, buildArgs })) {
    if (!Array.isArray(list) || list.some(argument => typeof argument !== 'string'))
      throw wrong(`the option \`${key}\` is not a list of texts`)
  }
  if (typeof env !== 'object' || env === null || Object.values(env).some(value => value !== undefined && typeof value !== 'string'))
    throw wrong('the option `env` is not an object of texts')
  for (const [key, time] of Object.entries({ startTimeout, buildTimeout })) {
    if (!(time > 0 && time <= LONGEST_TIMER))
      throw wrong(`the option \`${key}\` is not a number of milliseconds above 0`)
  }
  return {
    command,
    args,
    buildArgs,
    cwd,
    env,
    url: url?.endsWith('/') === false ? `${url}/` : url,
    token,
    startTimeout,
    buildTimeout,
    name: name ?? (command === undefined ? new URL(url).host : basename(command, extname(command))),
  }
}

function wrong(problem) {
  return new TypeError(`vite-plugin-devtools-runtime: ${problem}`)
}
