/** Describes how two values differ. */

const MOST = 8

/** Returns a line for each member that differs, at most some. */
export function changes(before, after) {
  const lines = []
  compare(before, after, '')
  return lines.length > MOST ? [...lines.slice(0, MOST), `and ${lines.length - MOST} more`] : lines

  function compare(from, to, path) {
    if (Object.is(from, to) || lines.length > 100)
      return
    if (!isPlain(from) || !isPlain(to) || Array.isArray(from) !== Array.isArray(to)) {
      lines.push(`${path || 'the value'}: ${short(from)} → ${short(to)}`)
      return
    }
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
      const place = Array.isArray(to) ? `${path}[${key}]` : path ? `${path}.${key}` : key
      if (!(key in from))
        lines.push(`${place} added: ${short(to[key])}`)
      else if (!(key in to))
        lines.push(`${place} removed`)
      else
        compare(from[key], to[key], place)
    }
  }
}

const isPlain = value => Array.isArray(value) || typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

function short(value) {
  const text = typeof value === 'bigint' ? `${value}n` : isPlain(value) || typeof value === 'string' ? JSON.stringify(value, (_, it) => typeof it === 'bigint' ? `${it}n` : it) : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
