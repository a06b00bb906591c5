/** Numbers, sizes and times as text. */

const number = new Intl.NumberFormat('en')

export const count = value => number.format(value)

export function bytes(value) {
  if (value < 1000)
    return `${value} B`
  const units = ['kB', 'MB', 'GB']
  let size = value / 1000
  let unit = 0
  for (; size >= 1000 && unit < units.length - 1; unit++)
    size /= 1000
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`
}

export function duration(ms) {
  if (ms < 1)
    return `${Math.max(ms, 0).toFixed(2)} ms`
  if (ms < 1000)
    return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

/** The time of day with milliseconds. */
export function clock(date) {
  const two = value => String(value).padStart(2, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

export const plural = (amount, noun) => `${count(amount)} ${noun}${amount === 1 ? '' : 's'}`

/** The names of the encodings as people know them. */
export const encodingName = encoding => encoding === 'json' ? 'JSON' : 'structured clone'

/**
 * The name of a session in the traffic. Calls by plain HTTP have the number 0.
 *
 * @param {number} session
 */
export function sessionName(session) {
  return session === 0 ? 'HTTP' : String(session)
}
